// Fetching a Qu catalog: one request, one page, complete when its last byte has come.

import { isObject } from '../../catalog/raw-fields.ts';
import { TillsyncError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { HttpAnswer } from '../../net/http-client.ts';
import { excerpt, redactor } from '../../net/redact.ts';
import { withRetries } from '../../net/retries.ts';
import type { FetchContext, FetchEnd, FetchedPage } from '../connector.ts';
import { authHeaders, catalogUrl, secretTexts } from './settings.ts';

/**
 * Yields the one page of the catalog. Transient errors before the first byte are tried again; after it they are thrown,
 * since the page is already being stored. Throws TillsyncError (step 'fetch').
 */
export async function* fetchCatalog(context: FetchContext): AsyncGenerator<FetchedPage, FetchEnd, void> {
  const { settings, http, signal, now, since, onWait } = context;
  const url = catalogUrl(settings.params, now);
  const etag = storedEtag(since?.probe);
  const headers = { ...authHeaders(settings), ...(etag === null ? {} : { 'if-none-match': etag }) };
  const answer = await withRetries(() => http.get(url, { headers, signal }), { signal, onWait });
  const type = answer.headers.get('content-type');
  if (answer.status === 304 && etag !== null) {
    answer.discard();
    return { complete: true, unchanged: true };
  }
  if (answer.status !== 200) {
    answer.discard();
    throw notACatalog(`answered HTTP ${answer.status} without a catalog`, url);
  }
  yield {
    body: jsonOnly(answer, { url, type, redact: redactor(secretTexts(settings)) }),
    meta: { status: answer.status, content_type: type, last_modified: answer.headers.get('last-modified') },
  };
  // A body that is cut off throws, and there is no second page.
  const fresh = answer.headers.get('etag');
  return { complete: true, ...(fresh !== null && isEtag(fresh) ? { remember: { probe: { etag: fresh } } } : {}) };
}

function storedEtag(probe: Json | undefined): string | null {
  return isObject(probe ?? null) && isEtag((probe as { etag?: Json }).etag) ? (probe as { etag: string }).etag : null;
}

// It is sent back as a header: nothing but what an ETag may hold (RFC 9110, 8.8.3).
function isEtag(text: unknown): text is string {
  return typeof text === 'string' && /^(W\/)?"[\x21\x23-\x7e]{1,200}"$/.test(text);
}

interface Asked {
  url: URL;
  type: string | null;
  redact: (text: string) => string;
}

// A login page must not get as far as the payload vault: what begins with < is no JSON, whatever its media type says.
async function* jsonOnly(answer: HttpAnswer, { url, type, redact }: Asked): AsyncGenerator<Uint8Array, void, void> {
  let isFirst = true;
  for await (const bytes of answer.body) {
    if (isFirst) {
      isFirst = false;
      const beginning = Buffer.from(bytes.subarray(0, 1_000)).toString('utf8');
      if (/^\uFEFF?\s*</.test(beginning)) {
        throw notACatalog(`sent a web page instead of a catalog (${mediaType(type)})`, url, excerpt(beginning, redact));
      }
    }
    yield bytes;
  }
  if (isFirst) throw notACatalog('sent an empty answer', url);
}

function mediaType(type: string | null): string {
  return excerpt(type ?? 'no media type');
}

function notACatalog(what: string, url: URL, received?: string): TillsyncError {
  const shown = received === undefined ? '' : ` Received: ${received}`;
  return new TillsyncError(`The POS at ${url.origin} ${what}.${shown}`, {
    code: 'upstream_no_catalog',
    step: 'fetch',
    hint: 'Check base_url and the identity settings of the config; a login page often stands where the API was expected.',
  });
}
