// Makes a whole connector of a recipe: to everything else it is a connector like any other.
import { TillsyncError } from '../../errors.ts';
import type { Connector } from '../connector.ts';
import { formatAnswer, formatPage } from './format/format-page.ts';
import { makeReady } from './ready-recipe.ts';
import { adoptedBaseUrl, baseUrlOf, settingsOf } from './recipe-settings.ts';
import { sentSecrets, tokenRule } from './request/auth.ts';
import { fetchPages } from './request/fetch-pages.ts';
import { secretsOfAuth } from './schema/auth-schema.ts';
import type { Recipe } from './schema/recipe-schema.ts';

/** Throws TillsyncError recipe_invalid, naming the place in the recipe. A draft becomes a connector that refuses to run. */
export function connectorOf(recipe: Recipe): Connector {
  const ready = makeReady(recipe);
  const { auth, rate, original, incremental } = recipe;
  const secretFields = secretsOfAuth[auth.kind];
  const token = tokenRule(auth, (params) => baseUrlOf(recipe, params));
  return {
    id: recipe.id,
    title: recipe.title,
    version: recipe.version,
    settings: settingsOf(recipe),
    identity: recipe.identity,
    secretFields,
    requiredSecrets: () => secretFields,
    secretTexts: (settings) => sentSecrets(auth, settings),
    ...(original === undefined
      ? {}
      : {
          adoptedDefaults:
            original.exclude_categories.length === 0 ? {} : { exclude_categories: original.exclude_categories },
          adoptedBaseUrl: (params: Readonly<Record<string, unknown>>) => adoptedBaseUrl(recipe, params),
        }),
    origin: (params) => baseUrlOf(recipe, params).origin,
    volatileFields: recipe.volatile,
    ...(rate === undefined
      ? {}
      : { rateBudget: { requests: rate.requests, perSeconds: rate.per_seconds, burst: rate.burst } }),
    ...(token === undefined ? {} : { token }),
    ...(incremental === undefined ? {} : { incremental: { cursor: incremental.cursor } }),
    removal: recipe.removal,
    async *fetch(context) {
      refuseDraft(recipe);
      return yield* fetchPages(ready, context, baseUrlOf(recipe, context.settings.params));
    },
    async *format(body, context) {
      refuseDraft(recipe);
      return yield* formatPage(ready, body, context);
    },
    *formatDocument(document, context) {
      refuseDraft(recipe);
      return yield* formatAnswer(ready, document, context);
    },
  };
}

function refuseDraft({ draft, title }: Recipe): void {
  if (draft === undefined) return;
  throw new TillsyncError(`${title} is a draft of a recipe, and cannot run: ${draft.replace(/\.$/, '')}.`, {
    code: 'recipe_draft',
    step: 'validation',
    exitCode: 2,
    status: 422,
    hint: 'Say how its items are read, take out `draft`, and try it: tillsync connectors try <recipe> --payload <file>',
  });
}
