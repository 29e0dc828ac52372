// Drizzle's onConflictDoUpdate(): 1,000 rows per statement, each statement on its own.
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { drizzle as openDrizzle } from 'drizzle-orm/node-postgres';
import { boolean, jsonb, numeric, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { type Kind, kinds } from '../../src/catalog/item.ts';
import { byKind, type Contender, scenarios } from '../contender.ts';
import { itemRow, keyColumns, peerColumns, tableOf } from './item-rows.ts';
import { openPeerPool } from './peer-pool.ts';

const rowsPerStatement = 1000;

const everyTable = {
  wand_source_id: uuid(),
  source_id: uuid(),
  source_config_id: uuid(),
  external_id: text(),
  name: text(),
  price: numeric(),
  currency: text(),
  is_available: boolean(),
  data: jsonb(),
  last_synced_at: timestamp({ withTimezone: true, mode: 'string' }),
  updated_at: timestamp({ withTimezone: true, mode: 'string' }),
};
const tables = {
  products: pgTable(tableOf('products'), { ...everyTable, path_id: text(), item_type: text() }),
  modifiers: pgTable(tableOf('modifiers'), {
    ...everyTable,
    path_id: text(),
    modifier_group_id: text(),
    modifier_group_name: text(),
  }),
  discounts: pgTable(tableOf('discounts'), { ...everyTable, discount_amount: numeric(), discount_percent: numeric() }),
};

export const drizzle: Contender = {
  id: 'drizzle',
  label: 'Drizzle onConflict, 1000',
  role: 'peer',
  scenarios,
  removes: false,
  rows: 'items',
  async open(url) {
    const pool = openPeerPool(url, 1);
    const db = openDrizzle({ client: pool });
    return {
      begin: () => Promise.resolve(randomUUID()),
      save: async ({ items, sourceId }) => {
        const time = new Date().toISOString();
        const sorted = byKind(items);
        for (const kind of kinds) {
          for (let start = 0; start < sorted[kind].length; start += rowsPerStatement) {
            const rows = sorted[kind]
              .slice(start, start + rowsPerStatement)
              .map((item) => itemRow(item, sourceId, time));
            await db
              .insert(tables[kind])
              .values(rows)
              .onConflictDoUpdate({ target: target(kind), set: sets(kind) });
          }
        }
      },
      close: () => pool.end(),
    };
  },
};

function target(kind: Kind) {
  const table = tables[kind];
  return keyColumns[kind].map((column) => table[column as keyof typeof everyTable]);
}

function sets(kind: Kind) {
  return Object.fromEntries(Object.keys(peerColumns[kind]).map((column) => [column, sql.raw(`excluded."${column}"`)]));
}
