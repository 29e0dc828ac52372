// Yields the items that a plan has to look at closely or write: from memory, or from the payload a second time.
import { type Item, itemKey } from '../../catalog/item.ts';
import { hashOf, type ItemStream } from './collect-items.ts';
import { type Draft, type Entry, type Verdict, verdictOf } from './draft.ts';

export interface ItemToWrite {
  entry: Entry;
  item: Item;
  hash: string;
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
  for (const found of [fromMemory(draft, wanted), fromPayload(draft, stream, wanted)]) {
    for await (const item of found) {
      batch.push(item);
      if (batch.length >= batchItems) {
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) yield batch;
}

function* fromMemory(draft: Draft, wanted: readonly Verdict[]): Generator<ItemToWrite, void, void> {
  for (const { entries } of Object.values(draft.kinds)) {
    for (const entry of entries.values()) {
      const incoming = entry.incoming;
      if (incoming === null || incoming.item === null) continue;
      const verdict = verdictOf(entry);
      if (wanted.includes(verdict)) yield { entry, item: incoming.item, hash: incoming.hash, verdict };
    }
  }
}

/** The wanted items that memory had no room for; reads the payload only when there are any, and no further than the last. */
async function* fromPayload(
  draft: Draft,
  stream: ItemStream,
  wanted: readonly Verdict[],
): AsyncGenerator<ItemToWrite, void, void> {
  const missing = new Set<Entry>();
  for (const { entries } of Object.values(draft.overflow ? draft.kinds : {})) {
    for (const entry of entries.values()) {
      if (entry.incoming?.item === null && wanted.includes(verdictOf(entry))) missing.add(entry);
    }
  }
  if (missing.size === 0) return;
  for await (const formatted of stream()) {
    if (formatted.type !== 'item') continue;
    const { item } = formatted;
    const entry = draft.kinds[item.kind].entries.get(itemKey(item.kind, item.externalId, item.pathId));
    if (!entry || !missing.has(entry)) continue;
    const hash = hashOf(item);
    // Another copy of a repeated key, which did not win.
    if (entry.incoming?.hash !== hash) continue;
    missing.delete(entry);
    yield { entry, item, hash, verdict: verdictOf(entry) };
    if (missing.size === 0) return;
  }
}
