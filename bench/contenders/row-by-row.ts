// One upsert per row, five in flight on a pool, guarded by last_synced_at: how stripe-sync-engine saves.
import { randomUUID } from 'node:crypto';
import { type Kind, kinds } from '../../src/catalog/item.ts';
import { byKind, type Contender } from '../contender.ts';
import { itemRow, keyColumns, peerColumns, tableOf } from './item-rows.ts';
import { openPeerPool } from './peer-pool.ts';

const inFlight = 5;

export const rowByRow: Contender = {
  id: 'row_by_row',
  label: 'row by row, 5 in flight',
  role: 'peer',
  scenarios: ['first', 'unchanged'],
  slow: true,
  removes: false,
  rows: 'items',
  async open(url) {
    const pool = openPeerPool(url, inFlight);
    return {
      begin: () => Promise.resolve(randomUUID()),
      save: async ({ items, sourceId }) => {
        const time = new Date().toISOString();
        const sorted = byKind(items);
        for (const kind of kinds) {
          const statement = upsertOne(kind);
          for (let start = 0; start < sorted[kind].length; start += inFlight) {
            const five = sorted[kind].slice(start, start + inFlight);
            await Promise.all(
              five.map((item) => {
                const row = { ...itemRow(item, sourceId, time), data: JSON.stringify(item.data) };
                return pool.query(statement, Object.values(row));
              }),
            );
          }
        }
      },
      close: () => pool.end(),
    };
  },
};

function upsertOne(kind: Kind): string {
  const columns = Object.keys(peerColumns[kind]);
  const table = tableOf(kind);
  return `insert into ${table} (${columns.join(', ')}) values (${columns.map((_name, i) => `$${i + 1}`).join(', ')})
    on conflict (${keyColumns[kind].join(', ')}) do update set ${columns.map((c) => `${c} = excluded.${c}`).join(', ')}
    where ${table}.last_synced_at is null or ${table}.last_synced_at < excluded.last_synced_at returning *`;
}
