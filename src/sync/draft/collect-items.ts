// Streams the formatted payload into the draft: fingerprints each item, folds repeated keys, keeps rejects.
import { rejectOf } from '../../catalog/check-item.ts';
import { type EncodedItem, encodeItem } from '../../catalog/fingerprint.ts';
import { type Formatted, type Item, itemKey, type Kind, type Reject } from '../../catalog/item.ts';
import type { DocumentProof } from '../../connectors/connector.ts';
import { type Draft, type KindDraft, keptRejects } from './draft.ts';

/** Formats the stored payload from its start, in batches; may be called more than once. */
export type ItemStream = () => AsyncGenerator<readonly Formatted[], DocumentProof, void>;

/** An item with all that writing it needs. */
export interface EncodedKey extends EncodedItem {
  item: Item;
  /** Index of its key. */
  index: number;
}

/** Takes new rows while the payload streams by, where nothing can hold them back (a source without live items). */
export interface NewRows {
  add(found: EncodedKey): void;
  /** Hands over what has gathered; called between batches. */
  flush(): Promise<void>;
}

export interface CollectOptions {
  /** Items that may wait in memory. */
  memoryItems: number;
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
    for (const formatted of next.value) take(draft, formatted, options);
    await options.newRows?.flush();
    met += next.value.length;
    if (met - told < 5_000) continue;
    told = met;
    options.onItems(met);
  }
  options.onItems(met);
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
  const { hash, data } = encodeItem(item);
  const index = keys.indexOf(item.externalId, item.pathId);
  if (keys.isIncoming(index)) {
    of.duplicates += 1;
    const isIdentical = keys.hasHash(index, hash);
    keys.repeat(index, isIdentical);
    if (isIdentical) return;
    // Preference first, then the smaller fingerprint: whatever the order in the payload, the same row wins.
    const before = keys.preferenceOf(index);
    if (preference < before || (preference === before && hash > keys.hashOf(index))) return;
    if (of.items.delete(index)) draft.kept -= 1;
    if (keys.isWritten(index)) keys.setOutdated(index);
  }
  keys.setIncoming(index, { hash, preference, priced: isPriced(item) });
  if (keys.hasStoredHash(index, hash) && keys.isLive(index)) return;
  if (options.newRows !== null && !keys.isStored(index) && !keys.isWritten(index)) {
    keys.setWritten(index);
    options.newRows.add({ item, index, hash, data });
    return;
  }
  keep(draft, of, { index, item, data, memoryItems: options.memoryItems });
}

function isPriced(item: Item): boolean {
  return (item.kind === 'discounts' ? (item.discountAmount ?? item.price) : item.price) !== null;
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
