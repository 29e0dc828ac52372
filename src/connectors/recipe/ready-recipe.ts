// A recipe made ready to run: everything in it is parsed and checked once, and every fault is named with its place.
import { type Kind, kinds } from '../../catalog/item.ts';
import { usableBase } from '../read-settings.ts';
import { compileMapping, compilePath, type ReadyMapping } from './format/compile-mapping.ts';
import type { Path } from './path/parse-path.ts';
import { type PlannedRequest, planRequest } from './request/plan-request.ts';
import { runNames } from './request/run-values.ts';
import { parseTemplate, type Template } from './request/template.ts';
import { secretsOfAuth } from './schema/auth-schema.ts';
import { recipeInvalid } from './schema/recipe-error.ts';
import type { Recipe, RecipeRequest } from './schema/recipe-schema.ts';

export interface ShownPath {
  path: Path;
  shown: string;
}

/** Where a page says what the fetch needs to know. */
export interface ReadyPaging {
  from: Path | null;
  items: Path | null;
  total: Path | null;
  pages: Path | null;
  stopWhen: Path | null;
  marker: Path | null;
}

export interface ReadyRequest {
  /** null where it is the only one. */
  name: string | null;
  said: RecipeRequest;
  planned: PlannedRequest;
  paging: ReadyPaging;
  failsWhen: readonly ShownPath[];
  mappings: readonly ReadyMapping[];
}

export interface ReadyRecipe {
  said: Recipe;
  requests: readonly ReadyRequest[];
  incremental: { cursor: Path; query: readonly [string, Template][] } | null;
}

/** Settings that every recipe's config has; no param may bear such a name. */
export const ownParams = ['base_url', 'wand_domain', 'currency', 'exclude_categories', 'time_zone'] as const;

/** Throws TillsyncError recipe_invalid. */
export function makeReady(recipe: Recipe): ReadyRecipe {
  checkParams(recipe);
  const known = [...Object.keys(recipe.params), ...runNames];
  const requests = recipe.requests.map((request, index) =>
    readyRequest(request, { where: `requests[${index}]`, known, isOnly: recipe.requests.length === 1 }),
  );
  const names = requests.map(({ name }) => name);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice !== -1) {
    throw recipeInvalid(`requests[${twice}].name`, 'another request is called so, too', 'Give each a name of its own.');
  }
  const mappings = requests.flatMap((request) => request.mappings);
  if (mappings.length === 0 && recipe.draft === undefined) {
    throw recipeInvalid(
      'requests',
      'none of them has products, modifiers or discounts',
      'Say how items are read from a page.',
    );
  }
  if (recipe.removal === 'tombstone' && !mappings.some(({ removedWhen }) => removedWhen !== null)) {
    throw recipeInvalid(
      'removal',
      'no kind says removed_when',
      'Say what is true of an item that is gone, or removal: never.',
    );
  }
  return { said: recipe, requests, incremental: readyIncremental(recipe, known) };
}

function checkParams({ params, identity, base_url, auth, rate }: Recipe): void {
  if (rate !== undefined && rate.burst > rate.requests) {
    throw recipeInvalid('rate.burst', 'it is more than requests', 'Say how many of them may go at once.');
  }
  const taken: readonly string[] = [...ownParams, ...runNames, ...secretsOfAuth[auth.kind], 'cursor'];
  for (const [name, rule] of Object.entries(params)) {
    if (taken.includes(name))
      throw recipeInvalid(`params.${name}`, 'the name is taken', `Call it otherwise than ${taken.join(', ')}.`);
    if (rule.default !== undefined) parseTemplate(rule.default, `params.${name}.default`, runNames);
  }
  for (const [index, name] of identity.entries()) {
    const rule = params[name];
    if (rule === undefined) {
      throw recipeInvalid(`identity[${index}]`, `${name} is no param`, 'Declare it under params.');
    }
    if (!rule.required || rule.default !== undefined) {
      throw recipeInvalid(`params.${name}`, 'it is part of the identity', 'Make it required, and give it no default.');
    }
  }
  if (base_url !== undefined && usableBase(base_url) === null) {
    throw recipeInvalid('base_url', 'it is no address', 'Write https://host/path, without user name, ? or #.');
  }
}

interface Place {
  where: string;
  known: readonly string[];
  isOnly: boolean;
}

function readyRequest(request: RecipeRequest, { where, known, isOnly }: Place): ReadyRequest {
  if (!isOnly && request.name === undefined) {
    throw recipeInvalid(`${where}.name`, 'it is missing', 'Where there are several requests, each needs a name.');
  }
  return {
    name: isOnly ? null : (request.name ?? null),
    said: request,
    planned: planRequest(request, where, known),
    paging: readyPaging(request, where),
    failsWhen: request.fails_when.map((text, index) => ({
      path: compilePath(text, `${where}.fails_when[${index}]`, ['document']),
      shown: text,
    })),
    mappings: kinds.flatMap((kind) => mappingsOf(request, kind, where)),
  };
}

function mappingsOf(request: RecipeRequest, kind: Kind, where: string): ReadyMapping[] {
  const said = request[kind];
  if (said === undefined) return [];
  if (!Array.isArray(said)) return [compileMapping(kind, said, `${where}.${kind}`)];
  return said.map((mapping, index) => compileMapping(kind, mapping, `${where}.${kind}[${index}]`));
}

function readyPaging({ pages, complete }: RecipeRequest, where: string): ReadyPaging {
  const path = (of: object, name: string, at: string): Path | null => {
    const text = (of as Record<string, unknown>)[name];
    return typeof text === 'string' ? compilePath(text, `${where}.${at}.${name}`, ['document']) : null;
  };
  if (pages.by === 'offset' || pages.by === 'page') {
    if (pages.short_page_ends && pages.size === undefined) {
      throw recipeInvalid(`${where}.pages.size`, 'it is missing', 'short_page_ends compares with it.');
    }
  }
  return {
    from: path(pages, 'from', 'pages'),
    items: path(pages, 'items', 'pages') ?? path(complete, 'items', 'complete'),
    total: path(complete, 'total', 'complete'),
    pages: path(pages, 'pages', 'pages'),
    stopWhen: path(pages, 'stop_when', 'pages'),
    marker: path(complete, 'marker', 'complete'),
  };
}

function readyIncremental({ incremental }: Recipe, known: readonly string[]): ReadyRecipe['incremental'] {
  if (incremental === undefined) return null;
  const query = Object.entries(incremental.query).map(([name, text]): [string, Template] => [
    name,
    parseTemplate(text, `incremental.query.${name}`, [...known, 'cursor']),
  ]);
  return { cursor: compilePath(incremental.cursor, 'incremental.cursor', ['document']), query };
}
