// One request to Square: its headers, its access token (renewed once where it is refused), waits and retries.
import { isObject } from '../../catalog/raw-fields.ts';
import { TillsyncError } from '../../errors.ts';
import { type Json, parseForeign } from '../../json.ts';
import type { HttpAnswer } from '../../net/http-client.ts';
import { withRetries } from '../../net/retries.ts';
import type { FetchContext } from '../connector.ts';
import { addressOf, readSettings, secretOf } from './settings.ts';

export interface Square {
  readonly context: FetchContext;
  /** Both throw TillsyncError (step 'fetch') for every status but 2xx. */
  get(path: string): Promise<HttpAnswer>;
  post(path: string, json: Readonly<Record<string, unknown>>): Promise<HttpAnswer>;
}

/** Opens the way; nothing is sent yet. */
export function openSquare(context: FetchContext): Square {
  const { settings, http, signal, onWait } = context;
  const { auth, square_version } = readSettings(settings.params);

  async function tokenOf(refused?: string): Promise<string> {
    if (auth === 'token') return secretOf(settings, 'token');
    if (context.accessToken === undefined) throw new Error('auth oauth needs the way to access tokens');
    return await context.accessToken(refused);
  }

  async function authorised(send: (headers: Record<string, string>) => Promise<HttpAnswer>): Promise<HttpAnswer> {
    const headersWith = (token: string) => ({ Authorization: `Bearer ${token}`, 'Square-Version': square_version });
    const token = await tokenOf();
    try {
      return await send(headersWith(token));
    } catch (error) {
      if (auth !== 'oauth' || statusOf(error) !== 401) throw error;
      return await send(headersWith(await tokenOf(token)));
    }
  }

  const patiently = (work: () => Promise<HttpAnswer>) => withRetries(work, { signal, onWait });
  const url = (path: string) => addressOf(settings.params, path);
  return {
    context,
    get: (path) => patiently(() => authorised((headers) => http.get(url(path), { headers, signal }))),
    post: (path, json) => patiently(() => authorised((headers) => http.post(url(path), { headers, signal, json }))),
  };
}

/** The HTTP status that an error stands for, or null. */
export function statusOf(error: unknown): number | null {
  return error instanceof TillsyncError && typeof error.facts.status === 'number' ? error.facts.status : null;
}

/** A small answer as a JSON object, at most `limitBytes`. Throws TillsyncError upstream_no_catalog when it is none. */
export async function readObject(answer: HttpAnswer, limitBytes: number): Promise<{ [key: string]: Json }> {
  const body = parseForeign(await answer.text(limitBytes)) ?? null;
  if (isObject(body)) return body;
  throw noCatalog('answered with something that is no JSON object');
}

/** The refusal of an answer in which what must be there is not. */
export function noCatalog(what: string): TillsyncError {
  return new TillsyncError(`Square ${what}.`, {
    code: 'upstream_no_catalog',
    step: 'fetch',
    hint: 'Check base_url: https://connect.squareup.com, or https://connect.squareupsandbox.com for the sandbox.',
  });
}
