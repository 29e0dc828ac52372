// Trying a recipe on a saved answer: what becomes of it, item by item, and which of its members the recipe never looks at.
import { type Formatted, type Item, itemKey, type Kind, kinds, type Reject } from '../../../catalog/item.ts';
import { isObject } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import { formatAnswer } from '../format/format-page.ts';
import { parsePage } from '../format/read-page.ts';
import { makeReady, type ReadyRecipe } from '../ready-recipe.ts';
import { recipeInvalid } from '../schema/recipe-error.ts';
import type { Recipe } from '../schema/recipe-schema.ts';
import { ReadMembers, unusedMembers } from './unused-members.ts';

/** What trying found. */
export interface Trial {
  items: readonly Item[];
  rejects: readonly Reject[];
  removed: readonly { kind: Kind; externalId: string; pathId: string | null }[];
  counts: Readonly<
    Record<Kind, { items: number; rejects: number; removed: number; filtered: number; duplicates: number }>
  >;
  /** Kinds whose list was in the answer at all. */
  kindsPresent: readonly Kind[];
  /** Members that the recipe never reads, e.g. 'menuItems[].calories', in the order of the answer. */
  unused: readonly string[];
}

export interface TrialInput {
  /** The bytes of the saved answer. */
  payload: Buffer;
  /** Which request it answers, where the recipe has several. */
  request?: string | undefined;
  params?: Readonly<Record<string, unknown>>;
  /** Fewer steps and items than a run may make, where somebody waits. */
  most?: { steps: number; items: number };
}

/** Drafts may be tried, too. Throws TillsyncError: recipe_invalid, and what formatting throws. */
export function tryRecipe(recipe: Recipe, { payload, request, params = {}, most }: TrialInput): Trial {
  const ready = makeReady(recipe);
  const document = parsePage(payload, undefined);
  const work = new ReadMembers(most);
  const formatting = formatAnswer(ready, addressed(ready, document, request), { params, work });
  const found: Formatted[] = [];
  let step = formatting.next();
  for (; !step.done; step = formatting.next()) found.push(step.value);
  const items = found.flatMap((each) => (each.type === 'item' ? [each.item] : []));
  return {
    items,
    rejects: found.flatMap((each) => (each.type === 'reject' ? [each.reject] : [])),
    removed: found.flatMap((each) => (each.type === 'removed' ? [each] : [])),
    counts: Object.fromEntries(kinds.map((kind) => [kind, countsOf(kind, found, items)])) as Trial['counts'],
    kindsPresent: step.value.kindsPresent,
    unused: unusedMembers(answerIn(ready, document), work),
  };
}

function countsOf(kind: Kind, found: readonly Formatted[], items: readonly Item[]): Trial['counts'][Kind] {
  const count = (type: Formatted['type']) => found.filter((each) => each.type === type && kindOf(each) === kind).length;
  const own = items.filter((item) => item.kind === kind);
  const keys = new Set(own.map((item) => itemKey(kind, item.externalId, item.pathId)));
  return {
    items: own.length,
    rejects: count('reject'),
    removed: count('removed'),
    filtered: count('filtered'),
    duplicates: own.length - keys.size,
  };
}

function kindOf(each: Formatted): Kind {
  return each.type === 'item' ? each.item.kind : each.type === 'reject' ? each.reject.kind : each.kind;
}

// A saved answer may be as the POS sent it, or as it was stored with the name of its request.
function addressed({ requests }: ReadyRecipe, document: Json, name: string | undefined): Json {
  if (requests.length === 1) return document;
  const names = requests.map((request) => request.name ?? '');
  if (name === undefined && isObject(document) && names.includes(String(document.request))) return document;
  if (name !== undefined && names.includes(name)) return { request: name, answer: document };
  throw recipeInvalid(
    'requests',
    'there are several',
    `Say which one the answer is of: --request ${names.join(' | ')}`,
  );
}

function answerIn({ requests }: ReadyRecipe, document: Json): Json {
  const isStored = requests.length > 1 && isObject(document) && requests.some(({ name }) => name === document.request);
  return isStored ? (document.answer ?? null) : document;
}
