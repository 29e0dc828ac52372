// How the pretend POS answers: with its catalog, or in one of the ways in which real ones go wrong.
import type { ServerResponse } from 'node:http';
import { createGzip, gzipSync } from 'node:zlib';
import { type FakeCatalog, reorder } from './fake-catalog.ts';

/** The normal answer, the simple faults by name, and those that take a parameter. */
export type FakeAnswer =
  | 'catalog'
  /** 200 with three empty lists. */
  | 'empty'
  /** A login page with status 200. */
  | 'html'
  /** 200 with nothing but {"error": "…"}. */
  | 'error200'
  /** 200 with a catalog and "hasError": true. */
  | 'hasError'
  | '204'
  | '401'
  /** With Retry-After: 1. */
  | '429'
  | '500'
  /** The connection breaks after half the body, with a Content-Length. */
  | 'truncated'
  /** One byte every 20 ms, for ever. */
  | 'drip'
  /** No headers, ever. */
  | 'hang'
  /** Headers and half the body, then silence. */
  | 'hang-body'
  /** 302 to another origin. */
  | 'redirect'
  /** A gzip body of 200 kB that inflates to 200 MB. */
  | 'gzip-bomb'
  /** The catalog, gzipped. */
  | 'gzip'
  /** The same rows in another order. */
  | 'reorder'
  | { status?: number; headers?: Readonly<Record<string, string>>; body: string | Uint8Array }
  /** Only the first bytes: with Content-Length, chunked (both break off) or with a clean end. */
  | { cutAt: number; framing: 'length' | 'chunked' | 'clean' };

const json = { 'content-type': 'application/json; charset=utf-8' };

/** Whether a text is the name of an answer. */
export function isFakeAnswer(name: string): name is Extract<FakeAnswer, string> {
  return Object.hasOwn(senders, name);
}

/** Sends one answer. */
export function sendAnswer(response: ServerResponse, answer: FakeAnswer, catalog: FakeCatalog): void {
  if (typeof answer === 'object') {
    if ('cutAt' in answer) cut(response, Buffer.from(JSON.stringify(catalog)), answer);
    else send(response, answer.status ?? 200, { headers: { ...json, ...answer.headers }, body: answer.body });
    return;
  }
  senders[answer](response, catalog);
}

type Sender = (response: ServerResponse, catalog: FakeCatalog) => void;

const loginPage = '<!doctype html><html><head><title>Sign in</title></head><body>Please sign in</body></html>';

const senders: Readonly<Record<Extract<FakeAnswer, string>, Sender>> = {
  catalog: (response, catalog) => ok(response, catalog),
  empty: (response, { lastModified }) =>
    ok(response, { menuItems: [], modifiers: [], discounts: [], error: '', lastModified }),
  html: (response) => send(response, 200, { headers: { 'content-type': 'text/html' }, body: loginPage }),
  error200: (response) => ok(response, { error: 'Location is not available' }),
  hasError: (response, catalog) => ok(response, { ...catalog, hasError: true }),
  '204': (response) => send(response, 204, {}),
  '401': (response) => send(response, 401, { headers: json, body: '{"message":"Unauthorized"}' }),
  '429': (response) => send(response, 429, { headers: { ...json, 'retry-after': '1' }, body: '{}' }),
  '500': (response) => send(response, 500, { headers: json, body: '{"message":"Internal error"}' }),
  truncated: (response, catalog) => {
    const body = Buffer.from(JSON.stringify(catalog));
    cut(response, body, { cutAt: Math.floor(body.length / 2), framing: 'length' });
  },
  drip: (response) => {
    response.writeHead(200, json);
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  },
  hang: (response) => {
    response.on('error', () => response.destroy());
  },
  'hang-body': (response, catalog) => {
    const body = Buffer.from(JSON.stringify(catalog));
    response.writeHead(200, { ...json, 'content-length': body.length });
    response.write(body.subarray(0, Math.floor(body.length / 2)));
  },
  // 192.0.2.0/24 is reserved for documentation: nothing is ever there.
  redirect: (response) => send(response, 302, { headers: { location: 'http://192.0.2.1/integration' } }),
  'gzip-bomb': (response) => bomb(response, 200),
  gzip: (response, catalog) =>
    send(response, 200, { headers: { ...json, 'content-encoding': 'gzip' }, body: gzipSync(JSON.stringify(catalog)) }),
  reorder: (response, catalog) => {
    const copy = structuredClone(catalog);
    reorder(copy, 7);
    ok(response, copy);
  },
};

interface Message {
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
}

function ok(response: ServerResponse, body: unknown): void {
  send(response, 200, { headers: json, body: JSON.stringify(body) });
}

function send(response: ServerResponse, status: number, { headers = {}, body }: Message): void {
  response.writeHead(status, headers);
  response.end(body);
}

function cut(
  response: ServerResponse,
  body: Buffer,
  { cutAt, framing }: { cutAt: number; framing: 'length' | 'chunked' | 'clean' },
): void {
  const part = body.subarray(0, cutAt);
  if (framing === 'clean') {
    send(response, 200, { headers: json, body: part });
    return;
  }
  response.writeHead(200, framing === 'length' ? { ...json, 'content-length': body.length } : json);
  response.flushHeaders();
  response.write(part, () => response.socket?.destroySoon());
  if (part.length === 0) response.socket?.destroySoon();
}

function bomb(response: ServerResponse, megabytes: number): void {
  response.writeHead(200, { ...json, 'content-encoding': 'gzip' });
  const gzip = createGzip();
  gzip.pipe(response);
  const megabyte = Buffer.alloc(1024 * 1024, ' ');
  let left = megabytes;
  const more = () => {
    while (left-- > 0) if (!gzip.write(megabyte)) return;
    gzip.end();
  };
  gzip.on('drain', more);
  response.on('close', () => gzip.destroy());
  more();
}
