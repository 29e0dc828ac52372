// One request of the Lightspeed API: with the access token in force, renewed once where it is refused.
import { TillsyncError } from '../../errors.ts';
import { type Json, parseForeign } from '../../json.ts';
import type { HttpAnswer } from '../../net/http-client.ts';
import { excerpt } from '../../net/redact.ts';
import { withRetries } from '../../net/retries.ts';
import type { FetchContext } from '../connector.ts';

// 1,000 items have about 1 MB.
const mostBytes = 64 * 1024 * 1024;

/** The answer, status 200. Transient errors before its body are tried again. Throws TillsyncError (step 'fetch'). */
export async function ask(context: FetchContext, url: URL): Promise<HttpAnswer> {
  const { signal, onWait } = context;
  const answer = await withRetries(() => askOnce(context, url), { signal, onWait });
  if (answer.status === 200) return answer;
  answer.discard();
  throw noCatalog(`answered HTTP ${answer.status} without content`, url);
}

/** The same for an answer that is a list. Throws upstream_no_catalog where it is none. */
export async function askForList(context: FetchContext, url: URL): Promise<Json[]> {
  const text = await (await ask(context, url)).text(mostBytes);
  const value = parsed(text, url);
  if (Array.isArray(value)) return value;
  throw noCatalog(`answered ${url.pathname} with something that is no list`, url, text);
}

/** The body of an answer that is to be stored as it comes: what begins with < is a login page and must not be. */
export async function* jsonBody(answer: HttpAnswer, url: URL): AsyncGenerator<Uint8Array, void, void> {
  let isFirst = true;
  for await (const bytes of answer.body) {
    if (isFirst && bytes.length > 0) {
      isFirst = false;
      const beginning = Buffer.from(bytes.subarray(0, 1_000)).toString('utf8');
      if (/^\uFEFF?\s*</.test(beginning)) throw noCatalog('sent a web page instead of a menu', url, beginning);
    }
    yield bytes;
  }
}

async function askOnce({ http, accessToken, signal }: FetchContext, url: URL): Promise<HttpAnswer> {
  if (accessToken === undefined) throw new Error('Lightspeed was called without its access token');
  const send = (token: string) => http.get(url, { headers: { Authorization: `Bearer ${token}` }, signal });
  const token = await accessToken();
  try {
    return await send(token);
  } catch (error) {
    const status = error instanceof TillsyncError && error.code === 'upstream_auth' ? error.facts.status : null;
    if (status === 403) throw notAllowed(url, error);
    if (status !== 401) throw error;
  }
  return await send(await accessToken(token));
}

function parsed(text: string, url: URL): Json {
  const value = parseForeign(text.replace(/^\uFEFF/, ''));
  if (value !== undefined) return value;
  throw noCatalog(`answered ${url.pathname} with something that is no JSON`, url, text);
}

function notAllowed(url: URL, cause: unknown): TillsyncError {
  const scope = url.pathname.includes('/items/') ? 'items' : 'orders-api';
  return new TillsyncError(`Lightspeed does not let this client read ${url.pathname} (HTTP 403).`, {
    code: 'upstream_auth',
    step: 'fetch',
    hint: `The client needs the scope ${scope} and a user who may see this business location; menus need BO-WRITE.`,
    facts: { status: 403, origin: url.origin },
    cause,
  });
}

/** The refusal of an answer that holds no catalog. */
export function noCatalog(what: string, url: URL, received?: string): TillsyncError {
  const shown = received === undefined ? '' : ` Received: ${excerpt(received)}`;
  return new TillsyncError(`The POS at ${url.origin} ${what}.${shown}`, {
    code: 'upstream_no_catalog',
    step: 'fetch',
    hint: 'Check base_url and business_location_id of the config; a login page often stands where the API was expected.',
  });
}
