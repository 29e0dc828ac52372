// Which page comes next: one closed form per paginator, decided from the page that has just come.
import { isObject, readText } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import type { Path } from '../path/parse-path.ts';
import { isTruthy, readPath } from '../path/read-path.ts';
import { Work } from '../path/work.ts';
import type { ReadyRequest } from '../ready-recipe.ts';

/** How a page is asked for: members by name, or a whole address. */
export interface PageQuestion {
  members: readonly [string, string | number][];
  link: string | null;
}

const mostCursor = 4_000;

/** What has come so far of one request. */
export interface Progress {
  /** Elements that were counted, where the recipe counts them. */
  seen: number;
  /** Elements of the last page; null where they are not counted, or are no list. */
  last: number | null;
  /** Pages that have come. */
  pages: number;
}

/** A page that has come. */
export interface Arrived {
  document: Json;
  headers: { get(name: string): string | null };
}

/** The question for the first page. */
export function firstPage({ said: { pages } }: ReadyRequest): PageQuestion {
  if (pages.by !== 'offset' && pages.by !== 'page') return { members: [], link: null };
  return numbered(pages, pages.start);
}

function numbered(
  pages: { param: string; size_param?: string | undefined; size?: number | undefined },
  at: number,
): PageQuestion {
  const size: [string, number][] =
    pages.size_param === undefined || pages.size === undefined ? [] : [[pages.size_param, pages.size]];
  return { members: [[pages.param, at], ...size], link: null };
}

/** The progress after a page. */
export function countPage({ paging }: ReadyRequest, arrived: Arrived, { seen, pages }: Progress): Progress {
  const list = paging.items === null ? null : valueAt(paging.items, arrived.document);
  const last = Array.isArray(list) ? list.length : null;
  return { seen: seen + (last ?? 0), last, pages: pages + 1 };
}

/** The question for the page after this one; null = it was the last. */
export function nextPage(request: ReadyRequest, arrived: Arrived, progress: Progress): PageQuestion | null {
  const { said, paging } = request;
  const { document } = arrived;
  const { pages } = said;
  if (pages.by === 'none') return null;
  if (paging.stopWhen !== null && isTruthy(valueAt(paging.stopWhen, document))) return null;
  if (pages.by === 'cursor') {
    const cursor = scalarAt(paging.from, document);
    return cursor === null ? null : { members: [[pages.param, cursor]], link: null };
  }
  if (pages.by === 'next_link') {
    const link = paging.from === null ? linkOf(arrived.headers.get('link')) : scalarAt(paging.from, document);
    return link === null ? null : { members: [], link };
  }
  if (progress.last === null || progress.last === 0) return null;
  if (pages.short_page_ends && progress.last < (pages.size ?? 0)) return null;
  const total = numberAt(paging.total, document);
  if (total !== null && progress.seen >= total) return null;
  const count = pages.by === 'page' ? numberAt(paging.pages, document) : null;
  if (count !== null && progress.pages >= count) return null;
  // An offset moves by what came, not by what was asked for: some POS send less than that.
  return numbered(pages, pages.start + (pages.by === 'page' ? progress.pages : progress.seen));
}

/** Why the pages are not proved to be all, or null when they are. `arrived` is the last page. */
export function whyIncomplete(request: ReadyRequest, arrived: Arrived, progress: Progress): string | null {
  const { complete } = request.said;
  if (complete.when === 'total') {
    const total = numberAt(request.paging.total, arrived.document);
    if (total === null) return `the POS does not say how many elements there are (${complete.total})`;
    return total === progress.seen ? null : `${progress.seen} elements came, and the POS says that there are ${total}`;
  }
  if (complete.when === 'end_marker' && request.paging.marker !== null) {
    const isThere = isTruthy(valueAt(request.paging.marker, arrived.document));
    return isThere ? null : `the last page has no end marker (${complete.marker})`;
  }
  // Counted pages whose list is missing are no last page, but another answer.
  const isCounted = request.said.pages.by === 'offset' || request.said.pages.by === 'page';
  return isCounted && progress.last === null ? 'a page has no list to count' : null;
}

/** What the recipe's cursor of changes says in the first page. */
export function cursorAt(path: Path, document: Json): string | null {
  const cursor = scalarAt(path, document);
  // What is longer fits into no address: each read of changes would be refused, where one of all is not.
  return cursor !== null && cursor.length <= mostCursor ? cursor : null;
}

/** What stands at a path of a page. */
export function valueAt(path: Path, document: Json): Json {
  return readPath(path, { current: document, scope: { document }, work: new Work() });
}

function scalarAt(path: Path | null, document: Json): string | null {
  const value = path === null ? null : valueAt(path, document);
  if (value === null || value === '' || typeof value === 'boolean' || isObject(value)) return null;
  return readText(value) ?? null;
}

function numberAt(path: Path | null, document: Json): number | null {
  const text = scalarAt(path, document);
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** The address of rel=next in a Link header (RFC 8288). */
function linkOf(header: string | null): string | null {
  for (const part of (header ?? '').slice(0, 8_000).split(/,(?=\s*<)/)) {
    const [, target, params = ''] = /^\s*<([^>]*)>(.*)$/.exec(part) ?? [];
    if (target !== undefined && /;\s*rel="?next"?(\s|;|$)/i.test(params)) return target;
  }
  return null;
}
