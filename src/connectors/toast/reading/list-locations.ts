// The restaurants of the management group that the config's own belongs to, for the site picker (restaurants API).
import { idText, isObject, readText } from '../../../catalog/raw-fields.ts';
import { TillsyncError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import type { FetchContext, PosLocation } from '../../connector.ts';
import { readSettings } from '../settings.ts';
import { askJson, notACatalog, openToast } from './ask-toast.ts';

const mostBytes = 4 * 1024 * 1024;

/**
 * One request for the list, and one for each restaurant in it, in the order in which Toast lists them. Restaurants that the
 * client may not read, and archived ones, are left out. Needs the scope restaurants:read; throws TillsyncError (step 'fetch').
 */
export async function* listLocations(context: FetchContext): AsyncGenerator<PosLocation, void, void> {
  const { restaurant_guid } = readSettings(context.settings.params);
  const own = await readRestaurant(context, restaurant_guid);
  const group = idText(fieldsOf(own, 'general').managementGroupGuid);
  if (group === null) {
    const place = placeOf(restaurant_guid, own);
    if (place !== null) yield place;
    return;
  }
  const toast = openToast(context);
  const path = `/restaurants/v1/groups/${encodeURIComponent(group)}/restaurants`;
  const list = await askJson(toast, path, mostBytes);
  if (!Array.isArray(list)) throw notACatalog(toast.origin, 'sent no list of restaurants');
  for (const each of list) {
    const guid = isObject(each) ? idText(each.guid) : null;
    if (guid === null) continue;
    const isOwn = guid.toLowerCase() === restaurant_guid.toLowerCase();
    const place = placeOf(guid, isOwn ? own : await readPermitted(context, guid));
    if (place !== null) yield place;
  }
}

/** The header names the restaurant that is asked about. */
async function readRestaurant(context: FetchContext, guid: string): Promise<Json> {
  const toast = openToast(context, guid);
  return await askJson(toast, `/restaurants/v1/restaurants/${encodeURIComponent(guid)}`, mostBytes);
}

async function readPermitted(context: FetchContext, guid: string): Promise<Json> {
  try {
    return await readRestaurant(context, guid);
  } catch (error) {
    if (error instanceof TillsyncError && error.code === 'upstream_auth') return null;
    throw error;
  }
}

function placeOf(guid: string, restaurant: Json): PosLocation | null {
  const general = fieldsOf(restaurant, 'general');
  if (!isObject(restaurant) || general.archived === true) return null;
  const location = fieldsOf(restaurant, 'location');
  const texts = (fields: { [key: string]: Json }, names: readonly string[]) =>
    names.map((name) => readText(fields[name]) ?? '').filter((text) => text !== '');
  const currency = readText(general.currencyCode) ?? '';
  const isCurrency = /^[A-Z]{3}$/.test(currency);
  const address = texts(location, ['address1', 'address2', 'city', 'administrativeArea', 'zipCode', 'country']);
  const name = texts(general, ['name', 'locationName']).join(', ');
  return {
    id: guid,
    name: name === '' ? guid : name,
    address: address.length === 0 ? null : address.join(', '),
    timeZone: texts(general, ['timeZone'])[0] ?? null,
    currency: isCurrency ? currency : null,
    params: { restaurant_guid: guid, ...(isCurrency ? { currency } : {}) },
  };
}

function fieldsOf(object: Json, name: string): { [key: string]: Json } {
  const fields = isObject(object) ? (object[name] ?? null) : null;
  return isObject(fields) ? fields : {};
}
