// Reads the live items of a source for the catalog lint: in pages along the key, so that memory does not grow with the catalog.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { LintItem } from '../../catalog/lint/lint-catalog.ts';
import type { Queryable } from '../../db/database.ts';
import { itemOrder, itemPosition, pathOrder } from '../cursor.ts';
import { itemTables } from '../items/item-table.ts';

// Raw items of some kilobytes each.
const pageRows = 500;

const own: Readonly<Record<Kind, string>> = {
  products:
    'path_id, null as modifier_group_id, null as modifier_group_name, null as discount_amount, null as discount_percent',
  modifiers: 'path_id, modifier_group_id, modifier_group_name, null as discount_amount, null as discount_percent',
  discounts:
    'null::text as path_id, null as modifier_group_id, null as modifier_group_name, discount_amount, discount_percent',
};

/** Pages of live items: products, then modifiers, then discounts. */
export async function* readLintItems(queryable: Queryable, sourceId: string): AsyncGenerator<LintItem[], void, void> {
  for (const kind of kinds) {
    let after: LintItem | undefined;
    do {
      const page: LintItem[] = await readPage(queryable, { sourceId, kind, after });
      if (page.length > 0) yield page;
      after = page.length === pageRows ? page.at(-1) : undefined;
    } while (after !== undefined);
  }
}

async function readPage(
  queryable: Queryable,
  of: { sourceId: string; kind: Kind; after: LintItem | undefined },
): Promise<LintItem[]> {
  const position = of.after === undefined ? [null, null, null] : itemPosition(of.after);
  const { rows } = await queryable.query<Omit<LintItem, 'kind'>>(
    `select * from (
       select external_id, name, price, is_available, data, ${own[of.kind]}
         from ${itemTables[of.kind].table}
        where wand_source_id = $1 and removed_at is null and ($2::text is null or external_id >= $2)) items
      where $2::text is null or not (external_id = $2 and (${pathOrder}) <= ($3::int, $4::text))
      order by ${itemOrder} limit ${pageRows}`,
    [of.sourceId, ...position],
  );
  return rows.map((row) => ({ kind: of.kind, ...row }));
}
