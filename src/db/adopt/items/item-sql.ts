// The SQL over one item table (alias t) that adoption is made of, also where columns are missing (a dry run adds none).
import type { TableShape } from '../tables/read-shape.ts';

export interface ItemSql {
  table: string;
  /** Whether the table's key has a path. */
  keyHasPath: boolean;
  config: string;
  source: string;
  wandSource: string;
  externalId: string;
  /** The path as it stands; null where the table has none. */
  ownPath: string;
  /** The path, else what the item's data says. */
  path: string;
  lastSynced: string;
  updated: string;
  /** The source that the row belongs to: its config's, else wand_source_id, else source_id. */
  target: string;
}

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Expressions for a table. `targets`: config id → the source of its rows. */
export function itemSql(shape: TableShape, targets: Readonly<Record<string, string>>): ItemSql {
  const names = new Set(shape.columns.map(({ name }) => name));
  const column = (name: string, type: string) => (names.has(name) ? `t.${name}::${type}` : `null::${type}`);
  const [config, source, wandSource] = ['source_config_id', 'source_id', 'wand_source_id'].map((name) =>
    column(name, 'uuid'),
  ) as [string, string, string];
  const hasPath = shape.name !== 'integration_discounts';
  const ownPath = hasPath ? column('path_id', 'text') : 'null::text';
  const data = column('data', 'jsonb');
  const path = hasPath
    ? `coalesce(${ownPath}, nullif(${data} ->> 'pathId', ''), nullif(${data} ->> 'path_id', ''))`
    : ownPath;
  return {
    table: shape.name,
    keyHasPath: shape.name === 'integration_modifiers',
    config,
    source,
    wandSource,
    externalId: column('external_id', 'text'),
    ownPath,
    path,
    lastSynced: column('last_synced_at', 'timestamptz'),
    updated: column('updated_at', 'timestamptz'),
    target: `coalesce(${targetOf(config, targets)}, ${wandSource}, ${source})`,
  };
}

// Past as many sources one lookup by text is quicker than comparing ids one by one.
const fewSources = 20;

/**
 * The target of a config by literals: they also stand where no parameter can (index of duplicates by expression). It is asked
 * several times of every row; comparing ids takes a tenth of what making texts of them takes.
 */
function targetOf(config: string, targets: Readonly<Record<string, string>>): string {
  for (const id of Object.entries(targets).flat()) {
    if (!uuidPattern.test(id)) throw new Error(`not an id: ${id}`);
  }
  const bySource = Object.entries(Object.groupBy(Object.keys(targets), (id) => targets[id] ?? ''));
  if (bySource.length > fewSources) return `('${JSON.stringify(targets)}'::jsonb ->> ${config}::text)::uuid`;
  if (bySource.length === 0) return 'null::uuid';
  const branches = bySource.map(
    ([source, configs = []]) => `when ${config} = any('{${configs.join()}}'::uuid[]) then '${source}'::uuid`,
  );
  return `case ${branches.join(' ')} end`;
}
