// What grows: heap and indexes over resyncs, the system catalogs over syncs, the item tables over held runs.
import { kinds } from '../../src/catalog/item.ts';
import { changeOnePercent, makeCatalog } from '../catalog.ts';
import type { Contender } from '../contender.ts';
import type { BenchDatabase, Cluster } from '../server/open-cluster.ts';
import type { Finding } from './gate.ts';
import { only, saveOnce, withSessions } from './open-seats.ts';

const itemTables = kinds.map((kind) => `integration_${kind}`);

/** Heap and indexes of 30 sources after 20 resyncs with 1 % changed each, against those after the first syncs. */
export async function bloatGate(cluster: Cluster, contender: Contender, sources: number): Promise<Finding[]> {
  return await withSessions(cluster, { contender, sessions: 1 }, async (database, sessions) => {
    const session = only(sessions);
    const catalogs = Array.from({ length: sources }, (_none, seed) => makeCatalog(1120, seed + 1));
    const sourceIds: string[] = [];
    for (const items of catalogs) {
      const sourceId = await session.begin();
      await saveOnce(session, { sourceId, items });
      sourceIds.push(sourceId);
    }
    await database.admin.query(`vacuum (analyze) ${itemTables.join(', ')}`);
    const before = await itemBytes(database);
    for (let turn = 0; turn < 20; turn++) {
      for (const [index, sourceId] of sourceIds.entries()) {
        const items = changeOnePercent(catalogs[index] ?? [], turn);
        catalogs[index] = items;
        await saveOnce(session, { sourceId, items });
      }
    }
    const after = await itemBytes(database);
    const said = `x heap and indexes after 20 resyncs of ${sources} sources (${mb(before)} -> ${mb(after)} MB), no vacuum of ours`;
    return [{ gate: 'bloat', contender: contender.id, value: after / before, said }];
  });
}

/** Bytes that the system catalogs grow by in `syncs` unchanged syncs. */
export async function catalogGate(cluster: Cluster, contender: Contender, syncs: number): Promise<Finding[]> {
  return await withSessions(cluster, { contender, sessions: 1 }, async (database, sessions) => {
    const session = only(sessions);
    const sync = { sourceId: await session.begin(), items: makeCatalog(1120) };
    // The first ones load what every connection loads once.
    for (let i = 0; i < 3; i++) await saveOnce(session, sync);
    const before = await catalogBytes(database);
    for (let i = 0; i < syncs; i++) await saveOnce(session, sync);
    const value = (await catalogBytes(database)) - before;
    return [
      { gate: 'catalog growth', contender: contender.id, value, said: `bytes of system catalogs in ${syncs} syncs` },
    ];
  });
}

/** Bytes that the item tables grow by in ten held runs. */
export async function heldGate(cluster: Cluster, contender: Contender): Promise<Finding[]> {
  return await withSessions(cluster, { contender, sessions: 1 }, async (database, sessions) => {
    const session = only(sessions);
    const sourceId = await session.begin();
    const items = makeCatalog(1120);
    await saveOnce(session, { sourceId, items });
    const before = await itemBytes(database);
    // Two thirds gone, and the rest changed: nothing of it may be written.
    const fewer = changeOnePercent(items, 0).filter((_item, index) => index % 3 === 0);
    let held = 0;
    for (let run = 0; run < 10; run++) {
      await saveOnce(session, { sourceId, items: fewer });
      held += (await session.outcome?.())?.held ? 1 : 0;
    }
    const value = (await itemBytes(database)) - before;
    const said = `bytes of item tables in 10 runs, of which ${held} were held`;
    return [{ gate: 'held growth', contender: contender.id, value: held === 10 ? value : Number.NaN, said }];
  });
}

async function itemBytes({ admin }: BenchDatabase): Promise<number> {
  // Without the maps of free space and visibility, which vacuum makes and which are of no weight.
  return await bytes(
    admin,
    `select sum(pg_relation_size(t.oid) + pg_indexes_size(t.oid))::text as bytes
       from unnest($1::text[]) n join pg_class t on t.oid = n::regclass`,
    [itemTables],
  );
}

async function catalogBytes({ admin }: BenchDatabase): Promise<number> {
  // Not pg_statistic: autovacuum's ANALYZE writes there whatever a sync does.
  return await bytes(
    admin,
    `select sum(pg_relation_size(oid) + pg_indexes_size(oid))::text as bytes from pg_class
      where relnamespace = 'pg_catalog'::regnamespace and relkind = 'r' and relname not like 'pg_statistic%'`,
  );
}

async function bytes(admin: BenchDatabase['admin'], statement: string, parameters?: unknown[]): Promise<number> {
  const { rows } = await admin.query<{ bytes: string }>(statement, parameters);
  return Number(rows[0]?.bytes);
}

function mb(size: number): string {
  return (size / 1024 ** 2).toFixed(1);
}
