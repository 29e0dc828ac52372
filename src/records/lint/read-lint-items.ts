// Reads the live items of a source for the catalog lint, in pages: memory does not grow with the catalog.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { LintItem } from '../../catalog/lint/lint-catalog.ts';
import type { Queryable } from '../../db/database.ts';
import { itemOrder } from '../cursor.ts';
import { itemTables } from '../items/item-table.ts';

// Raw items of some kilobytes each.
const pageRows = 500;

const noGroup = 'null as modifier_group_id, null as modifier_group_name';
const noDiscount = 'null as discount_amount, null as discount_percent';
const own: Readonly<Record<Kind, string>> = {
  products: `path_id, ${noGroup}, ${noDiscount}`,
  modifiers: `path_id, modifier_group_id, modifier_group_name, ${noDiscount}`,
  discounts: `null::text as path_id, ${noGroup}, discount_amount, discount_percent`,
};

/**
 * Hands on products, then modifiers, then discounts, each in the order of the key. Inside a transaction: a cursor reads and
 * sorts the rows once; a query per page read all of them for each page of a table without statistics (120 ms a page of
 * 50,000 products).
 */
export async function readLintItems(
  transaction: Queryable,
  sourceId: string,
  onPage: (items: LintItem[]) => void,
): Promise<void> {
  for (const kind of kinds) {
    await transaction.query(
      `declare lint_items no scroll cursor for
       select external_id, name, price, is_available, data, ${own[kind]} from ${itemTables[kind].table}
        where wand_source_id = $1 and removed_at is null order by ${kind === 'discounts' ? 'external_id' : itemOrder}`,
      [sourceId],
    );
    for (;;) {
      const { rows } = await transaction.query<Omit<LintItem, 'kind'>>(`fetch ${pageRows} from lint_items`);
      if (rows.length === 0) break;
      onPage(rows.map((row) => ({ kind, ...row })));
    }
    await transaction.query('close lint_items');
  }
}
