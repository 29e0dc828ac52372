// An HTTP client that answers from a recording, and from nothing else.
import type { HttpAnswer, HttpClient } from '../../src/net/http-client.ts';
import type { Cassette, Exchange } from '../../src/net/trial/record-http.ts';

/** Answers each recorded request once, in any order; a request that was not recorded fails. */
export function replayHttp({ exchanges }: Cassette): HttpClient {
  const left = [...exchanges];
  const answerTo = (method: string, url: string | URL, body: string | null): HttpAnswer => {
    const { pathname, searchParams } = new URL(url);
    const query = [...searchParams].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
    const path = pathname + (query.length === 0 ? '' : `?${query.join('&')}`);
    const at = left.findIndex(
      (each) => each.method === method && each.path === path && (body === null || each.request_body === body),
    );
    const [found] = at === -1 ? [] : left.splice(at, 1);
    if (found === undefined) throw new Error(`not recorded: ${method} ${path} ${body ?? ''}`);
    return answerOf(found);
  };
  return {
    get: async (url) => answerTo('GET', url, null),
    post: async (url, options) =>
      answerTo('POST', url, JSON.stringify('form' in options ? options.form : options.json)),
    close: async () => undefined,
  };
}

function answerOf({ status, headers, body }: Exchange): HttpAnswer {
  const text = body ?? '';
  return {
    status,
    headers: { get: (name) => headers[name.toLowerCase()] ?? null },
    body: (async function* () {
      yield Buffer.from(text);
    })(),
    text: async () => text,
    discard: () => undefined,
  };
}
