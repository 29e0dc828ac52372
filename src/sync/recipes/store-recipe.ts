// Stores recipes as connectors, replaces them, and takes them away; never under configs that would then mean another catalog.
import { connectorOf } from '../../connectors/recipe/connector-of.ts';
import { readRecipe as parseRecipe } from '../../connectors/recipe/schema/read-recipe.ts';
import { inputError, TillsyncError } from '../../errors.ts';
import { appendAudit } from '../../records/audit/append-audit.ts';
import {
  configsOfConnector,
  deleteRecipe,
  readRecipe,
  type StoredRecipe,
  writeRecipe,
} from '../../records/recipes/stored-recipes.ts';
import type { Deps } from '../deps.ts';

type Storing = Pick<Deps, 'database' | 'connectors'>;

export interface RecipeOutcome {
  id: string;
  title: string;
  version: number;
  outcome: 'added' | 'replaced' | 'unchanged';
  draft: string | null;
}

export interface StoreRequest {
  by: string;
  /** 'new': nothing may be stored under its id yet. Else which state of which recipe is meant; version null = any. */
  expects?: 'new' | { id: string; version: number | null };
}

/**
 * Stores the text of a recipe. One that is replaced gets the next version, so that equal answers are formatted again. Throws
 * TillsyncError recipe_invalid, recipe_id_taken, recipe_in_use, and where something is expected recipe_exists,
 * recipe_unknown, recipe_id_changed, recipe_version_stale.
 */
export async function storeRecipe(deps: Storing, text: string, { by, expects }: StoreRequest): Promise<RecipeOutcome> {
  const recipe = parseRecipe(text);
  connectorOf(recipe);
  const { id, title } = recipe;
  if ((await deps.connectors.get(id)) !== undefined) {
    throw inputError('recipe_id_taken', `tillsync has a connector ${id} of its own.`, 'Give the recipe another id.');
  }
  return await deps.database.transaction(async (q) => {
    const before = await readRecipe(q, id, 'lock');
    checkExpected(expects, id, before);
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
  return new TillsyncError(`The recipe ${id} is in use by ${configs.map((name) => `"${name}"`).join(', ')}. ${why}.`, {
    code: 'recipe_in_use',
    step: 'validation',
    exitCode: 2,
    status: 409,
    effect: 'Nothing was changed.',
    hint: 'Give the changed recipe another id, or remove these configs first.',
  });
}

function checkExpected(expects: StoreRequest['expects'], id: string, before: StoredRecipe | null): void {
  if (expects === undefined) return;
  if (expects === 'new') {
    if (before === null) return;
    throw refusal(
      'recipe_exists',
      409,
      `A recipe ${id} is stored already.`,
      'Open that one, or give this one another id.',
    );
  }
  if (expects.id !== id) {
    const hint = `Save it as a recipe of its own, or write id: ${expects.id}.`;
    throw refusal('recipe_id_changed', 409, `The text says id: ${id}, and the recipe is ${expects.id}.`, hint);
  }
  if (before === null) throw recipeUnknown(id);
  if (expects.version === null || expects.version === before.version) return;
  const who = before.updated_by ?? 'somebody';
  const message = `${who} changed the recipe ${id} meanwhile: it is version ${before.version} now.`;
  throw refusal(
    'recipe_version_stale',
    412,
    message,
    'Copy your text, open the recipe again, and put your change into it.',
  );
}

/** The refusal of an id under which nothing is stored. */
export function recipeUnknown(id: string): TillsyncError {
  return refusal('recipe_unknown', 404, `No recipe "${id}" is stored.`, 'The page Connectors lists what is there.');
}

// biome-ignore lint/complexity/useMaxParams: what differs between four sentences; an object would say it no clearer.
function refusal(code: string, status: number, message: string, hint: string): TillsyncError {
  const effect = 'Nothing was changed.';
  return new TillsyncError(message, { code, step: 'validation', exitCode: 2, status, effect, hint });
}
