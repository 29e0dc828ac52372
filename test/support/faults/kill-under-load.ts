// Sources that sync on and on while their PostgreSQL is killed under them, and what must be true after each restart.
import { expect } from 'vitest';
import type { Database } from '../../../src/db/database.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { sweepRuns } from '../../../src/sync/upkeep/sweep-runs.ts';
import { syncNow } from '../engine.ts';
import type { Dish } from '../model-catalog.ts';
import { until } from '../until.ts';
import { makeMenu } from './menu.ts';
import { type MenuSource, nextMenu, openMenuSource } from './menu-source.ts';
import type { OwnCluster } from './own-cluster.ts';

export interface Lane {
  source: MenuSource;
  menu: Dish[];
  /** What a run that was cut off may have saved. */
  tried: Dish[] | null;
  /** Runs that said success. */
  acknowledged: string[];
  day: number;
}

/** Sources after their first sync. Stop their POS at the end. */
export async function openLanes(deps: Deps, count: number): Promise<Lane[]> {
  const lanes: Lane[] = [];
  for (let n = 0; n < count; n++) {
    const menu = makeMenu(n, { products: 40, modifiers: 30, discounts: 6 });
    const source = await openMenuSource(deps, { establishment: `r${n}` });
    source.serve(menu);
    const first = await syncNow(deps, source.configId);
    expect([first.status, first.error]).toEqual(['success', null]);
    source.model = source.expect(menu).rows;
    lanes.push({ source, menu, tried: null, acknowledged: [first.id], day: 0 });
  }
  return lanes;
}

/**
 * Lets the lanes sync until so many syncs have succeeded, kills the cluster, waits until it is there again, and proves that
 * history and tables agree. Returns how many processes died, and how the last run of each lane ended.
 */
export async function killUnderLoad(
  deps: Deps,
  of: { cluster: OwnCluster; lanes: readonly Lane[]; successes: number },
): Promise<{ processes: number; ends: string[] }> {
  let isOver = false;
  let left = of.successes;
  const { promise: underLoad, resolve: load } = Promise.withResolvers<void>();
  const onSuccess = () => {
    left -= 1;
    if (left <= 0) load();
  };
  const working = of.lanes.map((lane) => syncOn(deps, lane, { isOver: () => isOver, onSuccess }));
  await Promise.race([underLoad, Promise.all(working)]);
  const processes = of.cluster.kill();
  isOver = true;
  await Promise.all(working);
  await until('the database', () => deps.database.query('select 1').catch(() => null));
  const ends: string[] = [];
  for (const lane of of.lanes) ends.push(await settle(deps, lane));
  return { processes, ends };
}

/** How many of the runs that said success are in history as such. */
export async function countAcknowledged(database: Database, lanes: readonly Lane[]) {
  const acknowledged = lanes.flatMap((lane) => lane.acknowledged);
  const { rows } = await database.query<{ found: number }>(
    `select count(*)::int as found from integration_sync_history where id = any($1) and status = 'success'`,
    [acknowledged],
  );
  return { said: acknowledged.length, found: rows[0]?.found };
}

interface Load {
  isOver: () => boolean;
  onSuccess: () => void;
}

/** Syncs a changed menu again and again until one ends otherwise than saved, or it is told to stop. */
async function syncOn(deps: Deps, lane: Lane, { isOver, onSuccess }: Load): Promise<void> {
  while (!isOver()) {
    const next = nextMenu(lane.menu, lane.day++);
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
async function settle(deps: Deps, lane: Lane): Promise<string> {
  const newest = await until('the end of the last run', async () => {
    await sweepRuns(deps).catch(() => 0);
    const { rows } = await deps.database.query<{ id: string; status: string }>(
      `select id, status from integration_sync_history where wand_source_id = $1 order by created_at desc, id desc limit 1`,
      [lane.source.sourceId],
    );
    return rows[0]?.status === 'queued' || rows[0]?.status === 'in_progress' ? null : rows[0];
  });
  const isNew = !lane.acknowledged.includes(newest.id);
  // Saved, but the word of it was lost with the server.
  const saved = isNew && newest.status === 'success' && lane.tried !== null;
  if (saved) keep(lane, lane.tried as Dish[]);
  lane.tried = null;
  expect([newest, await lane.source.differences(lane.source.model)]).toEqual([newest, []]);
  return saved ? 'saved unheard' : isNew ? newest.status : 'nothing cut off';
}
