// An engine with the till connector and its POS, for stories of reading changes.

import type { Deps } from '../../src/sync/deps.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { readStored } from './stored-rows.ts';
import { startTillPos, type TillPos, tillConnector } from './till-pos.ts';
import { openTrip, type Trip } from './trip.ts';
import { withConnector } from './with-connector.ts';

export interface TillShop {
  trip: Trip;
  deps: Deps;
  pos: TillPos;
  /** A config with a source of its own on the POS. */
  add(guard?: Record<string, unknown>): Promise<{ id: string; sourceId: string }>;
  /** Content of the live rows by key. */
  live(sourceId: string): Promise<Map<string, unknown>>;
}

/** Opens it on a fresh database; the POS is the caller's to stop. */
export async function openTillShop(): Promise<TillShop> {
  const trip = await openTrip();
  const deps = withConnector(trip.deps, tillConnector);
  const pos = await startTillPos();
  let shops = 0;
  return {
    trip,
    deps,
    pos,
    async add(guard = { enabled: false }) {
      shops += 1;
      const params = { base_url: pos.url, shop: `shop ${shops}` };
      const add = { connectorId: tillConnector.id, name: `till ${shops}`, params, secrets: {}, guard };
      const { id, source_id } = await addConfig(deps, add);
      if (source_id === null) throw new Error('not runnable');
      return { id, sourceId: source_id };
    },
    async live(sourceId) {
      const rows = [...(await readStored(deps.database, sourceId))].filter(([, row]) => !row.removed);
      return new Map(
        rows.map(([key, row]): [string, unknown] => [key, row.columns]).sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    },
  };
}
