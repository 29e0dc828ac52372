// Yields the items that a plan has to look at closely or write: from memory, or from the payload a second time.
import { contentHash, textOf } from '../../catalog/fingerprint.ts';
import { kinds } from '../../catalog/item.ts';
import type { EncodedItem, ItemStream } from './collect-items.ts';
import type { Draft, KindDraft } from './draft.ts';
import type { Verdict } from './key-table.ts';

/** An item and what becomes of it. */
export interface ItemToWrite extends EncodedItem {
  verdict: Verdict;
}

const batchItems = 5_000;

/** Batches of the items whose verdict is wanted, each item once; at most 5,000 per batch, kinds mixed. */
export async function* itemsToWrite(
  draft: Draft,
  stream: ItemStream,
  wanted: readonly Verdict[],
): AsyncGenerator<ItemToWrite[], void, void> {
  let batch: ItemToWrite[] = [];
  for (const item of fromMemory(draft, wanted)) {
    batch.push(item);
    if (batch.length < batchItems) continue;
    yield batch;
    batch = [];
  }
  for await (const items of fromPayload(draft, stream, wanted)) {
    batch.push(...items);
    if (batch.length < batchItems) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Whether the key's item has still to be looked at or written, for one of these reasons. */
function isWanted({ keys }: KindDraft, index: number, wanted: readonly Verdict[]): boolean {
  return wanted.includes(keys.verdictOf(index)) && (!keys.isWritten(index) || keys.isOutdated(index));
}

function* fromMemory(draft: Draft, wanted: readonly Verdict[]): Generator<ItemToWrite, void, void> {
  for (const kind of kinds) {
    const of = draft.kinds[kind];
    for (const [index, { item, data }] of of.items) {
      if (!isWanted(of, index, wanted)) continue;
      yield { index, item, data, hash: of.keys.fingerprintOf(index), verdict: of.keys.verdictOf(index) };
    }
  }
}

/** The wanted items that memory had no room for; reads the payload only when there are any, and no further than the last. */
async function* fromPayload(
  draft: Draft,
  stream: ItemStream,
  wanted: readonly Verdict[],
): AsyncGenerator<ItemToWrite[], void, void> {
  if (!draft.overflow) return;
  const missing = { products: new Set<number>(), modifiers: new Set<number>(), discounts: new Set<number>() };
  let left = 0;
  for (const kind of kinds) {
    const of = draft.kinds[kind];
    for (let index = 0; index < of.keys.size; index++) {
      if (of.items.has(index) || !isWanted(of, index, wanted)) continue;
      missing[kind].add(index);
      left += 1;
    }
  }
  if (left === 0) return;
  for await (const batch of stream()) {
    const found: ItemToWrite[] = [];
    for (const formatted of batch) {
      if (formatted.type !== 'item') continue;
      const { item } = formatted;
      const { keys } = draft.kinds[item.kind];
      const index = keys.find(item.externalId, item.pathId);
      if (!missing[item.kind].has(index)) continue;
      const text = textOf(item);
      const content = contentHash(item, text);
      // Another copy of a repeated key, which did not win.
      if (content !== keys.hashOf(index)) continue;
      missing[item.kind].delete(index);
      const hash = content + text.textHash;
      found.push({ index, item, data: text.data, hash, verdict: keys.verdictOf(index) });
    }
    left -= found.length;
    if (found.length > 0) yield found;
    if (left === 0) return;
  }
}
