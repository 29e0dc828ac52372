// Reading the list of items by offset while it may change: pages overlap, and each must begin before the end of the last.
import { idText, isObject } from '../../catalog/raw-fields.ts';
import type { Json } from '../../json.ts';
import type { FetchContext, FetchEnd } from '../connector.ts';
import { askForList } from './ask.ts';
import { apiUrl, readSettings } from './settings.ts';

/** Items of the last page that the next one is asked for again: so many removals between two requests lose nothing. */
export const overlap = 10;

const changed = 'the list of items changed while it was read, so some may have been missed';

/**
 * Yields the items that no earlier page had. The end is a page with nothing new, not a short one: a page that the POS cuts
 * to its own limit must not look like the end. `complete` is false where the list moved further than the overlap or has
 * no stable order.
 */
export async function* readItems(context: FetchContext): AsyncGenerator<Json[], FetchEnd, void> {
  const { business_location_id, page_size } = readSettings(context.settings.params);
  const seen = new Set<string>();
  let last: string | null = null;
  let isWhole = true;
  for (let offset = 0; ; ) {
    const query = { businessLocationId: business_location_id, offset: String(offset), amount: String(page_size) };
    const page = await askForList(context, apiUrl(context.settings.params, 'items/v1/items', query));
    const keys = page.map(keyOf);
    const anchor: number = last === null ? -1 : keys.indexOf(last);
    if (last !== null && anchor === -1) isWhole = false;
    // Behind the last known one everything must be new; what is not has moved there.
    if (keys.slice(anchor + 1).some((key) => seen.has(key))) isWhole = false;
    const fresh = page.filter((_, index) => !seen.has(keys[index] as string));
    for (const key of keys) seen.add(key);
    if (fresh.length > 0 || last === null) yield fresh;
    if (fresh.length === 0) return isWhole ? { complete: true } : { complete: false, reason: changed };
    last = keys.at(-1) ?? null;
    offset += page.length - Math.min(overlap, page.length);
  }
}

// An item without an id is known by its text.
function keyOf(item: Json): string {
  return (isObject(item) ? idText(item.id) : null) ?? ` ${JSON.stringify(item)}`;
}
