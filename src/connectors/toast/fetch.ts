// Fetching a restaurant: when was it published, its discounts, and its menus unless nothing of both has changed.
import { createHash } from 'node:crypto';
import { isObject } from '../../catalog/raw-fields.ts';
import type { Json } from '../../json.ts';
import type { FetchContext, FetchEnd, FetchedPage } from '../connector.ts';
import { checkIdentity, notACatalog, openToast, readMetadata, type Toast } from './reading/ask-toast.ts';
import { readDiscounts } from './reading/read-discounts.ts';
import { readHead } from './reading/read-head.ts';
import { readSettings } from './settings.ts';

/**
 * Yields the menus document and then the pages of discounts. Unchanged is only what two facts prove: the menus were not
 * published since, and all discounts, read anew since Toast tells no removed ones, are the same text. Throws TillsyncError
 * (step 'fetch'), identity_changed where another restaurant answers.
 */
export async function* fetchCatalog(context: FetchContext): AsyncGenerator<FetchedPage, FetchEnd, void> {
  const { restaurant_guid, menus_version } = readSettings(context.settings.params);
  const toast = openToast(context);
  const published = await readMetadata(toast, menus_version);
  checkIdentity(toast, { asked: restaurant_guid, answered: published.restaurantGuid });
  const discounts = await readDiscounts(toast);
  const discountsHash = hashOf(discounts);
  if (isKnown(context.since?.probe, { lastUpdated: published.lastUpdated, discounts: discountsHash })) {
    return { complete: true, unchanged: true };
  }
  const answer = await toast.ask(`/menus/${menus_version}/menus`);
  const { head, whole, leave } = await readHead(answer.body);
  try {
    checkIdentity(toast, { asked: restaurant_guid, answered: head.restaurantGuid });
    checkOpening(toast, head.opening);
    const type = answer.headers.get('content-type');
    yield { body: whole, meta: { part: 'menus', content_type: type, last_updated: head.lastUpdated } };
  } finally {
    await leave();
  }
  for (const [index, list] of discounts.entries()) {
    yield { body: discountsDocument(list), meta: { part: 'discounts', page: index + 1 } };
  }
  // What the document says of itself, not what the metadata promised: Toast serves the old one for a while after publishing.
  const { lastUpdated } = head;
  if (lastUpdated === null) return { complete: true };
  return { complete: true, remember: { probe: { lastUpdated, discounts: discountsHash } } };
}

// A login page must not get as far as the payload vault.
function checkOpening({ origin }: Toast, opening: string): void {
  if (opening === '') throw notACatalog(origin, 'sent an empty answer');
  if (/^\uFEFF?\s*</.test(opening)) throw notACatalog(origin, 'sent a web page instead of menus', opening);
}

function isKnown(probe: Json | undefined, now: { lastUpdated: string | null; discounts: string }): boolean {
  if (probe === undefined || !isObject(probe) || now.lastUpdated === null) return false;
  return probe.lastUpdated === now.lastUpdated && probe.discounts === now.discounts;
}

function hashOf(pages: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const page of pages) hash.update(`${page.length}:`).update(page);
  return hash.digest('hex');
}

// Pages are told apart by their members when they are formatted, and a list has none.
async function* discountsDocument(list: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from('{"discounts":');
  yield list;
  yield Buffer.from('}');
}
