// Which column of a file is which field: suggested by the names that exports use, or as the config remembers it.
import { columnsMissing } from './file-error.ts';
import { type Columns, type Field, fields } from './settings.ts';

// In the order in which they count: the first name that the file has is taken.
const aliases: Readonly<Record<Field, readonly string[]>> = {
  kind: ['kind', 'item_kind', 'record_type', 'entity', 'object_type'],
  external_id: [
    ...['external_id', 'mapping_id', 'id', 'item_id', 'product_id', 'modifier_id', 'discount_id', 'sku', 'plu'],
    ...[
      'code',
      'item_code',
      'product_code',
      'article_number',
      'item_number',
      'artikelnummer',
      'barcode',
      'ean',
      'gtin',
    ],
  ],
  path_id: ['path_id', 'path', 'parent_path', 'parent_id', 'parent'],
  name: [
    'name',
    'title',
    'item_name',
    'product_name',
    'display_name',
    'item',
    'product',
    'bezeichnung',
    'nom',
    'nombre',
  ],
  price: [
    ...['price', 'unit_price', 'selling_price', 'retail_price', 'list_price', 'base_price', 'item_price'],
    ...['preis', 'prix', 'precio', 'prezzo', 'prijs'],
  ],
  currency: ['currency', 'currency_code', 'iso_currency', 'waehrung', 'währung'],
  is_available: ['is_available', 'available', 'in_stock', 'is_active', 'active', 'enabled'],
  item_type: ['item_type', 'product_type', 'type'],
  modifier_group_id: ['modifier_group_id', 'group_id', 'option_set_id'],
  modifier_group_name: ['modifier_group_name', 'modifier_group', 'group_name', 'group', 'option_set', 'category'],
  discount_amount: ['discount_amount', 'amount', 'amount_off'],
  discount_percent: ['discount_percent', 'percent', 'percentage', 'percent_off'],
};

/** The words of a column `kind`, lower case. */
const kindWords = new Map(
  Object.entries({
    products: ['product', 'products', 'item', 'items', 'menu item'],
    modifiers: ['modifier', 'modifiers', 'option', 'options', 'modifier option'],
    discounts: ['discount', 'discounts'],
  } as const).flatMap(([kind, words]) => words.map((word) => [word as string, kind as 'products'] as const)),
) as ReadonlyMap<string, 'products' | 'modifiers' | 'discounts'>;

/** The kind that a word of the file means, or null. */
export function kindOfWord(text: string): 'products' | 'modifiers' | 'discounts' | null {
  return kindWords.get(text.trim().toLowerCase()) ?? null;
}

/** Reads column names as fields; every column is at most one field. */
export function suggestColumns(names: readonly string[]): Columns {
  const byAlias = new Map<string, string>();
  for (const name of names) {
    const alias = aliasOf(name);
    if (!byAlias.has(alias)) byAlias.set(alias, name);
  }
  const found: { [field in Field]?: string } = {};
  for (const field of fields) {
    const alias = aliases[field].find((each) => byAlias.has(each));
    if (alias !== undefined) found[field] = byAlias.get(alias) as string;
  }
  return found;
}

// 'Item ID', 'itemId' and 'item-id' are one name.
function aliasOf(name: string): string {
  return name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');
}

/**
 * Proves that the file has every column that the mapping names, and that there is an id. Throws TillsyncError
 * file_columns_missing: a column that is gone must not turn into prices that are gone.
 */
export function checkColumns(columns: Columns, names: readonly string[]): void {
  const has = `The file has: ${names.slice(0, 30).map(quoted).join(', ') || 'no columns'}.`;
  const gone = Object.entries(columns as Readonly<Record<string, string>>).filter(
    ([, column]) => !hasColumn(names, column),
  );
  if (gone.length > 0) {
    const list = gone.map(([field, column]) => `${quoted(column)} (${field})`).join(', ');
    throw columnsMissing(`The file has no column ${list}. ${has}`);
  }
  if (columns.external_id === undefined) throw columnsMissing(`No column of the file is read as external_id. ${has}`);
}

// A column of a nested member is named by its path; the member that it begins with is what a sample can show.
function hasColumn(names: readonly string[], column: string): boolean {
  return names.includes(column) || names.some((name) => column.startsWith(`${name}.`));
}

function quoted(name: string): string {
  return `“${name.slice(0, 60)}”`;
}
