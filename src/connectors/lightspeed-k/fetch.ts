// Fetching a Lightspeed catalog: the items page by page, each menu for its modifiers, and the discounts.
import { isObject, readText } from '../../catalog/raw-fields.ts';
import type { Json } from '../../json.ts';
import type { FetchContext, FetchEnd, FetchedPage } from '../connector.ts';
import { ask, askForList, jsonBody, noCatalog } from './ask.ts';
import { readItems } from './read-items.ts';
import { apiUrl, readSettings } from './settings.ts';

/**
 * Yields pages that say what they hold: {"items"}, {"menus"}, each menu as it came, {"discounts"}. The lists come without a
 * name of their own. Throws TillsyncError (step 'fetch').
 */
export async function* fetchCatalog(context: FetchContext): AsyncGenerator<FetchedPage, FetchEnd, void> {
  const { read } = readSettings(context.settings.params);
  let end: FetchEnd = { complete: true };
  if (read.includes('products')) end = yield* fetchItems(context);
  if (read.includes('modifiers')) yield* fetchMenus(context);
  if (read.includes('discounts')) yield* fetchDiscounts(context);
  return end;
}

async function* fetchItems(context: FetchContext): AsyncGenerator<FetchedPage, FetchEnd, void> {
  const reading = readItems(context);
  for (;;) {
    const { done, value } = await reading.next();
    if (done) return value;
    yield pageOf('items', value);
  }
}

async function* fetchMenus(context: FetchContext): AsyncGenerator<FetchedPage, void, void> {
  const { params } = context.settings;
  const { business_location_id, menus: wanted, account_profile } = readSettings(params);
  const url = apiUrl(params, 'o/op/1/menu/list', { businessLocationId: business_location_id });
  const listed = await askForList(context, url);
  yield pageOf('menus', listed);
  const ids = listed.map((menu) => menuId(menu, url));
  const missing = wanted.find((id) => !ids.includes(id));
  if (missing !== undefined) throw noCatalog(`does not list the menu ${missing}, which this config asks for`, url);
  for (const id of wanted.length === 0 ? ids : wanted) {
    const profile = account_profile === undefined ? {} : { accountProfile: account_profile };
    const query = { businessLocationId: business_location_id, ...profile };
    const menu = apiUrl(params, `o/op/2/menu/load/${id}`, query);
    yield { body: jsonBody(await ask(context, menu), menu), meta: { holds: 'menu', menu: id } };
  }
}

async function* fetchDiscounts(context: FetchContext): AsyncGenerator<FetchedPage, void, void> {
  const { params } = context.settings;
  const query = { businessLocationId: readSettings(params).business_location_id };
  yield pageOf('discounts', await askForList(context, apiUrl(params, 'o/op/1/menu/discounts', query)));
}

function menuId(menu: Json, url: URL): string {
  const id = isObject(menu) ? (readText(menu.ikentooMenuId) ?? '') : '';
  if (/^\d{1,19}$/.test(id)) return id;
  throw noCatalog('lists a menu without an id', url, JSON.stringify(menu));
}

function pageOf(holds: string, list: readonly Json[]): FetchedPage {
  return { body: bytesOf(JSON.stringify({ [holds]: list })), meta: { holds, count: list.length } };
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(text);
}
