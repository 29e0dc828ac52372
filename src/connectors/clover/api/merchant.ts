// The merchant's own record: its currency, the steps of Test connection, and the one location that a merchant is.
import { idText, isObject, readText } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import type { CheckStep, FetchContext, PosLocation } from '../../connector.ts';
import { type CloverApi, openApi, statusOf } from './clover-api.ts';

export interface Merchant {
  id: string | null;
  name: string | null;
  currency: string | null;
  timeZone: string | null;
  address: string | null;
}

const unknown: Merchant = { id: null, name: null, currency: null, timeZone: null, address: null };

/**
 * Reads it. Where the credentials may not (403) or there is no such record (404), nothing is known and the inventory can still
 * be read. Throws TillsyncError (step 'fetch') for all else.
 */
export async function readMerchant(api: CloverApi): Promise<Merchant> {
  try {
    return await askMerchant(api);
  } catch (error) {
    const status = statusOf(error);
    if (status === 403 || status === 404) return unknown;
    throw error;
  }
}

async function askMerchant({ get, settings }: CloverApi): Promise<Merchant> {
  const { merchant_expand } = settings;
  const { document } = await get('', merchant_expand === '' ? [] : [['expand', merchant_expand]]);
  const properties = isObject(document.properties) ? document.properties : {};
  const text = (name: string) => textOf(document[name]) ?? textOf(properties[name]);
  const currency = text('defaultCurrency') ?? text('currency');
  return {
    id: idText(document.id),
    name: textOf(document.name),
    currency: currency !== null && /^[A-Z]{3}$/.test(currency) ? currency : null,
    timeZone: text('timezone'),
    address: oneLine(document.address),
  };
}

function textOf(value: Json | undefined): string | null {
  const text = readText(value);
  return text === undefined || text === '' ? null : text;
}

function oneLine(address: Json | undefined): string | null {
  if (!isObject(address)) return null;
  const parts = ['address1', 'address2', 'address3', 'city', 'state', 'zip', 'country'].map((name) =>
    textOf(address[name]),
  );
  const line = parts.filter((part) => part !== null).join(', ');
  return line === '' ? null : line;
}

/** The steps of *Test connection*: login, then the permission to read the inventory, then whose it is. */
export async function* check(context: FetchContext): AsyncGenerator<CheckStep, void, void> {
  const api = openApi(context);
  const { merchant_id } = api.settings;
  let merchant = unknown;
  try {
    merchant = await askMerchant(api);
    yield { step: 'login', ok: true, message: `Logged in as ${merchant.name ?? merchant_id}.` };
  } catch (error) {
    const status = statusOf(error);
    if (status === 401 || status === 404) {
      const why = status === 401 ? 'refuses the credentials' : 'knows no such merchant here';
      const hint = 'Check merchant_id, the region in base_url, and that the credentials belong to this merchant.';
      yield { step: 'login', ok: false, message: `Clover ${why} (HTTP ${status}).`, hint };
      return;
    }
    if (status !== 403) throw error;
    const message = 'Logged in; the merchant’s own record may not be read, so its currency has to be set.';
    yield { step: 'login', ok: true, message };
  }
  const refused = await refusedAt(api, 'items');
  if (refused !== null) {
    const message = `The inventory of merchant ${merchant_id} may not be read (HTTP ${refused}).`;
    yield { step: 'permission', ok: false, message, hint: 'Give the app or the API token the permission INVENTORY_R.' };
    return;
  }
  yield { step: 'permission', ok: true, message: 'The inventory may be read.' };
  if (merchant.id !== null && merchant.id !== merchant_id) {
    const message = `Clover answers for the merchant ${merchant.id}, the config says ${merchant_id}.`;
    yield { step: 'identity', ok: false, message, hint: 'Set merchant_id to the merchant that is meant.' };
    return;
  }
  yield { step: 'identity', ok: true, message: `This is the merchant ${merchant_id}.`, identity: { merchant_id } };
}

async function refusedAt(api: CloverApi, path: string): Promise<number | null> {
  try {
    await api.get(path, [['limit', '1']]);
    return null;
  } catch (error) {
    const status = statusOf(error);
    if (status === 401 || status === 403) return status;
    throw error;
  }
}

/** A merchant is one location. */
export async function* listLocations(context: FetchContext): AsyncGenerator<PosLocation, void, void> {
  const api = openApi(context);
  const { merchant_id } = api.settings;
  const { name, address, timeZone, currency } = await readMerchant(api);
  yield { id: merchant_id, name: name ?? merchant_id, address, timeZone, currency, params: { merchant_id } };
}
