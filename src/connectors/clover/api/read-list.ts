// One list of Clover, page by page by offset, each page overlapping the one before by one row: what moved in between shows.
import type { Json } from '../../../json.ts';
import { keyOf } from '../cursor.ts';
import { noteMember } from '../mapping/page.ts';
import { merchantUrl } from '../settings.ts';
import { type CloverApi, notClover, type Query } from './clover-api.ts';

export interface ListPage {
  /** The whole answer as it came: a JSON object with `elements`. */
  text: string;
  elements: readonly Json[];
  /** How many of the first rows were already in the page before. */
  repeated: number;
}

export interface ListEnd {
  /** Why rows may have been skipped; null = every row was seen. */
  drift: string | null;
  pages: number;
  /** It came in one answer that was not full: nothing can have moved in between. */
  isAtOnce: boolean;
  /** When the first page was sent, by the clock of the POS; null = not said. */
  beganAt: number | null;
}

/**
 * Reads to the end. Offsets count rows, so a row that comes or goes before the offset shifts all behind it: each request
 * begins at the last row known, which must come first again. The end is a page that holds nothing but that row, so a page that
 * is short for another reason ends nothing. After a shift it goes on as long as a page brings anything new, and says so.
 */
export async function* readList(api: CloverApi, path: string, query: Query): AsyncGenerator<ListPage, ListEnd, void> {
  const known = new Set<string>();
  let [seen, pages] = [0, 0];
  let last: string | null = null;
  let isAtOnce = true;
  let drift: string | null = null;
  let beganAt: number | null = null;
  for (;;) {
    const offset = last === null ? 0 : seen - 1;
    const answer = await api.get(path, [...query, ['offset', `${offset}`], ['limit', `${api.settings.page_size}`]]);
    if (pages === 0) beganAt = answer.sentAt;
    const { elements } = answer.document;
    if (Object.hasOwn(answer.document, noteMember)) {
      // Beside the note that is put before a page it would say otherwise what its elements are.
      throw notClover(`answered with a member "${noteMember}" of its own`, merchantUrl(api.settings, path));
    }
    if (!Array.isArray(elements)) {
      throw notClover('answered without the list "elements"', merchantUrl(api.settings, path));
    }
    const keys = elements.map(keyOf);
    const isAligned = last === null || keys[0] === last;
    if (!isAligned) drift ??= `rows of ${path} moved between two pages (at row ${offset + 1})`;
    const fresh = last !== null && isAligned ? keys.slice(1) : keys;
    const added = fresh.filter((key) => !known.has(key)).length;
    if (added < fresh.length || new Set(fresh).size < fresh.length) drift ??= `rows of ${path} came twice`;
    if (added === 0) return { drift, pages, isAtOnce, beganAt };
    yield { text: answer.text, elements, repeated: elements.length - fresh.length };
    for (const key of fresh) known.add(key);
    pages += 1;
    isAtOnce = pages === 1 && elements.length < api.settings.page_size;
    seen = offset + elements.length;
    last = keys.at(-1) ?? null;
  }
}
