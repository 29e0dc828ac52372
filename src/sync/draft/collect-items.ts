// Streams the formatted payload into the draft: fingerprints each item, folds repeated keys, keeps rejects.
import { rejectOf } from '../../catalog/check-item.ts';
import { contentHash, textOf } from '../../catalog/fingerprint.ts';
import { type Formatted, type Item, itemKey, type Kind, type Reject } from '../../catalog/item.ts';
import type { DocumentProof } from '../../connectors/connector.ts';
import { TillsyncError } from '../../errors.ts';
import { type Draft, type KindDraft, keptRejects } from './draft.ts';

/** Formats the stored payload from its start, in batches; may be called more than once. */
export type ItemStream = () => AsyncGenerator<readonly Formatted[], DocumentProof, void>;

/** An item with all that writing it needs. */
export interface EncodedItem {
  item: Item;
  /** JSON text of its data. */
  data: string;
  /** Fingerprint, 48 hex digits. */
  hash: string;
  /** Index of its key. */
  index: number;
}

/** Takes new rows while the payload streams by, where nothing can hold them back (a source without rows). */
export interface NewRows {
  add(found: EncodedItem): void;
  /** Hands over what has gathered; called between batches. */
  flush(): Promise<void>;
}

export interface CollectOptions {
  /** Items that may wait in memory. */
  memoryItems: number;
  /** Items of the whole stream; more than that are refused. */
  mostItems: number;
  /** Keys (kind, external id, path) that the database refused before; they become rejects. */
  refused: ReadonlyMap<string, string>;
  /** Told the number of items met so far, now and then. */
  onItems: (items: number) => void;
  /** Called before a batch is taken: where stored keys are looked up as they come, instead of all at the beginning. */
  lookUp: ((batch: readonly Formatted[]) => Promise<void>) | null;
  newRows: NewRows | null;
}

/** Name of a key across kinds, for `refused`. */
export function keyName(kind: Kind, externalId: string, pathId: string | null): string {
  return `${kind}\u0001${itemKey(kind, externalId, pathId)}`;
}

// So many are fingerprinted while the server works on those before: about 64 KiB of its input.
const itemsAtOnce = 100;

/** Reads the whole stream once into the draft. The order of the items makes no difference to the result. */
export async function collectItems(draft: Draft, stream: ItemStream, options: CollectOptions): Promise<void> {
  const batches = stream();
  let met = 0;
  let told = 0;
  for (;;) {
    const next = await batches.next();
    if (next.done) {
      noteProof(draft, next.value);
      break;
    }
    await options.lookUp?.(next.value);
    for (let from = 0; from < next.value.length; from += itemsAtOnce) {
      for (const formatted of next.value.slice(from, from + itemsAtOnce)) take(draft, formatted, options);
      await options.newRows?.flush();
    }
    met += next.value.length;
    if (met > options.mostItems) throw tooManyItems(options.mostItems);
    if (met - told < 5_000) continue;
    told = met;
    options.onItems(met);
  }
  options.onItems(met);
}

function tooManyItems(most: number): TillsyncError {
  return new TillsyncError(`The answer of the POS makes more than ${most} items.`, {
    code: 'too_many_items',
    step: 'format',
    hint: 'Look whether items share lists of modifiers that are not theirs; if so many are right, raise TILLSYNC_MAX_ITEMS.',
    facts: { most },
  });
}

function noteProof(draft: Draft, proof: DocumentProof): void {
  draft.complete = proof.complete;
  draft.reason = proof.reason ?? null;
  for (const kind of proof.kindsPresent) draft.kindsPresent.add(kind);
}

function take(draft: Draft, formatted: Formatted, options: CollectOptions): void {
  if (formatted.type === 'filtered') {
    const of = draft.kinds[formatted.kind];
    of.received += 1;
    of.filtered += 1;
    return;
  }
  if (formatted.type === 'reject') {
    takeReject(draft, formatted.reject);
    return;
  }
  if (formatted.type === 'removed') {
    const { keys } = draft.kinds[formatted.kind];
    keys.setTombstone(keys.indexOf(formatted.externalId, formatted.pathId));
    return;
  }
  const { item } = formatted;
  const refusal =
    options.refused.size === 0 ? undefined : options.refused.get(keyName(item.kind, item.externalId, item.pathId));
  if (refusal !== undefined) {
    const reason = 'refused_by_database';
    takeReject(draft, rejectOf(item.kind, item, { reason, message: refusal, raw: item.data }).reject);
    return;
  }
  if (formatted.sanitised) draft.sanitised += 1;
  takeItem(draft, { item, preference: formatted.preference }, options);
}

function takeReject(draft: Draft, reject: Reject): void {
  const of = draft.kinds[reject.kind];
  of.received += 1;
  of.rejected += 1;
  if (draft.rejects.length < keptRejects) draft.rejects.push(reject);
  if (reject.externalId === null) of.keylessRejects += 1;
  else of.keys.setRejected(of.keys.indexOf(reject.externalId, reject.pathId));
}

function takeItem(draft: Draft, found: { item: Item; preference: number }, options: CollectOptions): void {
  const { item, preference } = found;
  const of = draft.kinds[item.kind];
  const { keys } = of;
  of.received += 1;
  const text = textOf(item);
  const { data, textHash } = text;
  const index = keys.indexOf(item.externalId, item.pathId);
  const isRepeated = keys.isIncoming(index);
  if (!isRepeated && keys.hasStoredText(index, textHash)) {
    // The usual case of all: the row is there with this very text.
    keys.setAsStored(index, { preference, priced: isPriced(item) });
    if (!keys.isLive(index)) keep(draft, of, { index, item, data, memoryItems: options.memoryItems });
    return;
  }
  if (isRepeated && keys.hasText(index, textHash)) {
    of.duplicates += 1;
    keys.repeat(index, true);
    return;
  }
  const content = contentHash(item, text);
  if (isRepeated && !replaces(draft, of, { index, content, preference })) return;
  const hash = content + textHash;
  keys.setIncoming(index, { hash, preference, priced: isPriced(item) });
  if (keys.isLive(index) && keys.storedHashOf(index) === content) return;
  if (options.newRows !== null && !keys.isStored(index) && !keys.isWritten(index)) {
    keys.setWritten(index);
    options.newRows.add({ item, index, hash, data });
    return;
  }
  keep(draft, of, { index, item, data, memoryItems: options.memoryItems });
}

/** Counts another copy of a key; whether it takes the place of the one before. */
function replaces(
  draft: Draft,
  of: KindDraft,
  { index, content, preference }: { index: number; content: string; preference: number },
): boolean {
  const { keys } = of;
  const before = { content: keys.hashOf(index), preference: keys.preferenceOf(index) };
  of.duplicates += 1;
  keys.repeat(index, content === before.content);
  if (content === before.content) return false;
  // Preference first, then the smaller hash: whatever the order in the payload, the same row wins.
  if (preference < before.preference || (preference === before.preference && content > before.content)) return false;
  if (of.items.delete(index)) draft.kept -= 1;
  if (keys.isWritten(index)) keys.setOutdated(index);
  return true;
}

function isPriced(item: Item): boolean {
  const own = item.kind === 'discounts' ? (item.discountAmount ?? item.price) : item.price;
  return own !== null || (item.locations ?? []).some(({ price }) => price !== null);
}

/** Keeps an item that may have to be written, if memory allows. */
function keep(
  draft: Draft,
  of: KindDraft,
  { index, item, data, memoryItems }: { index: number; item: Item; data: string; memoryItems: number },
): void {
  if (draft.kept >= memoryItems) {
    draft.overflow = true;
    return;
  }
  draft.kept += 1;
  of.items.set(index, { item, data });
}
