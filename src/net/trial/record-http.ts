// An HTTP client that writes down what is asked and answered, scrubbed, so that a fetch can be played again without its POS.
import { TillsyncError } from '../../errors.ts';
import type { HttpAnswer, HttpClient, PostBody } from '../http-client.ts';
import { openScrubber, type Scrubber, type Scrubbing } from './scrub.ts';

/** One request and its answer. */
export interface Exchange {
  method: 'GET' | 'POST';
  /** Path and query; the host is nobody's business. */
  path: string;
  /** Names of the headers that were sent; values of those that say what form is asked for. */
  request_headers: Record<string, string>;
  /** What was posted; null = nothing. */
  request_body: string | null;
  status: number;
  /** Those that were looked at, of a short list. */
  headers: Record<string, string>;
  /** Text; null = it was not read. */
  body: string | null;
}

/** A recorded fetch. */
export interface Cassette {
  connector: string;
  version: number;
  /** The time that the fetch was given, ISO text in UTC. */
  now: string;
  params: Record<string, unknown>;
  exchanges: Exchange[];
}

/** A recording is read by people and kept with the code. */
const mostBytes = 32 * 1_048_576;
const sentOpenly = /^(accept|content-type|if-none-match|.*-version)$/;
const keptHeaders = /^(content-type|date|etag|last-modified|link|retry-after|.*(page|next|cursor|total).*)$/;

/** The same client; answers that are errors are not recorded. `exchanges` grows as answers are read. */
export function recordHttp(http: HttpClient, of: Scrubbing & { exchanges: Exchange[] }): HttpClient {
  const scrub = openScrubber(of);
  const recorded = (asked: Asked, answer: HttpAnswer) => record(asked, answer, { scrub, exchanges: of.exchanges });
  return {
    get: async (url, options = {}) =>
      recorded({ method: 'GET', url, headers: options.headers ?? {}, body: null }, await http.get(url, options)),
    post: async (url, options) =>
      recorded(
        { method: 'POST', url, headers: options.headers ?? {}, body: postedText(options) },
        await http.post(url, options),
      ),
    close: () => http.close(),
  };
}

interface Asked {
  method: Exchange['method'];
  url: string | URL;
  headers: Readonly<Record<string, string>>;
  body: string | null;
}

interface Recording {
  scrub: Scrubber;
  exchanges: Exchange[];
}

function postedText(options: PostBody): string {
  return JSON.stringify('form' in options ? options.form : options.json);
}

function record(asked: Asked, answer: HttpAnswer, { scrub, exchanges }: Recording): HttpAnswer {
  const exchange: Exchange = {
    method: asked.method,
    path: scrub.path(new URL(asked.url)),
    request_headers: sentHeaders(asked.headers, scrub),
    request_body: asked.body === null ? null : scrub.body(asked.body),
    status: answer.status,
    headers: {},
    body: null,
  };
  exchanges.push(exchange);
  const keep = (bytes: Uint8Array[]) => {
    exchange.body = scrub.body(Buffer.concat(bytes).toString('utf8'));
  };
  return {
    ...answer,
    headers: {
      get(name) {
        const value = answer.headers.get(name);
        if (value !== null && keptHeaders.test(name.toLowerCase()))
          exchange.headers[name.toLowerCase()] = scrub.body(value);
        return value;
      },
    },
    body: { [Symbol.asyncIterator]: () => pieces(answer.body, keep) },
    async text(limit) {
      const text = await answer.text(limit);
      keep([Buffer.from(text)]);
      return text;
    },
  };
}

async function* pieces(
  body: AsyncIterable<Uint8Array>,
  keep: (bytes: Uint8Array[]) => void,
): AsyncGenerator<Uint8Array, void, void> {
  const seen: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of body) {
    size += bytes.length;
    if (size > mostBytes) throw tooLarge();
    seen.push(bytes);
    yield bytes;
  }
  keep(seen);
}

function sentHeaders(headers: Readonly<Record<string, string>>, scrub: Scrubber): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const lower = name.toLowerCase();
      return [lower, sentOpenly.test(lower) ? scrub.body(value) : 'not recorded'];
    }),
  );
}

function tooLarge(): TillsyncError {
  return new TillsyncError(`The answer is larger than ${mostBytes / 1_048_576} MiB, too large for a recording.`, {
    code: 'recording_too_large',
    step: 'fetch',
    hint: 'Record a smaller account: a recording is for a test and is read by people.',
  });
}
