// Reads the whole catalog of a merchant, modifier lists before the items that refer to them.
import type { FetchEnd, FetchedPage } from '../../connector.ts';
import { type Square, statusOf } from '../requests.ts';
import { isRecent, rememberedOf } from './remembered.ts';
import type { ObjectFacts, PageFacts } from './scan-page.ts';
import { bytesOf, retrieveObjects, searchPages } from './search.ts';

/** A cursor that Square refuses (they expire) is answered by beginning again, so often in all. */
const mostBeginnings = 3;
const mostIds = 1_000;
/** Bytes of one answer that is only looked at: 1,000 modifier lists are some 10 MB. */
const mostLookedAt = 64 * 1_024 * 1_024;

/**
 * Yields every page. `known` are objects that were seen just before, deleted ones among them. What was yielded before a
 * new beginning stays in the payload: the same objects come again and count once.
 */
export async function* readAll(
  square: Square,
  known: readonly ObjectFacts[],
): AsyncGenerator<FetchedPage, FetchEnd, void> {
  // That of the very first answer, also after a new beginning: what changed since then comes with the next changes.
  const read: WholeRead = { latestTime: undefined, pages: 0, recent: [...known] };
  for (let beginning = 1; ; beginning++) {
    try {
      return yield* readOnce(square, read);
    } catch (error) {
      // A first page was asked for without a cursor: what is refused there is something else.
      if (statusOf(error) !== 400 || read.pages === 0 || beginning === mostBeginnings) throw error;
    }
  }
}

interface WholeRead {
  latestTime: string | null | undefined;
  pages: number;
  recent: ObjectFacts[];
}

async function* readOnce(square: Square, read: WholeRead): AsyncGenerator<FetchedPage, FetchEnd, void> {
  const lists = new Set<string>();
  const used = new Set<string>();
  const take = (page: PageFacts) => {
    read.pages++;
    read.latestTime ??= page.latestTime;
    for (const facts of page.objects) {
      if (facts.type === 'MODIFIER_LIST') lists.add(facts.id);
      for (const list of facts.lists) used.add(list);
      if (isRecent(facts, read.latestTime ?? null)) read.recent.push(facts);
    }
  };
  // Discounts go with the lists, so that the first page, which *Test connection* shows, holds something.
  yield* searchPages(square, { types: ['MODIFIER_LIST', 'DISCOUNT'] }, take);
  yield* searchPages(square, { types: ['ITEM'] }, take);
  const fresh = await liveOf(
    square,
    [...used].filter((list) => !lists.has(list)),
  );
  if (fresh !== null) {
    // Its modifiers would be missing, and those that it took over from another list would be taken for gone.
    const reason = `The modifier list ${fresh} was added while the catalog was read; the next read will have it.`;
    return { complete: false, reason };
  }
  const remember = rememberedOf(read.latestTime ?? null, read.recent);
  return { complete: true, ...(remember === null ? {} : { remember }) };
}

/** One of these lists that is live, or null: items keep referring to lists that were deleted, and those hold nothing. */
async function liveOf(square: Square, ids: readonly string[]): Promise<string | null> {
  for (let from = 0; from < ids.length; from += mostIds) {
    const page = await retrieveObjects(square, ids.slice(from, from + mostIds));
    if ((await bytesOf(page.body, mostLookedAt)) === null) return ids[from] ?? null;
    const live = page.found().objects.find(({ type, isDeleted }) => type === 'MODIFIER_LIST' && !isDeleted);
    if (live !== undefined) return live.id;
  }
  return null;
}
