// Stores recipes as connectors, replaces them, and takes them away; never under configs that would then mean another catalog.
import { connectorOf } from '../../connectors/recipe/connector-of.ts';
import { readRecipe as parseRecipe } from '../../connectors/recipe/schema/read-recipe.ts';
import { inputError, type TillsyncError } from '../../errors.ts';
import { appendAudit } from '../../records/audit/append-audit.ts';
import { configsOfConnector, deleteRecipe, readRecipe, writeRecipe } from '../../records/recipes/stored-recipes.ts';
import type { Deps } from '../deps.ts';

type Storing = Pick<Deps, 'database' | 'connectors'>;

export interface RecipeOutcome {
  id: string;
  title: string;
  version: number;
  outcome: 'added' | 'replaced' | 'unchanged';
  draft: string | null;
}

/**
 * Stores the text of a recipe. One that is replaced gets the next version, so that equal answers are formatted again. Throws
 * TillsyncError recipe_invalid, recipe_id_taken, recipe_in_use.
 */
export async function storeRecipe(deps: Storing, text: string, by: string): Promise<RecipeOutcome> {
  const recipe = parseRecipe(text);
  connectorOf(recipe);
  const { id, title } = recipe;
  if (deps.connectors.has(id)) {
    throw inputError('recipe_id_taken', `tillsync has a connector ${id} of its own.`, 'Give the recipe another id.');
  }
  return await deps.database.transaction(async (q) => {
    const before = await readRecipe(q, id, 'lock');
    const draft = recipe.draft ?? null;
    if (before?.recipe === text) return { id, title, version: before.version, outcome: 'unchanged', draft };
    const old = before === null ? null : parseRecipe(before.recipe);
    if (old !== null && (old.identity.join() !== recipe.identity.join() || old.base_url !== recipe.base_url)) {
      await refuseInUse(await configsOfConnector(q, id), id, 'Its base_url and identity make the catalog');
    }
    const version = before === null ? recipe.version : Math.max(recipe.version, before.version + 1);
    await writeRecipe(q, { id, title, recipe: text, version, updated_by: by });
    await appendAudit(q, {
      action: before === null ? 'recipe.added' : 'recipe.changed',
      actor: by,
      subject: { type: 'recipe', id, name: title },
      before: before === null ? undefined : { version: before.version, base_url: old?.base_url },
      after: { version, base_url: recipe.base_url },
    });
    return { id, title, version, outcome: before === null ? 'added' : 'replaced', draft };
  });
}

/** Takes a stored recipe away. Throws TillsyncError connector_unknown, recipe_in_use. */
export async function removeRecipe(deps: Storing, id: string): Promise<void> {
  await deps.database.transaction(async (q) => {
    const stored = await readRecipe(q, id, 'lock');
    if (stored === null) {
      throw inputError('connector_unknown', `No recipe "${id}" is stored.`, 'See `tillsync connectors recipes`.');
    }
    await refuseInUse(await configsOfConnector(q, id), id, 'Without it they could not be read');
    await deleteRecipe(q, id);
    const subject = { type: 'recipe', id, name: stored.title };
    await appendAudit(q, { action: 'recipe.removed', subject, before: { version: stored.version } });
  });
}

async function refuseInUse(configs: readonly string[], id: string, why: string): Promise<void> {
  if (configs.length > 0) throw inUse(configs, id, why);
}

function inUse(configs: readonly string[], id: string, why: string): TillsyncError {
  return inputError(
    'recipe_in_use',
    `The recipe ${id} is in use by ${configs.map((name) => `"${name}"`).join(', ')}. ${why}.`,
    'Give the changed recipe another id, or remove these configs first.',
  );
}
