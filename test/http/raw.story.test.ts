// The server on a real socket: requests that no library would send.
import { connect } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withSecureAnswers } from '../../src/api/edge/at-the-edge.ts';
import { type Server, startServer } from '../../src/api/start-server.ts';
import { openLog } from '../../src/log.ts';
import { openEngine } from '../support/engine.ts';

let server: Server;
beforeAll(async () => {
  const deps = await openEngine();
  const config = { adminKey: 'a-key-of-the-test', corsOrigins: [], trustedProxies: ['10.0.0.7'], rateLimit: false };
  server = await startServer({ deps, config }, { host: '127.0.0.1', port: 0 });
});
afterAll(() => server.stop());

/** What comes back until the server closes the connection. */
async function send(text: string | Buffer, url = server.url): Promise<string> {
  const { hostname, port } = new URL(url);
  return await new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.end(text));
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? resolve(said()) : reject(error),
    );
    socket.on('close', () => resolve(said()));
    const said = () => Buffer.concat(pieces).toString('latin1');
  });
}

const closing = 'Connection: close\r\n\r\n';
const get = (target: string, headers = '') => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${headers}${closing}`;

const odd: readonly [string, string | Buffer][] = [
  ['no host', `GET / HTTP/1.1\r\n${closing}`],
  ['an empty host', `GET / HTTP/1.1\r\nHost:\r\n${closing}`],
  ['a host with a space', `GET /healthz HTTP/1.1\r\nHost: a b\r\n${closing}`],
  ['a host with a path', `GET /healthz HTTP/1.1\r\nHost: a/b?c#d\r\n${closing}`],
  ['a host with a user', `GET /healthz HTTP/1.1\r\nHost: user:pw@localhost\r\n${closing}`],
  ['a host without end', `GET /healthz HTTP/1.1\r\nHost: ${'a'.repeat(5_000)}\r\n${closing}`],
  ['a host that is no name', `GET /healthz HTTP/1.1\r\nHost: [::\r\n${closing}`],
  ['two hosts', `GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n${closing}`],
  ['another server’s address', get('http://evil.example/metrics')],
  ['an address of no scheme', get('//evil.example/healthz')],
  ['an address that is none', get('http://[/')],
  ['an asterisk', get('*')],
  ['a path that climbs', get('/../../../../etc/passwd')],
  ['a path with encoded climbs', get('/%2e%2e/%2e%2e/etc/passwd')],
  ['a path with half an escape', get('/api/v1/runs/%')],
  ['a path with bytes', Buffer.from(get('/api/v1/runs/\xff\xfe'), 'latin1')],
  ['a path without end', get(`/${'a'.repeat(60_000)}`)],
  ['headers without end', get('/healthz', `X-A: ${'a'.repeat(60_000)}\r\n`)],
  ['a thousand headers', get('/healthz', 'X-A: a\r\n'.repeat(3_000))],
  ['a header with bytes', Buffer.from(get('/api/v1/runs', 'Authorization: Bearer \xff\xfe\r\n'), 'latin1')],
  ['a forwarded header of nonsense', get('/healthz', 'Forwarded: ;;;=,,"\r\nX-Forwarded-For: ,,,\r\n')],
  ['a cookie of nonsense', get('/api/v1/runs', 'Cookie: =;;; ; a; =b; tillsync-session\r\n')],
  ['a method of its own', `FOO / HTTP/1.1\r\nHost: localhost\r\n${closing}`],
  ['TRACE', `TRACE / HTTP/1.1\r\nHost: localhost\r\n${closing}`],
  ['CONNECT', `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n${closing}`],
  ['an upgrade', get('/healthz', 'Upgrade: h2c\r\nConnection: Upgrade\r\n')],
  [
    'two lengths',
    `POST /hooks/a/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n${closing}a`,
  ],
  [
    'a length and chunks',
    `POST /hooks/a/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n${closing}0\r\n\r\n`,
  ],
  ['a length below zero', `POST /hooks/a/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n${closing}`],
  ['a length that is no number', `POST /hooks/a/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1e3\r\n${closing}`],
  [
    'a body shorter than it says',
    `POST /hooks/a/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n${closing}abc`,
  ],
  [
    'half a body of JSON',
    `POST /api/v1/concepts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a-key-of-the-test\r\nContent-Type: application/json\r\nContent-Length: 100\r\n${closing}{"name"`,
  ],
  [
    'chunks of nonsense',
    `POST /hooks/a/b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n${closing}zz\r\n`,
  ],
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['an old version', 'GET / HTTP/0.9\r\n\r\n'],
];

describe('an answer in parts', () => {
  test('S43: whose source fails breaks off without an end and without a word; the log has it', async () => {
    const lines: string[] = [];
    const app = new Hono();
    app.use('*', withSecureAnswers([], openLog('error', { write: (line) => void lines.push(line) })));
    const parts = async function* () {
      yield new TextEncoder().encode('first,part\n');
      throw new Error('select secret from tables at /var/lib');
    };
    app.get('/', () => {
      return new Response(ReadableStream.from(parts()) as ReadableStream<Uint8Array>, {
        headers: { 'content-type': 'text/csv' },
      });
    });
    const failing = await new Promise<{ close(): void; url: string }>((resolve) => {
      const listening = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
        resolve({ close: () => listening.close(), url: `http://127.0.0.1:${port}` }),
      );
    });
    const answer = await send(get('/'), failing.url);
    failing.close();
    expect(answer).not.toContain('secret');
    expect(answer).not.toMatch(/\r\n0\r\n\r\n$/);
    expect(lines.join()).toContain('select secret');
  });

  test('S43: whose source fails at once is refused like any other call', async () => {
    const app = new Hono();
    app.use('*', withSecureAnswers([], openLog('silent')));
    const headers = { 'content-type': 'application/x-ndjson' };
    app.get('/', () => {
      return new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('secret')) }), {
        headers,
      });
    });
    app.onError((error, context) => context.json({ told: error.message.length }, 503));
    const response = await app.request('/');
    expect([response.status, await response.json()]).toEqual([503, { told: 6 }]);
  });
});

describe('a request that no library sends', () => {
  test.each(odd)(
    'S33, S43: %s is refused or answered, without a failure of ours and without a word about us',
    async (_what, text) => {
      const answer = await send(text);
      const status = /^HTTP\/1\.\d (\d{3})/.exec(answer)?.[1] ?? 'closed';
      expect(status, answer).toMatch(/^(2|4)\d\d$|closed/);
      expect(answer).not.toMatch(/node_modules|\bat .+:\d+:\d+|\/(tmp|home|usr)\/|^server:|x-powered-by|root:/im);
      // What is no HTTP is turned away by a line without more; everything else carries the headers.
      if (/^date:/im.test(answer)) expect(answer.toLowerCase(), answer).toContain('x-content-type-options: nosniff');
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    },
  );

  test('S50: on the socket, too, nobody but a trusted proxy says where a request is from', async () => {
    const lies = 'X-Forwarded-For: 10.0.0.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\n';
    const answer = await send(get('/healthz', lies));
    expect(answer).toMatch(/^HTTP\/1.1 200/);
    expect(answer.toLowerCase()).not.toContain('strict-transport-security');
    const absolute = await send(`GET https://till.example/healthz HTTP/1.1\r\nHost: localhost\r\n${closing}`);
    expect(absolute.toLowerCase()).not.toContain('strict-transport-security');
    expect(await send(get('/metrics', lies))).toMatch(/^HTTP\/1.1 401/);
  });
});
