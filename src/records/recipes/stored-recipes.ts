// The rows of stored recipes: connectors that are data.
import type { Queryable } from '../../db/database.ts';

/** A recipe as lists show it. Times are ISO text in UTC. */
export interface StoredRecipe {
  id: string;
  title: string;
  /** The text as it was written. */
  recipe: string;
  version: number;
  updated_at: string;
  updated_by: string | null;
}

const columns = `id, title, recipe, version, to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as updated_at, updated_by`;

/** One recipe, locked until the transaction ends where it is to be changed; null = there is none. */
export async function readRecipe(
  q: Queryable,
  id: string,
  lock: 'lock' | 'read' = 'read',
): Promise<StoredRecipe | null> {
  const locked = lock === 'lock' ? ' for update' : '';
  const { rows } = await q.query<StoredRecipe & Record<string, unknown>>(
    `select ${columns} from integration_connectors where id = $1${locked}`,
    [id],
  );
  return rows[0] ?? null;
}

/** All of them, by id. */
export async function listRecipes(q: Queryable): Promise<StoredRecipe[]> {
  const { rows } = await q.query<StoredRecipe & Record<string, unknown>>(
    `select ${columns} from integration_connectors order by id`,
  );
  return rows;
}

/** Stores a recipe, or what replaces it. */
export async function writeRecipe(
  q: Queryable,
  recipe: Pick<StoredRecipe, 'id' | 'title' | 'recipe' | 'version' | 'updated_by'>,
): Promise<void> {
  await q.query(
    `insert into integration_connectors (id, title, recipe, version, updated_by) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set title = excluded.title, recipe = excluded.recipe, version = excluded.version,
       updated_at = now(), updated_by = excluded.updated_by`,
    [recipe.id, recipe.title, recipe.recipe, recipe.version, recipe.updated_by],
  );
}

/** Takes one away; false = there was none. */
export async function deleteRecipe(q: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await q.query('delete from integration_connectors where id = $1', [id]);
  return rowCount === 1;
}

/** Names of configs that read by this connector, at most five. */
export async function configsOfConnector(q: Queryable, id: string): Promise<string[]> {
  const { rows } = await q.query<{ config_name: string }>(
    'select config_name from integration_source_configs where connector_id = $1 order by config_name limit 5',
    [id],
  );
  return rows.map((row) => row.config_name);
}
