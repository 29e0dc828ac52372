// Trying a connection to Lightspeed: the token, both scopes, and whether the account has the business location.
import { idText, isObject, readText } from '../../catalog/raw-fields.ts';
import type { Json } from '../../json.ts';
import type { CheckStep, FetchContext, PosLocation } from '../connector.ts';
import { ask, askForList } from './ask.ts';
import { apiUrl, readSettings } from './settings.ts';

/** The steps of *Test connection*; a TillsyncError that is thrown is such a step. */
export async function* checkAccount(context: FetchContext): AsyncGenerator<CheckStep, void, void> {
  const { params } = context.settings;
  const { business_location_id: own, read } = readSettings(params);
  await context.accessToken?.();
  yield { step: 'login', ok: true, message: 'Lightspeed issued an access token.' };
  if (read.includes('products')) {
    const query = { businessLocationId: own, offset: '0', amount: '1' };
    (await ask(context, apiUrl(params, 'items/v1/items', query))).discard();
    yield { step: 'permission', ok: true, message: 'The client may read items.' };
  }
  // The places are told under the scope that menus and discounts need; a config of products alone may lack it.
  if (read.every((kind) => kind === 'products')) return;
  const ids: string[] = [];
  for await (const { id } of listLocations(context)) ids.push(id);
  yield { step: 'permission', ok: true, message: 'The client may read menus and discounts.' };
  const isKnown = ids.includes(own);
  yield {
    step: 'identity',
    ok: isKnown,
    message: isKnown
      ? `The account has the business location ${own}.`
      : `The account has no business location ${own}, but ${ids.length === 0 ? 'none at all' : ids.slice(0, 10).join(', ')}.`,
    ...(isKnown ? { identity: { business_location_id: own } } : { hint: 'Correct business_location_id.' }),
  };
}

/** The business locations that the token may see. */
export async function* listLocations(context: FetchContext): AsyncGenerator<PosLocation, void, void> {
  for (const business of await askForList(context, apiUrl(context.settings.params, 'o/op/data/businesses'))) {
    for (const location of locationsOf(business)) {
      const id = isObject(location) ? idText(location.id) : null;
      if (!isObject(location) || id === null) continue;
      const name = readText(location.name) ?? id;
      yield { id, name, address: null, timeZone: null, currency: null, params: { business_location_id: id } };
    }
  }
}

function locationsOf(business: Json): readonly Json[] {
  const list = isObject(business) ? business.businessLocations : null;
  return Array.isArray(list) ? list : [];
}
