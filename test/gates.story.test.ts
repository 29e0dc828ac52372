// Figures of a save that do not depend on the machine: WAL, growth, statements, deadlocks and mixed snapshots.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kinds } from '../src/catalog/item.ts';
import { changePrices, dropProducts } from '../src/connectors/qu/fake-catalog.ts';
import { storePayload } from '../src/records/payloads/store-payload.ts';
import { getRun } from '../src/records/runs/read-runs.ts';
import type { Deps } from '../src/sync/deps.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { setConfig } from '../src/sync/set-config.ts';
import { openAgain } from './support/database.ts';
import { depsOver } from './support/deps-over.ts';
import { superuserOf } from './support/superuser.ts';
import { openWatch, type Watched, type Way } from './support/watched-source.ts';

const modes = ['row', 'source'] as const satisfies readonly Deps['lastSynced'][];

let open: Awaited<ReturnType<typeof openWatch>>;
let openSmall: typeof open;
const opened: Watched[] = [];
beforeAll(async () => {
  open = await openWatch({ repeated: 0 });
  openSmall = await openWatch({ products: 30, modifiers: 40, discounts: 5 });
});
afterAll(() => Promise.all(opened.map(({ pos }) => pos.stop())));

async function fresh(make: typeof open): Promise<Watched> {
  const source = await make();
  opened.push(source);
  return source;
}

/** Bytes of WAL by table (its indexes with it) that `work` wrote, in this database alone; 'commit' = the ends of its transactions. */
async function walOf(deps: Watched['deps'], work: () => Promise<unknown>): Promise<Map<string, number>> {
  const [before] = await superuserOf<{ at: string }>(deps.url, 'select pg_current_wal_insert_lsn()::text as at');
  await work();
  // A commit that waits for its own flush has everything before it flushed: only that can be read.
  await superuserOf(deps.url, 'create temporary table flushed ()');
  const rows = await superuserOf<{ name: string; bytes: number }>(
    deps.url,
    `with records as materialized (
       select xid::text::bigint as xid, record_length, resource_manager, record_type,
              (regexp_match(block_ref, 'rel \\d+/' || (select oid from pg_database where datname = current_database()) || '/(\\d+)'))[1]::oid as node
         from pg_get_wal_records_info($1::pg_lsn, pg_current_wal_flush_lsn())),
     named as (
       select r.xid, r.record_length, coalesce(t.relname, c.relname)::text as name
         from records r join pg_class c on pg_relation_filenode(c.oid) = r.node
              left join pg_index i on i.indexrelid = c.oid
              left join pg_class t on t.oid = coalesce(i.indrelid, (select o.oid from pg_class o where o.reltoastrelid = c.oid))
        where r.node is not null)
     select name, sum(record_length)::int as bytes from named where name like 'integration_%' group by name
     union all
     select 'commit', coalesce(sum(record_length), 0)::int from records
      where record_type like '%COMMIT%' and xid in (select xid from named where name = 'integration_sync_state')`,
    [before?.at],
  );
  return new Map(rows.map(({ name, bytes }) => [name, bytes]));
}

async function bytesOf(deps: Watched['deps'], statement: string): Promise<number> {
  const [row] = await superuserOf<{ bytes: string }>(deps.url, statement);
  return Number(row?.bytes);
}

const itemBytes = `select sum(pg_relation_size(t) + pg_indexes_size(t))::text as bytes
  from unnest('{integration_products, integration_modifiers, integration_discounts}'::regclass[]) as t`;
// Not the statistics, which ANALYZE writes whatever a sync does; not what all databases share.
const catalogBytes = `select sum(pg_relation_size(oid) + pg_indexes_size(oid))::text as bytes from pg_class
  where relnamespace = 'pg_catalog'::regnamespace and relkind = 'r' and not relisshared and relname !~ '^pg_statistic'`;

describe('an unchanged save of 1,120 items', () => {
  it('writes at most 1 KB of WAL beside its run’s history where one time stands for all rows, and nothing into the vault', async () => {
    const { deps, sync } = await fresh(open);
    const own = { lastSynced: 'source' as const };
    await superuserOf(deps.url, 'create extension if not exists pg_walinspect');
    const first = await walOf(deps, () => sync(own));
    expect(first.get('integration_products')).toBeGreaterThan(100_000);
    expect(first.get('integration_payload_chunks')).toBeGreaterThan(10_000);
    let least = Number.POSITIVE_INFINITY;
    let into: string[] = [];
    // A checkpoint, or a vacuum that comes between, makes whole pages part of a record: the least is the save's own.
    for (let turn = 0; turn < 7; turn++) {
      const wal = await walOf(deps, async () => {
        const { run, readKeys } = await sync(own);
        expect([run.items_synced, readKeys]).toEqual([1_120, false]);
      });
      // The rows that say of a run that it was: its history, its log, its config's counters, the pages it refers to, and,
      // since no schedule asked for it, who did.
      for (const name of ['sync_history', 'sync_log', 'source_configs', 'run_payloads', 'audit_log']) {
        expect(wal.delete(`integration_${name}`)).toBe(true);
      }
      const bytes = [...wal.values()].reduce((sum, part) => sum + part, 0);
      if (bytes >= least) continue;
      least = bytes;
      into = [...wal.keys()].sort();
    }
    expect(into).toEqual(['commit', 'integration_sync_state']);
    expect(least).toBeLessThanOrEqual(1_024);
    expect(least).toBeGreaterThan(50);
  });
});

describe('growth', () => {
  it('of the system catalogs is nothing over a hundred syncs, unchanged, changed and merged', async () => {
    const { deps, pos, sync, save } = await fresh(openSmall);
    const round = async (turn: number) => {
      await sync({ lastSynced: modes[turn % 2] ?? 'row' });
      if (turn % 3 === 0) changePrices(pos.catalog, 3);
      if (turn % 10 === 0) await save({ formattedData: { discounts: [{ id: 'merged', name: `turn ${turn}` }] } });
    };
    for (let turn = 0; turn < 3; turn++) await round(turn);
    const before = await bytesOf(deps, catalogBytes);
    for (let turn = 0; turn < 100; turn++) await round(turn);
    expect(await bytesOf(deps, catalogBytes)).toBe(before);
  });

  it('of the item tables is nothing in ten runs that are held', async () => {
    const { deps, pos, configId, sync } = await fresh(open);
    await sync();
    await setConfig(deps, { configId, guard: { enabled: true } });
    const before = await bytesOf(deps, itemBytes);
    dropProducts(pos.catalog, 200);
    changePrices(pos.catalog, 150);
    for (let run = 0; run < 10; run++) {
      const held = await sync({ planMemoryChanges: run % 2 === 0 ? 50_000 : 2 });
      expect(held.run.status).toBe('held');
    }
    expect(await bytesOf(deps, itemBytes)).toBe(before);
    await setConfig(deps, { configId, guard: { enabled: false } });
    await sync();
    expect(await bytesOf(deps, itemBytes)).toBeGreaterThan(before);
  });
});

/** Statements of the save transaction, from the source's lock on, without what reads the payload beside it. */
function saveStatements({ statements }: Way): number {
  const from = statements.findIndex((text) => text.includes(`pg_advisory_xact_lock(hashtextextended('tillsync source`));
  const to = statements.indexOf('commit', from);
  return statements.slice(from, to + 1).filter((text) => !/^select (chunks|bytes) from integration_payload/.test(text))
    .length;
}

describe('the number of statements', () => {
  for (const [lastSynced, expected] of [
    // One of the whole sync is the audit log's, of who asked; a scheduled one has none.
    ['row', { first: [11, 44], unchanged: [8, 34], compared: [11, 39], changed: [14, 47] }],
    ['source', { first: [11, 44], unchanged: [5, 31], compared: [8, 36], changed: [11, 44] }],
  ] as const) {
    it(`of a save, and of the whole sync around it, is exactly known (${lastSynced})`, async () => {
      const { pos, sync } = await fresh(open);
      const own = { lastSynced };
      const counted: Record<string, number[]> = {};
      const note = (what: string, way: Way) => {
        counted[what] = [saveStatements(way), way.statements.length];
      };
      note('first', await sync(own));
      note('unchanged', await sync(own));
      note('compared', await sync(own, { compareAll: true }));
      changePrices(pos.catalog, 1);
      note('changed', await sync(own));
      expect(counted).toEqual(expected);
    });
  }

  it('does not grow with the source while nothing changes', async () => {
    const ways: number[][] = [];
    for (const make of [open, openSmall]) {
      const { sync } = await fresh(make);
      const found: number[] = [];
      for (let turn = 0; turn < 3; turn++) found.push((await sync({}, { compareAll: turn === 2 })).statements.length);
      ways.push(found);
    }
    // The small one lists keys that came twice.
    expect(ways[0]).toEqual(ways[1]?.map((count) => count - 1));
  });
});

describe('two saves of one source at once, in opposite order', () => {
  for (const lastSynced of modes) {
    it(`meet no deadlock and leave no mix of the two (${lastSynced})`, async () => {
      const { deps, configId, sourceId } = await fresh(await openWatch({}));
      // The engine allows one active run per source; without its index two of them save at once, each with its own pool.
      await deps.database.query('drop index integration_sync_history_one_active_per_source');
      const locks: string[] = [];
      const processes = await Promise.all(
        ['one', 'two'].map(async (worker) => {
          const onStatement = (text: string) => {
            if (text.includes(`pg_advisory_xact_lock(hashtextextended('tillsync source`)) locks.push(worker);
          };
          return { ...(await depsOver(await openAgain(deps.url, { onStatement }))), worker, lastSynced };
        }),
      );
      const outcomes = new Map<string, number>();
      for (let round = 0; round < 15; round++) {
        const ended = await Promise.all(
          processes.map((own, at) =>
            saveAs(own, { configId, sourceId, body: bodyOf(`${round} ${own.worker}`, at === 1) }),
          ),
        );
        for (const run of ended)
          outcomes.set(run.error?.code ?? run.status, (outcomes.get(run.error?.code ?? run.status) ?? 0) + 1);
        const { rows } = await deps.database.query<{ name: string; rows: number }>(
          `select name, count(*)::int as rows from (${kinds
            .map((kind) => `select name from integration_${kind} where wand_source_id = $1 and removed_at is null`)
            .join(' union all ')}) as live group by name`,
          [sourceId],
        );
        const { rows: last } = await deps.database.query<{ id: string }>(
          'select last_run_id as id from integration_sync_state where wand_source_id = $1',
          [sourceId],
        );
        const winner = (await getRun(deps.database, last[0]?.id ?? ''))?.requested_by;
        expect([round, rows]).toEqual([round, [{ name: winner, rows: 120 }]]);
      }
      // A deadlock would have been tried again, under the lock again.
      expect(locks).toHaveLength(30);
      expect([...outcomes.keys()].filter((outcome) => outcome !== 'success' && outcome !== 'stale_fetch')).toEqual([]);
      expect(outcomes.get('success')).toBeGreaterThanOrEqual(15);
    });
  }
});

/** A whole catalog whose items all carry the name. */
function bodyOf(name: string, reversed: boolean): { name: string; text: string } {
  const items = Array.from({ length: 40 }, (_, n) => ({ id: `i${n}`, pathId: `p${n}`, name, price: n }));
  const list = reversed ? items.reverse() : items;
  return { name, text: JSON.stringify({ products: list, modifiers: list, discounts: list }) };
}

async function saveAs(own: Deps, of: { configId: string; sourceId: string; body: { name: string; text: string } }) {
  const { configId, sourceId, body } = of;
  const runId = randomUUID();
  await own.database.query(
    `insert into integration_sync_history (id, wand_source_id, source_name, source_config_id, status, trigger, requested_by,
       dry_run, mode, lease_expires_at)
     values ($1, $2, 'race', $3, 'queued', 'save', $4, false, 'full', now() + interval '60 seconds')`,
    [runId, sourceId, configId, body.name],
  );
  return await runSync(own, runId, {
    store: async () => {
      await storePayload(own.database, {
        sourceId,
        runId,
        page: 0,
        form: 'formatted',
        volatileFields: [],
        meta: {},
        body: (async function* () {
          yield Buffer.from(body.text);
        })(),
      });
      return true;
    },
  });
}
