// The requests to Clover: one JSON document each, with the access token in force, in turn and one after another.
import { isObject } from '../../../catalog/raw-fields.ts';
import { TillsyncError } from '../../../errors.ts';
import { type Json, parseForeign } from '../../../json.ts';
import type { HttpAnswer } from '../../../net/http-client.ts';
import { excerpt, redactor } from '../../../net/redact.ts';
import { withRetries } from '../../../net/retries.ts';
import type { FetchContext } from '../../connector.ts';
import { type CloverSettings, merchantUrl, readSecret, readSettings } from '../settings.ts';

/** Repeated names are ANDed by Clover: filter=a&filter=b. */
export type Query = readonly (readonly [name: string, value: string])[];

export interface CloverAnswer {
  /** As it came, without a byte order mark. */
  text: string;
  document: { [key: string]: Json };
  /** When it was sent, by the clock of the POS, in epoch milliseconds; null = not said. */
  sentAt: number | null;
}

export interface CloverApi {
  settings: CloverSettings;
  /** One GET below the merchant; '' = the merchant. Throws TillsyncError (step 'fetch'). */
  get(path: string, query: Query): Promise<CloverAnswer>;
}

// A page holds at most 1,000 rows; one row of 64 KiB would be a wonder.
const mostPageBytes = 64 * 1_048_576;

/** Nothing is sent yet. Throws TillsyncError settings_invalid, secret_missing. */
export function openApi(context: FetchContext): CloverApi {
  const { settings: given, http, signal, onWait } = context;
  const settings = readSettings(given.params);
  const secret = readSecret(given, settings.auth);
  const tokenInForce = async (refused?: string) =>
    settings.auth === 'oauth' && context.accessToken !== undefined ? await context.accessToken(refused) : secret;

  async function send(url: URL, token: string): Promise<HttpAnswer> {
    const headers = { Authorization: `Bearer ${token}` };
    return await withRetries(() => http.get(url, { headers, signal }), { signal, onWait });
  }

  return {
    settings,
    async get(path, query) {
      const url = merchantUrl(given.params, path);
      for (const [name, value] of query) url.searchParams.append(name, value);
      let token = await tokenInForce();
      let answer: HttpAnswer;
      try {
        answer = await send(url, token);
      } catch (error) {
        if (settings.auth !== 'oauth' || statusOf(error) !== 401) throw error;
        // Tokens of v2 end early, also before the time that was told; asked for anew once.
        token = await tokenInForce(token);
        answer = await send(url, token);
      }
      return await readAnswer(answer, url, redactor([secret, token]));
    },
  };
}

/** The HTTP status that an error stands for, or null. */
export function statusOf(error: unknown): number | null {
  const status = error instanceof TillsyncError ? error.facts.status : null;
  return typeof status === 'number' ? status : null;
}

async function readAnswer(answer: HttpAnswer, url: URL, redact: (text: string) => string): Promise<CloverAnswer> {
  if (answer.status !== 200) {
    answer.discard();
    throw notClover(`answered HTTP ${answer.status} without a document`, url);
  }
  const sentAt = Date.parse(answer.headers.get('date') ?? '');
  const text = (await answer.text(mostPageBytes)).replace(/^\uFEFF/, '');
  const document = parsedOrNull(text);
  if (!isObject(document)) {
    const came = excerpt(text.slice(0, 1_000), redact);
    throw notClover('did not send a JSON object', url, came);
  }
  return { text, document, sentAt: Number.isNaN(sentAt) ? null : sentAt };
}

function parsedOrNull(text: string): Json {
  return parseForeign(text) ?? null;
}

/** What came is no answer of Clover's API. */
export function notClover(what: string, url: URL, received = ''): TillsyncError {
  const shown = received === '' ? '' : ` Received: ${received}`;
  return new TillsyncError(`The POS at ${url.origin} ${what} (${url.pathname}).${shown}`, {
    code: 'upstream_no_catalog',
    step: 'fetch',
    hint: 'Check base_url and merchant_id of the config; a login page often stands where the API was expected.',
  });
}
