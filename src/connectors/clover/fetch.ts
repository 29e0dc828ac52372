// Fetching a Clover inventory: groups and discounts whole, then all items or those that changed; complete only if nothing moved.
import { idText, isObject } from '../../catalog/raw-fields.ts';
import type { Json } from '../../json.ts';
import type { FetchContext, FetchEnd, FetchedPage } from '../connector.ts';
import { type CloverApi, openApi, type Query, statusOf } from './api/clover-api.ts';
import { readMerchant } from './api/merchant.ts';
import { type ListEnd, type ListPage, readList } from './api/read-list.ts';
import { type Cursor, digestOf, readCursor, writeCursor } from './cursor.ts';
import { notedPage, type PageNote } from './mapping/page.ts';
import { idsOf, isCapped, isDeleted, nested } from './mapping/raw-rows.ts';
import { SeenItems } from './seen-items.ts';

// A change may be committed some minutes after the time that it bears; what comes again changes nothing.
const overlapMs = 10 * 60_000;

const groupQuery: Query = [['expand', 'modifiers']];
const itemQuery: Query = [['expand', 'categories,modifierGroups']];

/**
 * Yields pages in the order in which `format` needs them: groups, the modifiers of groups with 100 and more, items, and after a
 * whole read of items the discounts. The small lists are read first and compared by content: only if they are as they were when
 * the cursor was saved do the changed items say all that changed. Throws TillsyncError (step 'fetch').
 */
export async function* fetchCatalog(context: FetchContext): AsyncGenerator<FetchedPage, FetchEnd, void> {
  const api = openApi(context);
  const currency = api.settings.currency ?? (await readMerchant(api)).currency;
  const groups = await readGroups(api);
  const discounts = await readWhole(api, { path: 'discounts', note: { resource: 'discounts' } });
  const digest = digestOf([...groups.rows, ...discounts.rows], currency);
  const reading: Reading = { api, currency, digest, small: [groups, discounts] };
  const cursor = readCursor(context.since?.cursor);
  if (cursor !== null && cursor.digest === digest && driftOf(reading) === null) {
    return yield* fetchChanges(reading, cursor, groups);
  }
  return yield* fetchAll(reading, groups, discounts);
}

interface Reading {
  api: CloverApi;
  currency: string | null;
  digest: string;
  small: readonly WholeList[];
}

/** A list that is small enough to be held: groups and discounts. */
interface WholeList {
  pages: { text: string; note: Omit<PageNote, 'currency'> }[];
  rows: Json[];
  end: ListEnd;
}

interface ListOf {
  path: string;
  query?: Query;
  note: Omit<PageNote, 'currency'>;
}

/**
 * Reads a small list. Where one answer does not hold it, it is read twice: a row that went to a page already read while another left it
 * shifts nothing, and these rows do not surely bear the time of their change.
 */
async function readWhole(api: CloverApi, of: ListOf): Promise<WholeList> {
  const list = await readOnce(api, of);
  if (list.end.isAtOnce || list.end.drift !== null) return list;
  const again = await readOnce(api, of);
  if (digestOf(again.rows, null) === digestOf(list.rows, null)) return list;
  return { ...list, end: { ...list.end, drift: `two readings of ${of.path} differ` } };
}

async function readOnce(api: CloverApi, of: ListOf): Promise<WholeList> {
  const list = readList(api, of.path, of.query ?? []);
  const [pages, rows]: [WholeList['pages'], Json[]] = [[], []];
  for (;;) {
    const next = await list.next();
    if (next.done) return { pages, rows, end: next.value };
    const { text, repeated, elements } = next.value;
    pages.push({ text, note: { ...of.note, repeated } });
    rows.push(...elements.slice(repeated));
  }
}

/** All groups with all their modifiers: those whose nested list is full are read again by themselves. */
async function readGroups(api: CloverApi): Promise<WholeList> {
  const groups = await readWhole(api, { path: 'modifier_groups', query: groupQuery, note: { resource: 'groups' } });
  for (const group of [...groups.rows]) {
    const id = isObject(group) ? idText(group.id) : null;
    if (id === null || !isObject(group) || isDeleted(group) || !isCapped(nested(group.modifiers))) continue;
    const path = api.settings.modifiers_path.replace('{group}', () => encodeURIComponent(id));
    const modifiers = await readWhole(api, { path, note: { resource: 'modifiers', group: id } });
    groups.pages.push(...modifiers.pages);
    groups.rows.push(...modifiers.rows);
    groups.end = { ...groups.end, drift: groups.end.drift ?? modifiers.end.drift };
  }
  return groups;
}

function driftOf({ small }: Reading): string | null {
  return small.map(({ end }) => end.drift).find((drift) => drift !== null) ?? null;
}

function* yieldAll({ currency }: Reading, { pages }: WholeList, last = false): Generator<FetchedPage, void, void> {
  for (const [index, { text, note }] of pages.entries()) {
    const isLast = last && index === pages.length - 1;
    yield notedPage(text, { ...note, currency, ...(isLast ? { last: true } : {}) });
  }
}

async function* fetchAll(
  reading: Reading,
  groups: WholeList,
  discounts: WholeList,
): AsyncGenerator<FetchedPage, FetchEnd, void> {
  const { api, currency, digest } = reading;
  yield* yieldAll(reading, groups);
  const seen = new SeenItems();
  const end = yield* yieldItems(api, readList(api, 'items', itemQuery), { currency, seen });
  let drift = driftOf(reading) ?? end.drift;
  if (!end.isAtOnce && drift === null) drift = yield* readWhatMoved(reading, seen, end.beganAt);
  // A merchant without items or discounts has said so: an empty page keeps that answer.
  if (end.pages === 0) yield notedPage('{"elements":[]}', { resource: 'items', currency });
  if (discounts.pages.length === 0) {
    discounts.pages.push({ text: '{"elements":[]}', note: { resource: 'discounts' } });
  }
  yield* yieldAll(reading, discounts, true);
  if (drift !== null) return incomplete(drift);
  const modified = earlier(seen.newest, end.beganAt);
  const cursor = modified === null ? null : writeCursor({ modified, digest, links: seen.links });
  return { complete: true, ...(cursor === null ? {} : { remember: { cursor } }) };
}

/**
 * A row that went to a page already read, while another left it, shifts nothing. It was changed then, so what changed since the
 * reading began is read once more. Returns why that proves nothing, or null.
 */
async function* readWhatMoved(
  { api, currency }: Reading,
  seen: SeenItems,
  beganAt: number | null,
): AsyncGenerator<FetchedPage, string | null, void> {
  if (beganAt === null) return 'the answers bear no Date, so that changes during the reading cannot be asked for';
  const query: Query = [...itemQuery, ['filter', `modifiedTime>=${beganAt - overlapMs}`]];
  return (yield* yieldItems(api, readList(api, 'items', query), { currency, seen })).drift;
}

async function* fetchChanges(
  reading: Reading,
  cursor: Cursor,
  groups: WholeList,
): AsyncGenerator<FetchedPage, FetchEnd, void> {
  const { api, currency, digest } = reading;
  const { deleted_filter } = api.settings;
  const changed: Query = [['filter', `modifiedTime>=${Math.max(0, cursor.modified - overlapMs)}`]];
  const queries: { query: Query; onlyDeleted?: true }[] = [{ query: [...itemQuery, ...changed] }];
  if (deleted_filter !== '') {
    queries.push({ query: [...itemQuery, ['filter', deleted_filter], ...changed], onlyDeleted: true });
  }
  const seen = new SeenItems(cursor.links);
  let drift: string | null = null;
  let beganAt: number | null = null;
  let isEmpty = true;
  for (const { query, ...only } of queries) {
    const list = readList(api, 'items', query);
    let next = await list.next();
    // The groups are needed as soon as one item refers to them, and say nothing without.
    if (!next.done && isEmpty) yield* yieldAll(reading, groups);
    isEmpty &&= next.done === true;
    for (; !next.done; next = await list.next()) {
      const cut = yield* yieldCutOff(api, next.value);
      drift ??= cut.drift;
      yield seen.take(next.value, { currency, ...only }, cut.groups);
    }
    drift ??= next.value.drift;
    beganAt ??= next.value.beganAt;
  }
  if (drift !== null) return { ...incomplete(drift), delta: true };
  if (isEmpty) return { complete: true, unchanged: true };
  const modified = earlier(Math.max(seen.newest ?? 0, cursor.modified), beganAt) ?? cursor.modified;
  const next = writeCursor({ modified, digest, links: seen.links });
  return { complete: true, delta: true, ...(next === null ? {} : { remember: { cursor: next } }) };
}

async function* yieldItems(
  api: CloverApi,
  list: AsyncGenerator<ListPage, ListEnd, void>,
  { currency, seen }: { currency: string | null; seen: SeenItems },
): AsyncGenerator<FetchedPage, ListEnd, void> {
  let drift: string | null = null;
  for (;;) {
    const next = await list.next();
    if (next.done) return { ...next.value, drift: drift ?? next.value.drift };
    const cut = yield* yieldCutOff(api, next.value);
    drift ??= cut.drift;
    yield seen.take(next.value, { currency }, cut.groups);
  }
}

interface CutOff {
  /** Ids of all groups, by item. */
  groups: Map<string, readonly string[]>;
  drift: string | null;
}

/** The groups of items whose nested list is full, by their own lists, which come before the page of these items. */
async function* yieldCutOff(api: CloverApi, page: ListPage): AsyncGenerator<FetchedPage, CutOff, void> {
  const cut: CutOff = { groups: new Map(), drift: null };
  for (const item of page.elements.slice(page.repeated)) {
    const id = isObject(item) ? idText(item.id) : null;
    if (id === null || !isObject(item) || isDeleted(item) || !isCapped(nested(item.modifierGroups))) continue;
    const list = await readItemGroups(api, id);
    // One that holds fewer than the item itself is not what it should be.
    if (list === null || list.rows.length < (nested(item.modifierGroups) ?? []).length) continue;
    for (const { text, note } of list.pages) yield notedPage(text, { ...note, currency: null });
    cut.groups.set(id, idsOf(list.rows));
    cut.drift ??= list.end.drift;
  }
  return cut;
}

/** null = such a list cannot be had: what is missing is told with the item. */
async function readItemGroups(api: CloverApi, item: string): Promise<WholeList | null> {
  const path = api.settings.item_groups_path.replace('{item}', () => encodeURIComponent(item));
  if (path === '') return null;
  try {
    return await readWhole(api, { path, note: { resource: 'item_groups', item } });
  } catch (error) {
    // No stored text of the vendor says that there is one.
    if (statusOf(error) === 404 || statusOf(error) === 405) return null;
    throw error;
  }
}

// The time of a change may be set by a client: it never moves the cursor past the moment at which the reading began.
function earlier(newest: number | null, beganAt: number | null): number | null {
  return newest === null || beganAt === null ? newest : Math.min(newest, beganAt);
}

function incomplete(drift: string): FetchEnd {
  return {
    complete: false,
    reason: `The inventory changed while it was read: ${drift}. Nothing is removed; the next sync reads it again.`,
  };
}
