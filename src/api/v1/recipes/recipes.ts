// Recipes: connectors that are data. Listed, read, tried on an answer, stored, replaced and deleted.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { recipeStarters } from '../../../connectors/recipe/find-recipe.ts';
import { TillsyncError } from '../../../errors.ts';
import { listRecipes, readRecipe, type StoredRecipe } from '../../../records/recipes/stored-recipes.ts';
import { type PreviewRequest, previewRecipe } from '../../../sync/recipes/preview-recipe.ts';
import { recipeUnknown, removeRecipe, storeRecipe } from '../../../sync/recipes/store-recipe.ts';
import { resolveSettings } from '../../../sync/resolve-config.ts';
import type { ApiApp, ApiEnv } from '../api-given.ts';
import { ownConfig, ownRun } from '../guards/own.ts';
import { engineFor, ownRows, permits, requestedByOf } from '../guards/permit.ts';
import { json, jsonBody, onceHeaders, problems } from '../routes/responses.ts';
import { idParam, noQuery, pageSchema } from '../schemas/paging.ts';
import {
  newRecipeSchema,
  previewBody,
  previewSchema,
  recipeOutcomeSchema,
  recipeTextSchema,
  starterSchema,
  storedRecipeSchema,
} from './recipe-schemas.ts';

const tags = ['recipes'];
const one = { params: idParam, query: noQuery };

const listRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/recipes',
  summary: 'Stored recipes by id, without their texts',
  tags,
  request: { query: noQuery },
  responses: { 200: json('All of them, in one page.', pageSchema(storedRecipeSchema)), ...problems },
});

const startersRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/recipes/starters',
  summary: 'Recipes to start from: examples with answers that they read, and those that tillsync brings',
  tags,
  request: { query: noQuery },
  responses: { 200: json('All of them, in one page.', pageSchema(starterSchema)), ...problems },
});

const previewRoute = createRoute({
  ...permits('admin'),
  method: 'post',
  path: '/v1/recipes/preview',
  summary: 'What a recipe would make of an answer, and what is wrong with its text; nothing is fetched or stored',
  description:
    'A text that is no recipe is no error here: the answer names each fault with its line. An answer of a POS may have 8 MiB.',
  tags,
  request: { query: noQuery, ...jsonBody(previewBody) },
  responses: { 200: json('What it would make.', previewSchema), ...problems },
});

const showRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/recipes/{id}',
  summary: 'One stored recipe with its text',
  tags,
  request: one,
  responses: { 200: json('The recipe; ETag names its state.', recipeTextSchema), ...problems },
});

const addRoute = createRoute({
  ...permits('system'),
  method: 'post',
  path: '/v1/recipes',
  summary: 'Store a new recipe: it is a connector from then on',
  description: 'Recipes belong to no place, so only who administers everything changes them.',
  tags,
  request: { query: noQuery, headers: onceHeaders, ...jsonBody(newRecipeSchema) },
  responses: { 201: json('What was stored; Location and ETag name it.', recipeOutcomeSchema), ...problems },
});

const replaceRoute = createRoute({
  ...permits('system'),
  method: 'put',
  path: '/v1/recipes/{id}',
  summary: 'Replace a stored recipe; it becomes the next version',
  description: 'If-Match carries the ETag of the recipe as it was read (428 without, 412 when it was changed since).',
  tags,
  request: { ...one, headers: z.object({ 'if-match': z.string().max(200).optional() }), ...jsonBody(newRecipeSchema) },
  responses: { 200: json('What is stored; ETag names its new state.', recipeOutcomeSchema), ...problems },
});

const removeRoute = createRoute({
  ...permits('system'),
  method: 'delete',
  path: '/v1/recipes/{id}',
  summary: 'Delete a stored recipe; refused while configs use it',
  tags,
  request: one,
  responses: { 200: json('What was deleted.', storedRecipeSchema), ...problems },
});

/** Registers the routes of recipes. */
export function addRecipeRoutes(app: ApiApp): void {
  app.openapi(listRoute, async (context) => {
    const recipes = await listRecipes(ownRows(context));
    return context.json({ data: recipes.map(withoutText), next: null }, 200);
  });
  app.openapi(startersRoute, (context) => context.json({ data: [...recipeStarters()], next: null }, 200));
  app.openapi(previewRoute, async (context) => {
    const { text, answer, request, params } = context.req.valid('json');
    const found = answer === undefined || 'text' in answer ? null : await storedAnswer(context, answer);
    const asked: PreviewRequest = {
      text,
      request,
      answer: found?.answer ?? (answer !== undefined && 'text' in answer ? answer : null),
      params: { ...found?.params, ...params },
    };
    return context.json(await previewRecipe(ownRows(context), asked), 200);
  });
  app.openapi(showRoute, async (context) => {
    const recipe = await existing(context, context.req.valid('param').id);
    context.header('etag', `"${recipe.version}"`);
    return context.json({ ...withoutText(recipe), text: recipe.recipe }, 200);
  });
  app.openapi(addRoute, async (context) => {
    const { text } = context.req.valid('json');
    const stored = await storeRecipe(engineFor(context), text, { by: requestedByOf(context), expects: 'new' });
    context.header('location', `/api/v1/recipes/${stored.id}`);
    context.header('etag', `"${stored.version}"`);
    return context.json(stored, 201);
  });
  app.openapi(replaceRoute, async (context) => {
    const { id } = await existing(context, context.req.valid('param').id);
    const version = versionOf(context.req.valid('header')['if-match']);
    const by = requestedByOf(context);
    const { text } = context.req.valid('json');
    const stored = await storeRecipe(engineFor(context), text, { by, expects: { id, version } });
    context.header('etag', `"${stored.version}"`);
    return context.json(stored, 200);
  });
  app.openapi(removeRoute, async (context) => {
    const recipe = await existing(context, context.req.valid('param').id);
    await removeRecipe(engineFor(context), recipe.id);
    return context.json(withoutText(recipe), 200);
  });
}

function withoutText({ id, title, version, updated_at, updated_by }: StoredRecipe) {
  return { id, title, version, updated_at, updated_by };
}

async function existing(context: Context<ApiEnv>, id: string): Promise<StoredRecipe> {
  const recipe = await readRecipe(ownRows(context), id);
  if (recipe === null) throw recipeUnknown(id);
  return recipe;
}

/** A page of a run that the caller may see, and the settings of its config. */
async function storedAnswer(context: Context<ApiEnv>, { run_id, page }: { run_id: string; page: number }) {
  const run = await ownRun(context, run_id);
  // A run for a whole company read nothing itself.
  const answer = { sourceId: run.source_id ?? run.id, runId: run.id, page };
  if (run.config_id === null) return { answer, params: {} };
  const { id } = await ownConfig(context, run.config_id);
  return { answer, params: (await resolveSettings(engineFor(context), id)).params };
}

/** The version that If-Match names; null = any, '*'. Throws TillsyncError if_match_missing (428), recipe_version_stale (412). */
function versionOf(header: string | undefined): number | null {
  if (header === undefined) {
    throw new TillsyncError('This change does not say which state of the recipe it means.', {
      code: 'if_match_missing',
      step: 'validation',
      effect: 'Nothing was changed.',
      hint: 'Send If-Match with the ETag of the recipe as you read it; * means whatever it is now.',
      status: 428,
    });
  }
  // A weak tag is what a compressing proxy makes of ours. What is no number is no version that we gave out.
  return header === '*' ? null : Number(header.replace(/^W\//, '').replaceAll('"', ''));
}
