// Formatting a page of a recipe: from bytes, or from a document already parsed, to items; pure.
import { documentError } from '../../../catalog/document-error.ts';
import { type Formatted, type Kind, kinds } from '../../../catalog/item.ts';
import { isObject } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import { excerpt } from '../../../net/redact.ts';
import type { DocumentProof, FormatContext } from '../../connector.ts';
import { isTruthy, type Reading, readPath } from '../path/read-path.ts';
import { Work } from '../path/work.ts';
import type { ReadyRecipe, ReadyRequest } from '../ready-recipe.ts';
import type { MappingSettings } from './map-element.ts';
import { parsePage, wholePage } from './read-page.ts';
import { walkLevels } from './walk-levels.ts';

const batchSize = 500;

/** Formats the bytes of one page; see Connector.format. */
export async function* formatPage(
  recipe: ReadyRecipe,
  body: AsyncIterable<Uint8Array>,
  context: FormatContext,
): AsyncGenerator<Formatted[], DocumentProof, void> {
  const document = parsePage(await wholePage(body), context.redact);
  const formatting = formatAnswer(recipe, document, context);
  let batch: Formatted[] = [];
  for (;;) {
    const { done, value } = formatting.next();
    if (done) {
      if (batch.length > 0) yield batch;
      return value;
    }
    batch.push(value);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
}

/** Formats a document already parsed; yields the same as `formatPage` of its text. */
export function* formatAnswer(
  recipe: ReadyRecipe,
  document: Json,
  context: FormatContext & { work?: Work },
): Generator<Formatted, DocumentProof, void> {
  const { request, answer } = openAnswer(recipe, document, context);
  const work = context.work ?? new Work();
  const reading: Reading = { current: answer, scope: { document: answer }, work };
  for (const { path, shown } of request.failsWhen) {
    const value = readPath(path, reading);
    if (!isTruthy(value)) continue;
    const said = `${shown} is ${JSON.stringify(value).slice(0, 500)}`;
    throw documentError('upstream_error_body', { excerpt: excerpt(said, context.redact) });
  }
  const settings = settingsOf(context.params);
  const present = new Set<Kind>();
  for (const mapping of request.mappings) {
    if (yield* walkLevels(mapping, reading, settings)) present.add(mapping.kind);
  }
  if (present.size === 0) {
    const lists = [...new Set(request.mappings.map(({ levels }) => levels[0]?.shown ?? ''))].join(', ');
    const detail = excerpt(
      `it has ${membersOf(answer)}, and not the list that the recipe reads (${lists})`,
      context.redact,
    );
    throw documentError('body_wrong_shape', { excerpt: '', detail });
  }
  return { complete: true, kindsPresent: kinds.filter((kind) => present.has(kind)) };
}

// Pages of a recipe with several requests say which one they answer: {"request": name, "answer": …}.
function openAnswer(
  recipe: ReadyRecipe,
  document: Json,
  context: FormatContext,
): { request: ReadyRequest; answer: Json } {
  const [only] = recipe.requests;
  if (recipe.requests.length === 1 && only !== undefined) return { request: only, answer: document };
  const name = isObject(document) ? document.request : undefined;
  const request = recipe.requests.find((each) => each.name === name);
  if (request !== undefined && isObject(document)) return { request, answer: document.answer ?? null };
  const detail = excerpt('it does not say which request of the recipe it answers', context.redact);
  throw documentError('body_wrong_shape', { excerpt: '', detail });
}

function settingsOf(params: FormatContext['params']): MappingSettings {
  const { exclude_categories, currency } = params;
  const excluded = Array.isArray(exclude_categories) ? exclude_categories : [];
  return {
    excludeCategories: excluded.filter((text): text is string => typeof text === 'string' && text !== ''),
    currency: typeof currency === 'string' ? currency : null,
  };
}

function membersOf(answer: Json): string {
  if (Array.isArray(answer)) return `a list of ${answer.length}`;
  if (!isObject(answer)) return 'a single value';
  const names = Object.keys(answer);
  return names.length === 0 ? 'no members' : `only ${names.slice(0, 10).join(', ')}`;
}
