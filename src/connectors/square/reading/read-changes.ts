// Reads what changed since the remembered position, decides what it means, and yields it as a delta where that is sound.
import type { FetchEnd, FetchedPage } from '../../connector.ts';
import { type Square, statusOf } from '../requests.ts';
import { type Judgement, judgeChanges } from './judge-changes.ts';
import { type Position, rememberedOf } from './remembered.ts';
import type { ObjectFacts } from './scan-page.ts';
import { bytesOf, retrieveObjects, searchPages } from './search.ts';

/** Changes are held in memory until it is known what they mean; more bytes than this mean that all is read. */
const mostBytes = 32 * 1_024 * 1_024;
/** The types whose changes can touch a row. Nested types come only when they are named. */
const types = ['ITEM', 'ITEM_VARIATION', 'MODIFIER_LIST', 'MODIFIER', 'DISCOUNT'];

export interface Changes {
  judgement: Judgement;
  objects: readonly ObjectFacts[];
  pages: readonly { body: Uint8Array; meta: FetchedPage['meta'] }[];
  /** The first answer's latest_time. */
  latestTime: string | null;
}

/** Asks for the changes: one request where nothing or little changed. A position that Square refuses means that all is read. */
export async function readChanges(square: Square, position: Position): Promise<Changes> {
  const objects: ObjectFacts[] = [];
  const pages: { body: Uint8Array; meta: FetchedPage['meta'] }[] = [];
  let latestTime: string | null | undefined;
  const all = (reason: string): Changes => ({
    judgement: { means: 'all', reason },
    objects,
    pages: [],
    latestTime: null,
  });
  const found = searchPages(square, { types, beginTime: position.beginTime }, (page) => {
    latestTime ??= page.latestTime;
    for (const facts of page.objects) objects.push(facts);
  });
  let left = mostBytes;
  try {
    for await (const { body, meta } of found) {
      const bytes = await bytesOf(body, left);
      if (bytes === null) return all('the changes are larger than 32 MiB');
      left -= bytes.length;
      pages.push({ body: bytes, meta });
    }
  } catch (error) {
    if (statusOf(error) !== 400) throw error;
    return all('Square does not take the position any more');
  }
  return { judgement: judgeChanges(objects, position.seen), objects, pages, latestTime: latestTime ?? null };
}

/**
 * Yields a delta: a note of our own that says so (format needs to know, see mapping/), all modifier lists, the items of
 * changed variations, and the changes. The lists are read after the changes, so that every list which a changed item
 * refers to is among them.
 */
export async function* bringChanges(
  square: Square,
  position: Position,
  { objects, pages, latestTime, missingItems }: Changes & { missingItems: readonly string[] },
): AsyncGenerator<FetchedPage, FetchEnd, void> {
  yield { body: once(Buffer.from(JSON.stringify({ changes_since: position.beginTime }))), meta: { note: 'changes' } };
  yield* searchPages(square, { types: ['MODIFIER_LIST'] }, () => undefined);
  const retrieved: ObjectFacts[] = [];
  if (missingItems.length > 0) {
    const page = await retrieveObjects(square, missingItems);
    yield { body: page.body, meta: { object_ids: missingItems.length } };
    retrieved.push(...page.found().objects);
  }
  for (const { body, meta } of pages) yield { body: once(body), meta };
  const remember = rememberedOf(latestTime, [...objects, ...retrieved]);
  return { complete: true, delta: true, ...(remember === null ? {} : { remember }) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
