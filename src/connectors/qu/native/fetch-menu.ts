// Fetching a native Qu menu: one request, one page, or none where nothing was generated since the last one.
import { isObject } from '../../../catalog/raw-fields.ts';
import { TillsyncError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import { withRetries } from '../../../net/retries.ts';
import type { FetchContext, FetchEnd, FetchedPage } from '../../connector.ts';
import { askGateway } from './ask-gateway.ts';
import { menuUrl } from './native-settings.ts';

/** Yields the one page of the menu; none where it is the one of the last saved run. Throws TillsyncError (step 'fetch'). */
export async function* fetchMenu(context: FetchContext): AsyncGenerator<FetchedPage, FetchEnd, void> {
  const { signal, settings, since, onWait } = context;
  const generation = storedGeneration(since?.probe);
  const url = menuUrl(settings.params, generation);
  const answer = await withRetries(() => askGateway(context, url), { signal, onWait });
  const isEmpty = answer.status === 204 || answer.status === 304;
  if (answer.status !== 200) answer.discard();
  if (answer.status !== 200 && !isEmpty) throw notAMenu(`answered HTTP ${answer.status} instead of a menu`, url);
  const body = answer.body[Symbol.asyncIterator]();
  const first = isEmpty ? null : await firstBytes(body);
  if (first === null) {
    // Only what was asked about can be unchanged.
    if (generation !== null) return { complete: true, unchanged: true };
    throw notAMenu(`answered HTTP ${answer.status} without a menu`, url);
  }
  if (/^\uFEFF?\s*</.test(Buffer.from(first.subarray(0, 100)).toString('utf8'))) {
    await body.return?.();
    throw notAMenu('sent a web page instead of a menu', url);
  }
  yield {
    body: continued(first, body),
    meta: { status: answer.status, content_type: answer.headers.get('content-type') },
  };
  const fresh = answer.headers.get('x-generation-time');
  return { complete: true, ...(isGeneration(fresh) ? { remember: { probe: { generation: fresh } } } : {}) };
}

async function firstBytes(body: AsyncIterator<Uint8Array>): Promise<Uint8Array | null> {
  for (;;) {
    const { done, value } = await body.next();
    if (done) return null;
    if (value.length > 0) return value;
  }
}

async function* continued(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield first;
    for (;;) {
      const { done, value } = await rest.next();
      if (done) return;
      yield value;
    }
  } finally {
    await rest.return?.();
  }
}

function storedGeneration(probe: Json | undefined): string | null {
  const generation = isObject(probe) ? probe.generation : null;
  return isGeneration(generation) ? generation : null;
}

// It is sent back as a query: nothing but a short line of visible characters and spaces.
function isGeneration(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]{1,100}$/.test(value);
}

function notAMenu(what: string, url: URL): TillsyncError {
  return new TillsyncError(`The POS at ${url.origin} ${what}.`, {
    code: 'upstream_no_catalog',
    step: 'fetch',
    hint: 'Check gateway_url, location_id, order_channel_id and order_type_id of the config.',
  });
}
