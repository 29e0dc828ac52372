// Proves that a contender's tables hold exactly the catalog: the number of live rows, and a checksum of their content.
import { randomUUID } from 'node:crypto';
import { kinds } from '../../src/catalog/item.ts';
import type { Database } from '../../src/db/database.ts';
import { type Contender, contentColumns, type Sync } from '../contender.ts';
import { prepareCopy, runCopy } from '../contenders/copy-limit.ts';
import type { BenchDatabase } from '../server/open-cluster.ts';

export interface Content {
  rows: number;
  /** Independent of the order of the rows. */
  checksum: string;
}

/** What the contender's tables hold of a source; null for one that writes none. */
export async function readContent(
  contender: Contender,
  database: BenchDatabase,
  sourceId: string,
): Promise<Content | null> {
  if (contender.rows === null) return null;
  return await summary(database.admin, contender.rows === 'items' ? itemSelect : contender.rows.select, sourceId);
}

/** What a catalog must be in the tables: the COPY limit's rows of it, in a database of their own, removed afterwards. */
export async function expectedContent(reference: BenchDatabase, items: Sync['items']): Promise<Content> {
  const sourceId = randomUUID();
  await runCopy(reference.admin, prepareCopy({ items, sourceId }));
  const content = await summary(reference.admin, itemSelect, sourceId);
  await reference.admin.query(`truncate ${kinds.map((kind) => `integration_${kind}`).join(', ')}`);
  return content;
}

const own: Readonly<Record<string, readonly string[]>> = {
  products: ['path_id', 'item_type'],
  modifiers: ['path_id', 'modifier_group_id', 'modifier_group_name'],
  discounts: ['discount_amount', 'discount_percent'],
};
const everywhere = ['external_id', 'name', 'price', 'currency', 'is_available', 'data'];

const itemSelect = kinds
  .map((kind) => {
    const columns = contentColumns.map((column) => {
      if (column === 'kind') return `'${kind}'::text as kind`;
      const has = everywhere.includes(column) || own[kind]?.includes(column);
      return has ? column : `null::${column.startsWith('discount_') ? 'numeric' : 'text'} as ${column}`;
    });
    return `select ${columns.join(', ')} from integration_${kind} where wand_source_id = $1 and removed_at is null`;
  })
  .join(' union all ');

const amounts = new Set(['price', 'discount_amount', 'discount_percent']);

async function summary(admin: Database, select: string, sourceId: string): Promise<Content> {
  // 1.50 and 1.5 are one amount; jsonb has one order of keys already.
  const columns = contentColumns.map((column) => (amounts.has(column) ? `trim_scale(${column})` : column));
  const { rows } = await admin.query<{ rows: number; checksum: string }>(
    `select count(*)::int as rows, coalesce(sum(hashtextextended(row(${columns.join(', ')})::text, 0)), 0)::text as checksum
       from (${select}) content`,
    [sourceId],
  );
  return rows[0] as Content;
}
