// What a recipe that is being written would make of an answer: a stored one of a run, or one that somebody pasted. Nothing is fetched.
import { type Item, itemKey, type Kind, type Reject } from '../../catalog/item.ts';
import type { Recipe } from '../../connectors/recipe/schema/recipe-schema.ts';
import { findFaults, type RecipeFault } from '../../connectors/recipe/try/find-faults.ts';
import { type Trial, tryRecipe } from '../../connectors/recipe/try/try-recipe.ts';
import type { Queryable } from '../../db/database.ts';
import { inputError, TillsyncError } from '../../errors.ts';
import { payloadOfPage } from '../../records/payloads/list-run-payloads.ts';
import { readPayload } from '../../records/payloads/read-payload.ts';

/** Somebody waits, and others wait behind them: a tenth of what a run may do with a page. */
const most = { steps: 5_000_000, items: 50_000 };
const mostBytes = 8 * 1024 * 1024;
const shown = { items: 20, rejects: 50, duplicates: 20, answer: 20_000 };

/** Which answer is looked at. */
export type PreviewAnswer = { sourceId: string; runId: string; page: number } | { text: string };

export interface PreviewRequest {
  text: string;
  answer: PreviewAnswer | null;
  /** Which request it answers, where the recipe has several. */
  request?: string | undefined;
  params: Readonly<Record<string, unknown>>;
}

export interface RecipePreview {
  /** null while the text is no recipe. */
  recipe: { id: string; title: string; version: number; draft: string | null; requests: string[] } | null;
  faults: RecipeFault[];
  /** null without an answer, or while there are faults. */
  trial: ShownTrial | null;
  /** Why this answer cannot be read by it. */
  refusal: { code: string; message: string; hint: string } | null;
  /** The begin of the answer. */
  answer: { bytes: number; excerpt: string; cut: boolean } | null;
}

export interface ShownTrial {
  counts: Trial['counts'];
  kinds_present: Kind[];
  /** The first 20 of each kind. */
  items: Record<Kind, ShownItem[]>;
  rejects: {
    kind: Kind;
    external_id: string | null;
    path_id: string | null;
    reason: string;
    message: string;
    raw: unknown;
  }[];
  /** Keys that come more than once. */
  duplicates: { kind: Kind; external_id: string; path_id: string | null; copies: number }[];
  unused: string[];
}

export interface ShownItem {
  external_id: string;
  path_id: string | null;
  name: string | null;
  item_type: string | null;
  modifier_group_id: string | null;
  modifier_group_name: string | null;
  /** Decimal text, as it would be stored. */
  price: string | null;
  discount_amount: string | null;
  discount_percent: string | null;
  currency: string | null;
  is_available: boolean | null;
}

/** `q` reads as the caller may see. Throws TillsyncError payload_unknown, payload_incomplete, preview_too_large. */
export async function previewRecipe(q: Queryable, request: PreviewRequest): Promise<RecipePreview> {
  const { recipe, faults } = findFaults(request.text);
  const bytes = request.answer === null ? null : await bytesOf(q, request.answer);
  const found = recipe === null || bytes === null ? null : trialOf(recipe, bytes, request);
  return {
    recipe: recipe === null ? null : describe(recipe),
    faults,
    trial: found?.trial ?? null,
    refusal: found?.refusal ?? null,
    answer: bytes === null ? null : excerptOf(bytes),
  };
}

function describe({ id, title, version, draft, requests }: Recipe): RecipePreview['recipe'] {
  const names = requests.length > 1 ? requests.map(({ name }) => name ?? '') : [];
  return { id, title, version, draft: draft ?? null, requests: names };
}

type Found = Pick<RecipePreview, 'trial' | 'refusal'>;

function trialOf(recipe: Recipe, payload: Buffer, { request, params }: PreviewRequest): Found {
  try {
    return { trial: shownOf(tryRecipe(recipe, { payload, request, params, most })), refusal: null };
  } catch (error) {
    // An answer that this recipe cannot read is what one wants to see here.
    if (!(error instanceof TillsyncError)) throw error;
    const { code, message, hint } = error;
    return { trial: null, refusal: { code, message, hint } };
  }
}

async function bytesOf(q: Queryable, answer: PreviewAnswer): Promise<Buffer> {
  if ('text' in answer) return withinLimit([Buffer.from(answer.text)]);
  const { sourceId, runId, page } = answer;
  const payloadId = await payloadOfPage(q, { sourceId, runId, page });
  if (payloadId === null) throw payloadUnknown(page);
  const pieces: Buffer[] = [];
  for await (const piece of readPayload(q, { sourceId, payloadId })) {
    pieces.push(Buffer.from(piece));
    withinLimit(pieces);
  }
  return withinLimit(pieces);
}

function withinLimit(pieces: readonly Buffer[]): Buffer {
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (size <= mostBytes) return Buffer.concat(pieces);
  throw new TillsyncError('This answer is larger than the 8 MiB that a preview reads.', {
    code: 'preview_too_large',
    step: 'validation',
    status: 413,
    hint: 'Take a smaller page, or try it where tillsync runs: `tillsync connectors try <recipe> --payload <file>`.',
  });
}

function payloadUnknown(page: number): TillsyncError {
  return inputError(
    'payload_unknown',
    `The run has no stored answer with the number ${page}, or it is no longer kept.`,
    'Choose another run or page, or paste an answer.',
  );
}

function excerptOf(bytes: Buffer): RecipePreview['answer'] {
  const cut = bytes.length > shown.answer;
  return { bytes: bytes.length, excerpt: bytes.subarray(0, shown.answer).toString('utf8'), cut };
}

function shownOf({ counts, kindsPresent, items, rejects, unused }: Trial): ShownTrial {
  const first = (kind: Kind) => items.filter((item) => item.kind === kind).slice(0, shown.items);
  return {
    counts,
    kinds_present: [...kindsPresent],
    items: {
      products: first('products').map(itemOf),
      modifiers: first('modifiers').map(itemOf),
      discounts: first('discounts').map(itemOf),
    },
    rejects: rejects.slice(0, shown.rejects).map(rejectOf),
    duplicates: duplicatesOf(items),
    unused: [...unused],
  };
}

function itemOf(item: Item): ShownItem {
  return {
    external_id: item.externalId,
    path_id: item.pathId,
    name: item.name,
    item_type: item.itemType,
    modifier_group_id: item.modifierGroupId,
    modifier_group_name: item.modifierGroupName,
    price: item.price,
    discount_amount: item.discountAmount,
    discount_percent: item.discountPercent,
    currency: item.currency,
    is_available: item.isAvailable,
  };
}

function rejectOf({ kind, externalId, pathId, reason, message, raw }: Reject): ShownTrial['rejects'][number] {
  return { kind, external_id: externalId, path_id: pathId, reason, message, raw };
}

function duplicatesOf(items: readonly Item[]): ShownTrial['duplicates'] {
  const met = new Map<string, ShownTrial['duplicates'][number]>();
  for (const { kind, externalId, pathId } of items) {
    const key = `${kind} ${itemKey(kind, externalId, pathId)}`;
    const known = met.get(key);
    if (known === undefined) met.set(key, { kind, external_id: externalId, path_id: pathId, copies: 1 });
    else known.copies += 1;
  }
  return [...met.values()].filter(({ copies }) => copies > 1).slice(0, shown.duplicates);
}
