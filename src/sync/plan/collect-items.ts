// Streams the formatted payload into the draft: fingerprints each item, folds repeated keys, keeps rejects.
import { rejectOf } from '../../catalog/check-item.ts';
import { fingerprint } from '../../catalog/fingerprint.ts';
import { type Formatted, type Item, itemKey, type Kind, type Reject } from '../../catalog/item.ts';
import type { DocumentProof } from '../../connectors/connector.ts';
import { type Draft, type Entry, type Incoming, type KindDraft, keptRejects } from './draft.ts';

/** Formats the stored payload from its start; may be called more than once. */
export type ItemStream = () => AsyncGenerator<Formatted, DocumentProof, void>;

export interface CollectOptions {
  /** Items that may wait in memory. */
  memoryItems: number;
  /** Keys (kind, external id, path) that the database refused before; they become rejects. */
  refused: ReadonlyMap<string, string>;
  /** Told the number of items met so far, now and then. */
  onItems: (items: number) => void;
}

/** The fingerprint of an item in hex. */
export function hashOf(item: Item): string {
  return fingerprint(item).toString('hex');
}

/** Name of a key across kinds, for `refused`. */
export function keyName(kind: Kind, externalId: string, pathId: string | null): string {
  return `${kind}\u0001${itemKey(kind, externalId, pathId)}`;
}

/** Reads the whole stream once into the draft. The order of the items makes no difference to the result. */
export async function collectItems(draft: Draft, stream: ItemStream, options: CollectOptions): Promise<void> {
  const items = stream();
  let met = 0;
  for (;;) {
    const next = await items.next();
    if (next.done) {
      noteProof(draft, next.value);
      break;
    }
    met += 1;
    if (met % 10_000 === 0) options.onItems(met);
    take(draft, next.value, options);
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
  const refusal = options.refused.get(keyName(item.kind, item.externalId, item.pathId));
  if (refusal !== undefined) {
    const reason = 'refused_by_database';
    takeReject(draft, rejectOf(item.kind, item, { reason, message: refusal, raw: item.data }).reject);
    return;
  }
  if (formatted.sanitised) draft.sanitised += 1;
  takeItem(draft, { item, hash: hashOf(item), preference: formatted.preference }, options.memoryItems);
}

function takeReject(draft: Draft, reject: Reject): void {
  const of = draft.kinds[reject.kind];
  of.received += 1;
  of.rejected += 1;
  if (draft.rejects.length < keptRejects) draft.rejects.push(reject);
  if (reject.externalId === null) of.keylessRejects += 1;
  else entryOf(of, reject.externalId, reject.pathId).rejected = true;
}

function entryOf(of: KindDraft, externalId: string, pathId: string | null): Entry {
  const key = itemKey(of.kind, externalId, pathId);
  let entry = of.entries.get(key);
  if (entry === undefined) {
    // The path belongs to the key of modifiers only; elsewhere it is content.
    entry = {
      externalId,
      pathId: of.kind === 'modifiers' ? pathId : null,
      stored: null,
      incoming: null,
      rejected: false,
    };
    of.entries.set(key, entry);
  }
  return entry;
}

function takeItem(draft: Draft, found: { item: Item; hash: string; preference: number }, memoryItems: number): void {
  const { item, hash, preference } = found;
  const of = draft.kinds[item.kind];
  of.received += 1;
  const entry = entryOf(of, item.externalId, item.pathId);
  const before = entry.incoming;
  if (before !== null) {
    of.duplicates += 1;
    before.copies += 1;
    if (before.hash === hash) return;
    before.identical = false;
    // Preference first, then the smaller fingerprint: whatever the order in the payload, the same row wins.
    if (preference < before.preference || (preference === before.preference && hash > before.hash)) return;
    forget(draft, before);
    entry.incoming = {
      ...before,
      hash,
      preference,
      priced: isPriced(item),
      item: keep(draft, entry, { item, hash, memoryItems }),
    };
    return;
  }
  entry.incoming = {
    hash,
    preference,
    copies: 1,
    identical: true,
    priced: isPriced(item),
    item: keep(draft, entry, { item, hash, memoryItems }),
  };
}

function isPriced(item: Item): boolean {
  return (item.kind === 'discounts' ? (item.discountAmount ?? item.price) : item.price) !== null;
}

function forget(draft: Draft, incoming: Incoming): void {
  if (incoming.item !== null) draft.kept -= 1;
}

/** The item, if it may have to be written and memory allows. */
function keep(draft: Draft, entry: Entry, found: { item: Item; hash: string; memoryItems: number }): Item | null {
  if (entry.stored !== null && !entry.stored.removed && entry.stored.hash === found.hash) return null;
  if (draft.kept >= found.memoryItems) {
    draft.overflow = true;
    return null;
  }
  draft.kept += 1;
  return found.item;
}
