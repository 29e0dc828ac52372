// Finds the connector of an id: one of this version's, else a recipe that is stored.
import type { Connector } from '../../connectors/connector.ts';
import { allConnectors } from '../../connectors/load-connectors.ts';
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
  const own = await deps.connectors.get(connectorId);
  if (own !== undefined) return own;
  const stored = await readRecipe(q, connectorId);
  if (stored !== null) return (await recipeReader())(stored);
  throw await connectorUnknown(deps, connectorId);
}

/** Connectors of this version, then stored recipes, by id; one that this version cannot read any more is left out. */
export async function listConnectors(q: Queryable, deps: Pick<Deps, 'connectors'>): Promise<Connector[]> {
  const own = await allConnectors(deps.connectors);
  const recipes = await listRecipes(q);
  if (recipes.length === 0) return [...own.values()];
  const connectorOfStored = await recipeReader();
  const stored = recipes.flatMap((recipe) => {
    try {
      return own.has(recipe.id) ? [] : [connectorOfStored(recipe)];
    } catch (error) {
      if (error instanceof TillsyncError) return [];
      throw error;
    }
  });
  return [...own.values(), ...stored];
}

/** The refusal of an id that neither this version nor a stored recipe has. */
async function connectorUnknown(deps: Pick<Deps, 'connectors'>, connectorId: string): Promise<TillsyncError> {
  const own = await allConnectors(deps.connectors);
  return inputError(
    'connector_unknown',
    `There is no connector "${connectorId}".`,
    `This version has ${[...own.keys()].join(', ')}; \`tillsync connectors recipes\` lists what is stored.`,
  );
}

// Most have no recipe, and reading YAML takes as much code as a sync.
async function recipeReader(): Promise<(stored: StoredRecipe) => Connector> {
  const { connectorOf } = await import('../../connectors/recipe/connector-of.ts');
  const { readRecipe: parseRecipe } = await import('../../connectors/recipe/schema/read-recipe.ts');
  return ({ recipe, version }) => connectorOf({ ...parseRecipe(recipe), version });
}
