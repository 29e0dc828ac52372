// Kysely's onConflict().doUpdateSet(): 1,000 rows per statement, each statement on its own.
import { randomUUID } from 'node:crypto';
import { Kysely, PostgresDialect } from 'kysely';
import { kinds } from '../../src/catalog/item.ts';
import { byKind, type Contender, scenarios } from '../contender.ts';
import { type ItemRow, itemRow, keyColumns, peerColumns, tableOf } from './item-rows.ts';
import { openPeerPool } from './peer-pool.ts';

const rowsPerStatement = 1000;

export const kysely: Contender = {
  id: 'kysely',
  label: 'Kysely onConflict, 1000',
  role: 'peer',
  scenarios,
  removes: false,
  rows: 'items',
  async open(url) {
    const pool = openPeerPool(url, 1);
    const db = new Kysely<Record<string, ItemRow>>({ dialect: new PostgresDialect({ pool }) });
    return {
      begin: () => Promise.resolve(randomUUID()),
      save: async ({ items, sourceId }) => {
        const time = new Date().toISOString();
        const sorted = byKind(items);
        for (const kind of kinds) {
          const columns = Object.keys(peerColumns[kind]);
          for (let start = 0; start < sorted[kind].length; start += rowsPerStatement) {
            const rows = sorted[kind].slice(start, start + rowsPerStatement).map((item) => ({
              ...itemRow(item, sourceId, time),
              data: JSON.stringify(item.data),
            }));
            await db
              .insertInto(tableOf(kind))
              .values(rows)
              .onConflict((conflict) =>
                conflict
                  .columns([...keyColumns[kind]])
                  .doUpdateSet((eb) =>
                    Object.fromEntries(columns.map((column) => [column, eb.ref(`excluded.${column}`)])),
                  ),
              )
              .execute();
          }
        }
      },
      close: () => db.destroy(),
    };
  },
};
