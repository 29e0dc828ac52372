// The restaurants of a brand, as the Qu intermediary lists them: for the site picker.
import { idText, isObject, readText } from '../../catalog/raw-fields.ts';
import { inputError, TillsyncError } from '../../errors.ts';
import { type Json, parseForeign } from '../../json.ts';
import { withRetries } from '../../net/retries.ts';
import type { FetchContext, PosLocation } from '../connector.ts';
import { authHeaders, isNative, locationsUrl } from './settings.ts';

// Some 500 bytes each; no brand has so many restaurants.
const mostBytes = 32 * 1_048_576;

/**
 * Yields the places of the brand; the config may lack its establishment, which is what the list is asked for. Throws
 * TillsyncError locations_not_listed for the native form, which has no call for it that is known, and as a fetch does.
 */
export async function* listLocations(context: FetchContext): AsyncGenerator<PosLocation, void, void> {
  const { settings, http, signal, onWait } = context;
  if (isNative(settings.params)) throw notListed();
  const url = locationsUrl(settings.params);
  const headers = authHeaders(settings);
  const answer = await withRetries(() => http.get(url, { headers, signal }), { signal, onWait });
  const list = parsed(await answer.text(mostBytes), url);
  for (const place of list) {
    const id = isObject(place) ? idText(place.id) : null;
    if (!isObject(place) || id === null) continue;
    yield {
      id,
      name: readText(place.name) ?? id,
      address: addressOf(place.address),
      timeZone: null,
      currency: null,
      params: { establishment: id },
    };
  }
}

function addressOf(address: Json | undefined): string | null {
  if (!isObject(address)) return null;
  const { address1, address2, city, stateCode, postalCode, countryCode } = address;
  const region = [readText(stateCode), readText(postalCode)].filter(Boolean).join(' ');
  const parts = [readText(address1), readText(address2), readText(city), region, readText(countryCode)].filter(Boolean);
  return parts.length === 0 ? null : parts.join(', ');
}

function parsed(text: string, url: URL): readonly Json[] {
  const answer = parseForeign(text);
  if (Array.isArray(answer)) return answer;
  throw new TillsyncError(`The POS at ${url.origin} sent no list of locations.`, {
    code: 'upstream_no_catalog',
    step: 'fetch',
    hint: 'Check base_url and brand of the config, or add the sites one by one with `tillsync sites add`.',
  });
}

function notListed(): TillsyncError {
  return inputError(
    'locations_not_listed',
    'Qu’s own gateway (form native) cannot list the places of an account.',
    'Add the sites one by one with `tillsync sites add`.',
  );
}
