// A source that goes back and forth between two catalogs, so that every fault meets creates, updates, removals and restores.
import { expect } from 'vitest';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import { type FakeCatalog, makeCatalog } from '../../src/connectors/qu/fake-catalog.ts';
import type { Queryable } from '../../src/db/database.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { setConfig } from '../../src/sync/set-config.ts';
import { sweepRuns } from '../../src/sync/upkeep/sweep-runs.ts';
import { addQuConfig, syncNow } from '../support/engine.ts';
import type { Columns } from '../support/model.ts';
import { readStored, type StoredRows } from '../support/stored-rows.ts';

export interface TwoCatalogs {
  pos: FakeQu;
  configId: string;
  sourceId: string;
  /** Lets the POS answer with the other catalog from now on; returns what must be live after a sync of it. */
  turn(): Live;
  /** Whether exactly this is live now. */
  isLive(database: Queryable, wanted: Live): Promise<boolean>;
}

/** Live rows by key. */
export type Live = Map<string, Columns>;

function other(catalog: FakeCatalog): FakeCatalog {
  const copy = structuredClone(catalog);
  const [gone, changed] = [copy.menuItems.splice(0, 3), copy.menuItems.slice(0, 4)];
  for (const item of changed) item.name = `changed ${String(item.name)}`;
  copy.modifiers.splice(5, 2);
  copy.menuItems.push(...gone.slice(0, 1).map((item) => ({ ...item, pathId: 'only here' })));
  // One that cannot be read, and one that comes twice.
  copy.menuItems.push({ pathId: 'odd', name: 'odd', prices: { prices: [{ price: '$5' }] } });
  copy.modifiers.push({ ...copy.modifiers[0], name: 'twice' });
  copy.discounts = [...copy.discounts].reverse();
  return copy;
}

/** A new source over `deps`, at the first of its two catalogs. Stop its `pos` at the end. */
export async function openTwoCatalogs(deps: Deps): Promise<TwoCatalogs> {
  const first = makeCatalog({ products: 10, modifiers: 9, discounts: 4, repeated: 1 });
  const catalogs = [first, other(first)];
  const pos = await startFakeQu();
  const { configId, sourceId } = await addQuConfig(deps, pos.url);
  await setConfig(deps, { configId, guard: { enabled: false } });
  const states: Live[] = [];
  for (const catalog of [...catalogs, first]) {
    pos.setCatalog(catalog);
    expect((await syncNow(deps, configId)).error).toBeNull();
    states.push(liveOf(await readStored(deps.database, sourceId)));
  }
  expect(states[2]).toEqual(states[0]);
  let at = 0;
  return {
    pos,
    configId,
    sourceId,
    turn() {
      at = 1 - at;
      pos.setCatalog(catalogs[at] as FakeCatalog);
      return states[at] as Live;
    },
    isLive: async (database, wanted) => isSame(liveOf(await readStored(database, sourceId)), wanted),
  };
}

function liveOf(stored: StoredRows): Live {
  const live = [...stored].filter(([, row]) => !row.removed).map(([key, row]) => [key, row.columns] as const);
  return new Map(live.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isSame(one: Live, two: Live): boolean {
  return JSON.stringify([...one]) === JSON.stringify([...two]);
}

/** What is left of removed rows is deleted, so that their return is a creation the next time. */
export async function forgetRemoved(database: Queryable): Promise<void> {
  for (const kind of ['products', 'modifiers', 'discounts']) {
    await database.query(`delete from integration_${kind} where removed_at is not null`);
  }
}

/** No run may stand as active without a live lease; one that does is let expire, as time would, and swept. */
export async function endWhatDied(deps: Deps): Promise<void> {
  const { rows: dead } = await deps.database.query(
    `select id from integration_sync_history where status in ('queued', 'in_progress') and not lease_expires_at > now()`,
  );
  expect(dead).toEqual([]);
  await deps.database.query(
    `update integration_sync_history set lease_expires_at = now() - interval '1 second' where status in ('queued', 'in_progress')`,
  );
  await sweepRuns(deps);
  const { rows: left } = await deps.database.query(
    `select status from integration_sync_history where status in ('queued', 'in_progress')`,
  );
  expect(left).toEqual([]);
}
