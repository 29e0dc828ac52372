// One request to Toast: the token, the restaurant's header, retries of what is transient, and 200 or an error.
import { isObject } from '../../../catalog/raw-fields.ts';
import { TillsyncError } from '../../../errors.ts';
import { type Json, parseForeign } from '../../../json.ts';
import type { HttpAnswer } from '../../../net/http-client.ts';
import { excerpt } from '../../../net/redact.ts';
import { withRetries } from '../../../net/retries.ts';
import type { FetchContext } from '../../connector.ts';
import { endpoint, readSettings } from '../settings.ts';
import { isWorthRenewing } from '../token.ts';

export interface Toast {
  /** Origin of the base URL, for messages. */
  origin: string;
  /** GETs e.g. '/menus/v2/metadata'; the answer's status is 200. */
  ask(path: string, query?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
}

/**
 * Opens the way to a restaurant, by default the one of the config. Throws TillsyncError settings_invalid, base_url_invalid.
 */
export function openToast(context: FetchContext, restaurant?: string): Toast {
  const { settings, signal, onWait } = context;
  const { restaurant_guid } = readSettings(settings.params);
  const { origin } = endpoint(settings.params, '/');
  return {
    origin,
    async ask(path, query) {
      const url = endpoint(settings.params, path, query);
      const get = (token: string) => {
        const headers = {
          authorization: `Bearer ${token}`,
          'toast-restaurant-external-id': restaurant ?? restaurant_guid,
        };
        return context.http.get(url, { headers, signal });
      };
      const answer = await withRetries(() => withToken(context, get), { signal, onWait });
      if (answer.status === 200) return answer;
      answer.discard();
      throw notACatalog(origin, `answered HTTP ${answer.status} without a catalog`);
    },
  };
}

/** Sends with the token in force; with a new one, once, where it was refused and is old enough. */
async function withToken(
  { accessToken, now }: FetchContext,
  send: (token: string) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  if (accessToken === undefined) throw new Error('a connector with a token rule was given no access token');
  const token = await accessToken();
  try {
    return await send(token);
  } catch (error) {
    const isRefused = error instanceof TillsyncError && error.facts.status === 401;
    if (!isRefused || !isWorthRenewing(token, now)) throw error;
    return await send(await accessToken(token));
  }
}

export interface Published {
  restaurantGuid: string;
  /** When the menus were last published, as Toast writes it; null = it does not say. */
  lastUpdated: string | null;
}

const metadataBytes = 64 * 1024;

/** Asks when the restaurant's menus were last published. */
export async function readMetadata(toast: Toast, version: string): Promise<Published> {
  const metadata = await askJson(toast, `/menus/${version}/metadata`, metadataBytes);
  if (isObject(metadata) && typeof metadata.restaurantGuid === 'string') {
    const { restaurantGuid, lastUpdated } = metadata;
    return { restaurantGuid, lastUpdated: typeof lastUpdated === 'string' && lastUpdated !== '' ? lastUpdated : null };
  }
  throw notACatalog(toast.origin, 'answered the question for its last publication with something else');
}

/** A small answer, parsed. Throws TillsyncError upstream_no_catalog where it is no JSON. */
export async function askJson(toast: Toast, path: string, mostBytes: number): Promise<Json> {
  const answer = await toast.ask(path);
  const text = await answer.text(mostBytes);
  const value = parseForeign(text);
  if (value !== undefined) return value;
  throw notACatalog(toast.origin, 'sent something else than JSON', text);
}

/** The answer has nothing of what was asked for. */
export function notACatalog(origin: string, what: string, received = ''): TillsyncError {
  const shown = received === '' ? '' : ` Received: ${excerpt(received)}`;
  return new TillsyncError(`The POS at ${origin} ${what}.${shown}`, {
    code: 'upstream_no_catalog',
    step: 'fetch',
    hint: 'Check base_url and restaurant_guid of the config; a login page often stands where the API was expected.',
  });
}

/**
 * Throws TillsyncError identity_changed where the answer is another restaurant's: nothing of it may be saved under this one.
 * GUIDs are equal in capital and small letters.
 */
export function checkIdentity(toast: Toast, { asked, answered }: { asked: string; answered: string | null }): void {
  if (answered === null || answered.toLowerCase() === asked.toLowerCase()) return;
  const shown = answered.replace(/[^!-~]/gu, '?').slice(0, 60);
  throw new TillsyncError(
    `The POS at ${toast.origin} answered for restaurant ${shown}, and this config reads restaurant ${asked}.`,
    {
      code: 'identity_changed',
      step: 'fetch',
      status: 409,
      hint: 'Check restaurant_guid and the credentials; to read the other restaurant, add a config for it.',
      facts: { asked, answered: shown },
    },
  );
}
