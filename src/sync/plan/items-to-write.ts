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
  for (const found of draft.overflow ? all(fromMemory(draft), fromPayload(draft, stream)) : all(fromMemory(draft))) {
    for await (const item of found) {
      if (!wanted.includes(item.verdict)) continue;
      batch.push(item);
      if (batch.length >= batchItems) {
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) yield batch;
}

type Items = Iterable<ItemToWrite> | AsyncIterable<ItemToWrite>;
const all = (...sources: Items[]) => sources;

function* fromMemory(draft: Draft): Generator<ItemToWrite, void, void> {
  for (const { entries } of Object.values(draft.kinds)) {
    for (const entry of entries.values()) {
      const incoming = entry.incoming;
      if (incoming === null || incoming.item === null) continue;
      yield { entry, item: incoming.item, hash: incoming.hash, verdict: verdictOf(entry) };
    }
  }
}

async function* fromPayload(draft: Draft, stream: ItemStream): AsyncGenerator<ItemToWrite, void, void> {
  const taken = new Set<Entry>();
  for await (const formatted of stream()) {
    if (formatted.type !== 'item') continue;
    const { item } = formatted;
    const entry = draft.kinds[item.kind].entries.get(itemKey(item.kind, item.externalId, item.pathId));
    const incoming = entry?.incoming;
    if (!entry || !incoming || incoming.item !== null || taken.has(entry)) continue;
    const verdict = verdictOf(entry);
    if (verdict === 'unchanged') continue;
    const hash = hashOf(item);
    // Another copy of a repeated key, which did not win.
    if (incoming.hash !== hash) continue;
    taken.add(entry);
    yield { entry, item, hash, verdict };
  }
}
