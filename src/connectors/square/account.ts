// The seller account: whose credentials these are, which locations it has, and the steps of *Test connection*.
import { idText, isObject, readText } from '../../catalog/raw-fields.ts';
import { TillsyncError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { CheckStep, FetchContext, PosLocation } from '../connector.ts';
import { noCatalog, openSquare, readObject, type Square, statusOf } from './requests.ts';
import { readSettings } from './settings.ts';

export interface Merchant {
  id: string;
  name: string | null;
}

/** Whose credentials these are. Throws TillsyncError upstream_auth, upstream_no_catalog. */
async function readMerchant(square: Square): Promise<Merchant> {
  const answer = await square.get('/v2/merchants/me').catch((error: unknown) => {
    throw statusOf(error) === 403 ? lacksProfile(error) : error;
  });
  const { merchant } = await readObject(answer, 256 * 1_024);
  const id = isObject(merchant) ? idText(merchant.id) : null;
  if (!isObject(merchant) || id === null) throw noCatalog('did not say whose credentials these are');
  return { id, name: readText(merchant.business_name) ?? null };
}

// Applications that only read catalogs are often granted ITEMS_READ alone.
function lacksProfile(cause: unknown): TillsyncError {
  return new TillsyncError('The credentials may not say which Square merchant they belong to (HTTP 403).', {
    code: 'upstream_auth',
    step: 'fetch',
    hint: 'Grant MERCHANT_PROFILE_READ beside ITEMS_READ, and connect again.',
    facts: { status: 403 },
    cause,
  });
}

/**
 * Proves that the credentials are those of the config's merchant: what another one sells must never be saved as this
 * one's catalog. Throws TillsyncError identity_changed.
 */
export async function proveMerchant(square: Square): Promise<void> {
  const { merchant_id } = readSettings(square.context.settings.params);
  const merchant = await readMerchant(square);
  if (merchant.id === merchant_id) return;
  const expected = merchant_id === undefined ? 'has no merchant_id' : `is for the merchant ${merchant_id}`;
  throw new TillsyncError(`The credentials belong to the Square merchant ${merchant.id}; this config ${expected}.`, {
    code: 'identity_changed',
    step: 'fetch',
    status: 409,
    hint: `Set the credentials of the right merchant, or choose: tillsync configs set <config> --param merchant_id=${merchant.id}`,
    facts: { merchant_id: merchant.id },
  });
}

/** The steps that only Square can answer; see Connector.check. */
export async function* check(context: FetchContext): AsyncGenerator<CheckStep, void, void> {
  const square = openSquare(context);
  const { merchant_id } = readSettings(context.settings.params);
  const merchant = await refusedAs(() => readMerchant(square), 'MERCHANT_PROFILE_READ');
  if ('step' in merchant) return yield merchant;
  const name = merchant.name ?? merchant.id;
  yield { step: 'login', ok: true, message: `Logged in as ${name}.` };
  const read = await refusedAs(async () => {
    (await square.post('/v2/catalog/search', { object_types: ['ITEM'], limit: 1 })).discard();
    return null;
  }, 'ITEMS_READ');
  if (read !== null) return yield read;
  yield { step: 'permission', ok: true, message: 'The credentials may read the catalog.' };
  const identity = { merchant_id: merchant.id };
  if (merchant_id === undefined || merchant_id === merchant.id) {
    return yield { step: 'identity', ok: true, message: `The merchant is ${name} (${merchant.id}).`, identity };
  }
  yield {
    step: 'identity',
    ok: false,
    message: `The credentials belong to the merchant ${name} (${merchant.id}), not to ${merchant_id}.`,
    hint: 'Set the credentials of the right merchant, or leave merchant_id out and take the one that is told here.',
    identity,
  };
}

/** What `work` brings; a refusal (401: who are you, 403: not allowed) as the step that failed. */
async function refusedAs<T>(work: () => Promise<T>, permission: string): Promise<T | CheckStep> {
  try {
    return await work();
  } catch (error) {
    const status = statusOf(error);
    if (status === 401) {
      const hint =
        'Set them again; a token of the sandbox works only with base_url https://connect.squareupsandbox.com.';
      return { step: 'login', ok: false, message: 'Square does not accept the credentials.', hint };
    }
    if (status !== 403) throw error;
    const message = `The credentials lack the permission ${permission}.`;
    return { step: 'permission', ok: false, message, hint: `Grant ${permission} and connect again.` };
  }
}

/** The active locations of the account; see Connector.listLocations. */
export async function* listLocations(context: FetchContext): AsyncGenerator<PosLocation, void, void> {
  const square = openSquare(context);
  const { locations } = await readObject(await square.get('/v2/locations'), 8 * 1_024 * 1_024);
  for (const location of Array.isArray(locations) ? locations : []) {
    const id = isObject(location) ? idText(location.id) : null;
    if (!isObject(location) || id === null || location.status === 'INACTIVE') continue;
    yield {
      id,
      name: readText(location.name) ?? id,
      address: addressLine(location.address),
      timeZone: readText(location.timezone) ?? null,
      currency: readText(location.currency) ?? null,
      // One config reads all of them: items say for themselves where they are sold.
      params: {},
    };
  }
}

function addressLine(address: Json | undefined): string | null {
  if (!isObject(address)) return null;
  const { address_line_1, locality, administrative_district_level_1, postal_code, country } = address;
  const parts = [address_line_1, locality, administrative_district_level_1, postal_code, country];
  const line = parts.filter((part) => typeof part === 'string' && part !== '').join(', ');
  return line === '' ? null : line;
}
