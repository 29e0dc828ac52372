// Finds the connector of an id: one of this version's, else a recipe that is stored.
import type { Connector } from '../../connectors/connector.ts';
import { connectorOf } from '../../connectors/recipe/connector-of.ts';
import { readRecipe as parseRecipe } from '../../connectors/recipe/schema/read-recipe.ts';
import type { Queryable } from '../../db/database.ts';
import { inputError, TillsyncError } from '../../errors.ts';
import { listRecipes, readRecipe, type StoredRecipe } from '../../records/recipes/stored-recipes.ts';
import type { Deps } from '../deps.ts';

/**
 * A stored recipe is read each time, so that every process has it as soon as it is stored; connectors of this version cost no
 * statement, and win. Throws TillsyncError connector_unknown, recipe_invalid.
 */
export async function findConnector(
  q: Queryable,
  deps: Pick<Deps, 'connectors'>,
  connectorId: string,
): Promise<Connector> {
  const own = deps.connectors.get(connectorId);
  if (own !== undefined) return own;
  const stored = await readRecipe(q, connectorId);
  if (stored !== null) return connectorOfStored(stored);
  throw connectorUnknown(deps, connectorId);
}

/** Connectors of this version, then stored recipes, by id; one that this version cannot read any more is left out. */
export async function listConnectors(q: Queryable, deps: Pick<Deps, 'connectors'>): Promise<Connector[]> {
  const stored = (await listRecipes(q)).flatMap((recipe) => {
    try {
      return deps.connectors.has(recipe.id) ? [] : [connectorOfStored(recipe)];
    } catch (error) {
      if (error instanceof TillsyncError) return [];
      throw error;
    }
  });
  return [...deps.connectors.values(), ...stored];
}

/** The refusal of an id that neither this version nor a stored recipe has. */
function connectorUnknown(deps: Pick<Deps, 'connectors'>, connectorId: string): TillsyncError {
  return inputError(
    'connector_unknown',
    `There is no connector "${connectorId}".`,
    `This version has ${[...deps.connectors.keys()].join(', ')}; \`tillsync connectors recipes\` lists what is stored.`,
  );
}

function connectorOfStored({ recipe, version }: StoredRecipe): Connector {
  return connectorOf({ ...parseRecipe(recipe), version });
}
