// What the item tables must have: four keys, two legacy twins where adoption made them, seven indexes. As data.

export type ItemTable = 'integration_products' | 'integration_modifiers' | 'integration_discounts';

export const itemTables: readonly ItemTable[] = [
  'integration_products',
  'integration_modifiers',
  'integration_discounts',
];

/** A unique constraint, always NULLS NOT DISTINCT: a modifier without a path is one row, not one more row per sync. */
export interface KeyDefinition {
  readonly name: string;
  readonly table: ItemTable;
  readonly columns: readonly string[];
  /** Carried in the index, so that reading a source's keys never touches the table. */
  readonly include: readonly string[];
  /** On source_id: can never fire on its own as long as the table's validated twin CHECK stands. */
  readonly twin: boolean;
}

export interface IndexDefinition {
  readonly name: string;
  readonly table: ItemTable;
  readonly column: string;
  readonly method: 'btree' | 'brin';
}

const include = ['content_hash', 'removed_at'] as const;

/** The four keys that every database must have. */
export const keyDefinitions: readonly KeyDefinition[] = [
  {
    name: 'integration_products_wand_source_external_unique',
    table: 'integration_products',
    columns: ['wand_source_id', 'external_id'],
    include,
    twin: false,
  },
  {
    name: 'integration_products_source_external_unique',
    table: 'integration_products',
    columns: ['source_id', 'external_id'],
    include: [],
    twin: true,
  },
  {
    name: 'integration_modifiers_source_external_path_unique',
    table: 'integration_modifiers',
    columns: ['wand_source_id', 'external_id', 'path_id'],
    include,
    twin: false,
  },
  {
    name: 'integration_discounts_source_external_unique',
    table: 'integration_discounts',
    columns: ['wand_source_id', 'external_id'],
    include,
    twin: false,
  },
];

/** Keys that adoption adds where old writers may still upsert on source_id; accepted, never required. */
export const legacyTwinKeys: readonly KeyDefinition[] = [
  {
    name: 'integration_modifiers_legacy_source_external_path_unique',
    table: 'integration_modifiers',
    columns: ['source_id', 'external_id', 'path_id'],
    include: [],
    twin: true,
  },
  {
    name: 'integration_discounts_legacy_source_external_unique',
    table: 'integration_discounts',
    columns: ['source_id', 'external_id'],
    include: [],
    twin: true,
  },
];

/** The seven indexes, by name; access methods by measurement (see the migration that makes them). */
export const indexDefinitions: readonly IndexDefinition[] = [
  {
    name: 'idx_integration_products_wand_source',
    table: 'integration_products',
    column: 'wand_source_id',
    method: 'brin',
  },
  {
    name: 'idx_integration_products_external_id',
    table: 'integration_products',
    column: 'external_id',
    method: 'btree',
  },
  {
    name: 'idx_integration_products_last_synced',
    table: 'integration_products',
    column: 'last_synced_at',
    method: 'brin',
  },
  {
    name: 'idx_integration_modifiers_wand_source',
    table: 'integration_modifiers',
    column: 'wand_source_id',
    method: 'brin',
  },
  {
    name: 'idx_integration_modifiers_external_id',
    table: 'integration_modifiers',
    column: 'external_id',
    method: 'btree',
  },
  {
    name: 'idx_integration_discounts_wand_source',
    table: 'integration_discounts',
    column: 'wand_source_id',
    method: 'brin',
  },
  {
    name: 'idx_integration_discounts_external_id',
    table: 'integration_discounts',
    column: 'external_id',
    method: 'btree',
  },
];

/** Name of the CHECK that keeps source_id equal to wand_source_id, and its expression. */
export function twinCheck(table: ItemTable): { name: string; expression: string } {
  return { name: `${table}_source_is_wand_source`, expression: 'source_id is not distinct from wand_source_id' };
}

/** Name under which a key's index is built before it takes the key's place. */
export function temporaryIndexName(key: { readonly name: string }): string {
  return `${key.name}_new`;
}

/** `create unique index concurrently …` for a key, under a temporary name. */
export function createKeyIndexSql(key: KeyDefinition): string {
  const included = key.include.length > 0 ? ` include (${key.include.join(', ')})` : '';
  return `create unique index concurrently ${temporaryIndexName(key)} on ${key.table} (${key.columns.join(', ')})${included} nulls not distinct`;
}

/**
 * `create index concurrently …` for one of the seven. On PostgreSQL 15 an index over last_synced_at forbids HOT for every
 * row that a sync touches (numbers in the migration), so there it covers updated_at.
 */
export function createIndexSql(definition: IndexDefinition, serverVersion: number): string {
  const column = serverVersion < 160000 && definition.column === 'last_synced_at' ? 'updated_at' : definition.column;
  const using = definition.method === 'btree' ? '' : ` using ${definition.method}`;
  return `create index concurrently ${definition.name} on ${definition.table}${using} (${column})`;
}

/** A name as it must stand in SQL: quoted only where PostgreSQL would fold or refuse it. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
