// Fetching a file by its URL: one request, one page, complete when its last byte has come; 304 where it did not change.
import { isObject } from '../../catalog/raw-fields.ts';
import { TillsyncError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { withRetries } from '../../net/retries.ts';
import type { FetchContext, FetchEnd, FetchedPage } from '../connector.ts';
import { authHeaders, fileUrl } from './settings.ts';

/**
 * Yields the file. Transient errors before its first byte are tried again. Throws TillsyncError (step 'fetch'), also
 * file_without_url for a config whose file is brought.
 */
export async function* fetchFile(context: FetchContext): AsyncGenerator<FetchedPage, FetchEnd, void> {
  const { settings, http, signal, since, onWait } = context;
  const url = fileUrl(settings.params);
  const etag = storedEtag(since?.probe);
  const headers = { ...authHeaders(settings), ...(etag === null ? {} : { 'if-none-match': etag }) };
  const answer = await withRetries(() => http.get(url, { headers, signal }), { signal, onWait });
  if (answer.status === 304 && etag !== null) {
    answer.discard();
    return { complete: true, unchanged: true };
  }
  if (answer.status !== 200) {
    answer.discard();
    throw new TillsyncError(`The server at ${url.origin} answered HTTP ${answer.status} without a file.`, {
      code: 'upstream_no_catalog',
      step: 'fetch',
      hint: 'Check the url of the config.',
    });
  }
  const type = answer.headers.get('content-type');
  yield { body: answer.body, meta: { status: answer.status, content_type: type } };
  // A body that is cut off throws, and there is no second page.
  const fresh = answer.headers.get('etag');
  return { complete: true, ...(isEtag(fresh) ? { remember: { probe: { etag: fresh } } } : {}) };
}

function storedEtag(probe: Json | undefined): string | null {
  return isObject(probe) && isEtag(probe.etag) ? probe.etag : null;
}

// It is sent back as a header: nothing but what an ETag may hold (RFC 9110, 8.8.3).
function isEtag(text: unknown): text is string {
  return typeof text === 'string' && /^(W\/)?"[\x21\x23-\x7e]{1,200}"$/.test(text);
}
