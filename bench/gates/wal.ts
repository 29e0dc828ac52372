// How much WAL an unchanged save writes, and to which tables: history and vault are told apart from the save itself.
import { makeCatalog } from '../catalog.ts';
import type { Contender } from '../contender.ts';
import { walPosition } from '../measure/meter.ts';
import { median } from '../measure/statistics.ts';
import type { BenchDatabase, Cluster } from '../server/open-cluster.ts';
import type { Finding } from './gate.ts';
import { only, withSessions } from './open-seats.ts';

const saves = 21;

/** Bytes of WAL of an unchanged save of 1,120 items: the whole, without the run's own row, and into the vault. */
export async function walGate(cluster: Cluster, contender: Contender): Promise<Finding[]> {
  return await withSessions(cluster, { contender, sessions: 1 }, async (database, sessions) => {
    const session = only(sessions);
    const sync = { sourceId: await session.begin(), items: makeCatalog(1120) };
    await database.admin.query('create extension if not exists pg_walinspect');
    await session.prepare?.(sync);
    await session.save(sync);
    await database.admin.query('vacuum (analyze)');
    const shares: WalShares[] = [];
    for (let save = 0; save < saves; save++) {
      await session.prepare?.(sync);
      const from = await walPosition(database.admin);
      await session.save(sync);
      shares.push(await sharesSince(database, from, cluster.major));
    }
    const of = (share: keyof WalShares) => median(shares.map((found) => found[share]));
    const base = { contender: contender.id };
    if (cluster.major === 15) {
      return [
        {
          ...base,
          gate: 'wal',
          value: of('all'),
          said: 'bytes of WAL in an unchanged save, the end of the run row in it',
        },
      ];
    }
    const said = `bytes of WAL in an unchanged save (${of('rest')} of them commit and padding); its run row takes ${of('run')} more`;
    return [
      { ...base, gate: 'wal', value: of('all') - of('run'), said },
      {
        ...base,
        gate: 'vault wal',
        value: of('vault'),
        said: 'bytes of WAL into the payload vault in an unchanged save',
      },
    ];
  });
}

interface WalShares {
  all: number;
  /** Records on the run's row in history and on its config's counters. */
  run: number;
  /** Records on the payload vault. */
  vault: number;
  /** Records on no table: commits and the like. */
  rest: number;
}

async function sharesSince({ admin, name }: BenchDatabase, from: bigint, major: number): Promise<WalShares> {
  const to = await walPosition(admin);
  const all = Number(to - from);
  // Which tables a record is about can be asked from 16 on.
  if (major < 16) return { all, run: Number.NaN, vault: Number.NaN, rest: Number.NaN };
  const { rows } = await admin.query<{ run: string | null; vault: string | null; tables: string | null }>(
    `with records as (
       select b.start_lsn, max(b.record_length) as bytes,
              bool_or(coalesce(t.relname, c.relname) in ('integration_sync_history', 'integration_source_configs')) as run,
              bool_or(coalesce(t.relname, c.relname) in
                ('integration_payloads', 'integration_payload_chunks', 'integration_run_payloads')) as vault
         from pg_get_wal_block_info('0/0'::pg_lsn + $1::numeric, '0/0'::pg_lsn + $2::numeric) b
         left join pg_class c on pg_relation_filenode(c.oid) = b.relfilenode
         left join pg_index i on i.indexrelid = c.oid
         left join pg_class t on t.oid = i.indrelid
        where b.reldatabase = (select oid from pg_database where datname = $3)
        group by b.start_lsn)
     select sum(bytes) filter (where run)::text as run, sum(bytes) filter (where vault)::text as vault, sum(bytes)::text as tables
       from records`,
    [String(from), String(to), name],
  );
  const [row] = rows;
  const tables = Number(row?.tables ?? 0);
  return { all, run: Number(row?.run ?? 0), vault: Number(row?.vault ?? 0), rest: all - tables };
}
