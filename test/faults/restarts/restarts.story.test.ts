// PostgreSQL killed (-9, the server and its children) while sources sync, again and again: what was said to be saved is there.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../../../src/connectors/qu/fake-catalog.ts';
import { type Database, openDatabase } from '../../../src/db/database.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { sweepRuns } from '../../../src/sync/follow-run.ts';
import { depsOver, syncNow } from '../../support/engine.ts';
import { makeMenu } from '../../support/faults/menu.ts';
import { type MenuSource, nextMenu, openMenuSource } from '../../support/faults/menu-source.ts';
import { type OwnCluster, startOwnCluster } from '../../support/faults/own-cluster.ts';
import { printCount } from '../../support/faults/print-count.ts';
import type { Dish } from '../../support/model-catalog.ts';
import { until } from '../../support/until.ts';

const rounds = 10;
const lanesWanted = 3;
const random = seededRandom(9);

interface Lane {
  source: MenuSource;
  menu: Dish[];
  /** What a run that was cut off may have saved. */
  tried: Dish[] | null;
  /** Runs that said success. */
  acknowledged: string[];
}

let cluster: OwnCluster;
let database: Database;
let deps: Deps;
const lanes: Lane[] = [];
beforeAll(async () => {
  cluster = await startOwnCluster();
  database = await openDatabase({ url: cluster.embedded.url, queryTimeout: 5_000 });
  deps = { ...(await depsOver(database)), leaseSeconds: 1 };
  for (let n = 0; n < lanesWanted; n++) {
    const menu = makeMenu(n, { products: 40, modifiers: 30, discounts: 6 });
    const source = await openMenuSource(deps, { establishment: `r${n}` });
    source.serve(menu);
    expect((await syncNow(deps, source.configId)).error).toBeNull();
    source.model = source.expect(menu).rows;
    lanes.push({ source, menu, tried: null, acknowledged: [] });
  }
});
afterAll(async () => {
  for (const { source } of lanes) await source.pos.stop();
  await database.close();
  await cluster.stop();
});

let day = 0;

/** Syncs a changed menu again and again until one ends otherwise than saved, or it is told to stop. */
async function syncOn(lane: Lane, isOver: () => boolean, onSuccess: () => void): Promise<void> {
  while (!isOver()) {
    const next = nextMenu(lane.menu, day++);
    lane.source.serve(next);
    lane.tried = next;
    const run = await syncNow(deps, lane.source.configId).catch(() => null);
    if (run?.status !== 'success') return;
    lane.acknowledged.push(run.id);
    keep(lane, next);
    onSuccess();
  }
}

function keep(lane: Lane, menu: Dish[]): void {
  lane.source.model = lane.source.expect(menu).rows;
  lane.menu = menu;
  lane.tried = null;
}

/** After the restart: every run has ended, and the tables are what the runs say. */
async function settle(lane: Lane): Promise<string> {
  const { sourceId } = lane.source;
  const newest = await until('the end of the last run', async () => {
    await sweepRuns(deps).catch(() => 0);
    const { rows } = await database.query<{ id: string; status: string }>(
      `select id, status from integration_sync_history where wand_source_id = $1 order by created_at desc, id desc limit 1`,
      [sourceId],
    );
    return rows[0]?.status === 'queued' || rows[0]?.status === 'in_progress' ? null : rows[0];
  });
  const isNew = !lane.acknowledged.includes(newest.id);
  // Saved, but the word of it was lost with the server.
  const saved = isNew && newest.status === 'success' && lane.tried !== null;
  if (saved) keep(lane, lane.tried as Dish[]);
  lane.tried = null;
  expect([newest, await lane.source.differences(lane.source.model)]).toEqual([newest, []]);
  return saved ? 'saved unheard' : isNew ? newest.status : 'not begun';
}

it('F43: every run that said success is in the tables after each restart, and every source syncs on', async () => {
  const ends: Record<string, number> = {};
  let processes = 0;
  for (let round = 0; round < rounds; round++) {
    let isOver = false;
    let successes = 0;
    const wanted = 1 + Math.floor(random() * 6);
    const { promise: underLoad, resolve: load } = Promise.withResolvers<void>();
    const working = lanes.map((lane) =>
      syncOn(
        lane,
        () => isOver,
        () => {
          successes += 1;
          if (successes >= wanted) load();
        },
      ),
    );
    await Promise.race([underLoad, Promise.all(working)]);
    processes += cluster.kill();
    isOver = true;
    await Promise.all(working);
    await until('the database', () => database.query('select 1').catch(() => null));
    for (const lane of lanes) {
      const end = await settle(lane);
      ends[end] = (ends[end] ?? 0) + 1;
    }
  }
  const acknowledged = lanes.flatMap((lane) => lane.acknowledged);
  const { rows } = await database.query<{ found: number }>(
    `select count(*)::int as found from integration_sync_history where id = any($1) and status = 'success'`,
    [acknowledged],
  );
  expect(rows[0]?.found).toBe(acknowledged.length);
  expect(acknowledged.length).toBeGreaterThan(rounds);
  printCount('killed PostgreSQL', { rounds, processes, acknowledged: acknowledged.length, ...ends });
});
