// The catalog's searches, page after page: as a stream of pages, and with its bytes in memory where a decision comes first.
import { redactor } from '../../../net/redact.ts';
import type { FetchedPage } from '../../connector.ts';
import { noCatalog, type Square } from '../requests.ts';
import { type PageFacts, type ScannedPage, scanPage } from './scan-page.ts';

/** The greatest that Square takes; advisory, so a page may hold more or fewer. */
const pageLimit = 1_000;

export interface Search {
  types: readonly string[];
  /** Changes after this moment, deleted objects included; absent = all that is live. */
  beginTime?: string;
}

/** Yields each page of a search; returns what stood in them, told page by page to `onPage`. Ends where no cursor comes. */
export async function* searchPages(
  square: Square,
  search: Search,
  onPage: (facts: PageFacts) => void,
): AsyncGenerator<FetchedPage, void, void> {
  const used = new Set<string>();
  for (let cursor: string | null = null; ; ) {
    const answer = await square.post('/v2/catalog/search', requestOf(search, cursor));
    const page = scanPage(answer.body, redactor(Object.values(square.context.settings.secrets)));
    yield pageOf(page, search.types);
    const facts = page.found();
    onPage(facts);
    if (facts.cursor === null) return;
    if (used.has(facts.cursor)) throw noCatalog('sent the same cursor twice, so its pages would never end');
    used.add(facts.cursor);
    cursor = facts.cursor;
  }
}

function requestOf({ types, beginTime }: Search, cursor: string | null): Record<string, unknown> {
  return {
    object_types: types,
    limit: pageLimit,
    ...(beginTime === undefined ? {} : { begin_time: beginTime, include_deleted_objects: true }),
    ...(cursor === null ? {} : { cursor }),
  };
}

function pageOf({ body }: ScannedPage, types: readonly string[]): FetchedPage {
  return { body, meta: { object_types: types.join(',') } };
}

/** The objects of these ids, deleted ones included, as one page; at most 1,000 ids, as Square allows. */
export async function retrieveObjects(square: Square, ids: readonly string[]): Promise<ScannedPage> {
  const answer = await square.post('/v2/catalog/batch-retrieve', { object_ids: ids, include_deleted_objects: true });
  return scanPage(answer.body, redactor(Object.values(square.context.settings.secrets)));
}

/** The bytes of a page; null when they are more than `mostBytes`. */
export async function bytesOf(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > mostBytes) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
