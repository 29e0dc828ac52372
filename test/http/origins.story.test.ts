// Who may call from a browser: exactly the origins that are named; and whose word about the way of a request counts.
import { Hono } from 'hono';
import { beforeAll, describe, expect, test } from 'vitest';
import { withSecureAnswers } from '../../src/api/edge/at-the-edge.ts';
import { clientAddress, isSecure, publicOrigin } from '../../src/api/edge/client-address.ts';
import {
  clearSessionCookie,
  readSessionCookie,
  sessionCookieName,
  setSessionCookie,
} from '../../src/api/edge/session-cookie.ts';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import { openApiDocument } from '../../src/api/v1/openapi-document.ts';
import { openLog } from '../../src/log.ts';
import { type EdgeServer, openEdgeServer } from '../support/http/edge-server.ts';
import { operationsOf } from '../support/http/fuzz-requests.ts';

const allowed = 'https://admin.example';
let server: EdgeServer;
beforeAll(async () => {
  server = await openEdgeServer({ corsOrigins: [allowed], rateLimit: false });
});

const strangers = [
  'null',
  '',
  '*',
  'http://admin.example',
  'https://admin.example:443',
  'https://admin.example:8443',
  'https://admin.example/',
  'https://admin.example.',
  'https://admin.example.evil.example',
  'https://evil-admin.example',
  'https://evil.example/https://admin.example',
  'https://sub.admin.example',
  'https://admin.exampl',
  'https://admin.examplee',
  'HTTPS://ADMIN.EXAMPLE',
  'https://Admin.example',
  'https://admin.example, https://evil.example',
  'https://user@admin.example',
  'https://admin.example%00.evil.example',
  'file://',
  'chrome-extension://abcdefgh',
];

describe('S32: CORS', () => {
  test('is for the named origin, byte by byte, without credentials; for twenty others there is none', async () => {
    expect(strangers.length).toBeGreaterThanOrEqual(20);
    for (const path of ['/api/v1/runs', '/functions/v1/save-integration-data', '/healthz']) {
      for (const origin of strangers) {
        for (const method of ['GET', 'OPTIONS', 'POST']) {
          const { headers } = await server.callWithKey(`${method} ${path}`, { headers: { origin } });
          const told = [...headers.keys()].filter((name) => name.startsWith('access-control-'));
          expect(told, `${method} ${path} ${origin}`).toEqual([]);
        }
      }
    }
    for (const request of ['GET /api/v1/runs', 'OPTIONS /api/v1/runs', 'OPTIONS /functions/v1/save-integration-data']) {
      const { headers } = await server.callWithKey(request, { headers: { origin: allowed } });
      expect(headers.get('access-control-allow-origin'), request).toBe(allowed);
      expect(headers.get('access-control-allow-credentials'), request).toBeNull();
      expect(headers.get('vary')).toContain('Origin');
    }
  });
});

describe('S31: what changes something', () => {
  const words: [string, Record<string, string>, boolean][] = [
    ['a program', {}, true],
    ['our page', { origin: 'http://localhost:4600', 'sec-fetch-site': 'same-origin' }, true],
    ['our page in an old browser', { origin: 'http://localhost:4600' }, true],
    ['an allowed page', { origin: allowed, 'sec-fetch-site': 'cross-site' }, true],
    ['our page with its session', { origin: 'http://localhost:4600', cookie: 'tillsync-session=a' }, true],
    ['a foreign page', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, false],
    ['a foreign page in an old browser', { origin: 'https://evil.example' }, false],
    ['a sandboxed page', { origin: 'null', 'sec-fetch-site': 'cross-site' }, false],
    ['a page on another port', { origin: 'http://localhost:4601', 'sec-fetch-site': 'same-site' }, false],
    ['a page over TLS of our name', { origin: 'https://localhost:4600' }, false],
    ['a page that hides its origin', { 'sec-fetch-site': 'cross-site' }, false],
    ['a sister domain', { 'sec-fetch-site': 'same-site' }, false],
    ['an address that somebody typed', { 'sec-fetch-site': 'none' }, false],
    ['a page that lies about half of it', { origin: 'http://localhost:4600', 'sec-fetch-site': 'cross-site' }, false],
    ['a session that says nothing', { cookie: 'tillsync-session=a' }, false],
    ['a session over TLS that says nothing', { cookie: 'x=1; __Host-tillsync=a' }, false],
    ['a cookie of others that says nothing', { cookie: 'lb=1' }, true],
  ];

  test('is refused from every page but ours and the allowed ones, on every write route, before anything is read', async () => {
    const given = { adminKey: null, corsOrigins: [], authenticate: async () => null };
    const writes = operationsOf(openApiDocument(createV1App(server.deps, given))).filter(
      ({ method }) => method !== 'GET',
    );
    const paths = writes.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, 'nobody')}`);
    paths.push(
      'POST /functions/v1/sync-orchestrator',
      'POST /functions/v1/save-integration-data',
      'POST /nothing',
      'PUT /',
    );
    for (const [who, headers, passes] of words) {
      for (const path of paths) {
        const response = await server.call(path, { headers });
        const { code, error_code } = (await response.json()) as { code?: string; error_code?: string };
        const isRefused =
          response.status === 403 &&
          [code, error_code].some((text) => text === 'cross_origin_refused' || text === 'AUTH_ERROR');
        expect(isRefused, `${who}: ${path} ${response.status}`).toBe(!passes);
      }
    }
  });

  test('is taken from a POS whatever it says, since its signature is what counts', async () => {
    const response = await server.call('POST /hooks/square/1', {
      headers: { origin: 'https://pos.example' },
      body: '{}',
    });
    expect(response.status).toBe(404);
  });
});

/** Says what the server takes a request for; the cookie is set, taken away or read as the path asks. */
function probe(trustedProxies: readonly string[]) {
  const app = new Hono();
  app.use('*', withSecureAnswers(trustedProxies, openLog('silent')));
  app.get('/', (context) => context.json([clientAddress(context), isSecure(context), publicOrigin(context)]));
  app.get('/cookie', (context) => context.json({ session: readSessionCookie(context) }));
  app.post('/cookie', (context) => {
    setSessionCookie(context, 'token', 60);
    return context.json({});
  });
  app.put('/cookie', (context) => context.json({ name: sessionCookieName(context) }));
  app.delete('/cookie', (context) => {
    clearSessionCookie(context);
    return context.json({});
  });
  app.onError((error, context) => context.json({ code: (error as { code?: string }).code }, 403));
  return async (from: string | null, headers: Record<string, string>, request = 'GET /') => {
    const [method = '', path = ''] = request.split(' ');
    const env = from === null ? undefined : { incoming: { socket: { remoteAddress: from } } };
    return await app.request(`http://${headers.host ?? 'localhost:4600'}${path}`, { method, headers }, env);
  };
}

describe('S50: what a proxy says', () => {
  const spoof = {
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
    host: 'till.example',
  };

  test('is believed from the named addresses only', async () => {
    const ask = probe(['10.0.0.7', 'fd00::/8']);
    const told = async (from: string | null, headers: Record<string, string>) =>
      await (await ask(from, headers)).json();
    for (const from of ['203.0.113.9', '127.0.0.1', '10.0.0.8', '::1', null]) {
      expect(await told(from, spoof), String(from)).toEqual([from, false, 'http://till.example']);
      expect(
        await told(from, { forwarded: 'for=1.1.1.1;proto=https;host=evil.example', host: 'till.example' }),
      ).toEqual([from, false, 'http://till.example']);
    }
    const believed = ['198.51.100.4', true, 'https://till.example'];
    const said = {
      'x-forwarded-for': '198.51.100.4',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'Till.example:443',
    };
    expect(await told('10.0.0.7', said)).toEqual(believed);
    expect(await told('::ffff:10.0.0.7', said)).toEqual(believed);
    expect(await told('fd00::1', { forwarded: 'for="198.51.100.4:4711";proto=https;host=till.example' })).toEqual(
      believed,
    );
  });

  test('is read from our end: the first address that no proxy of ours has is the caller, whatever stands before it', async () => {
    const ask = probe(['10.0.0.0/8']);
    const told = async (hops: string) =>
      ((await (await ask('10.0.0.7', { 'x-forwarded-for': hops })).json()) as unknown[])[0];
    expect(await told('127.0.0.1, 198.51.100.4')).toBe('198.51.100.4');
    expect(await told('127.0.0.1, 198.51.100.4, 10.0.0.9')).toBe('198.51.100.4');
    expect(await told('198.51.100.4, evil, 10.0.0.9')).toBe('10.0.0.9');
    expect(await told('10.0.0.1, 10.0.0.2')).toBe('10.0.0.1');
    expect(await told('[2001:DB8::4]:99')).toBe('2001:db8::4');
    expect(await told('')).toBe('10.0.0.7');
  });

  test('counts for nothing where it is said in two ways, of which the caller may have written one', async () => {
    const ask = probe(['10.0.0.7']);
    const both = {
      'x-forwarded-for': '198.51.100.4',
      forwarded: 'for=127.0.0.1;proto=https;host=evil.example',
      host: 'till.example',
    };
    expect(await (await ask('10.0.0.7', both)).json()).toEqual(['10.0.0.7', false, 'http://till.example']);
  });
});

describe('S27: the cookie of a session', () => {
  const tls = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.4', 'x-forwarded-host': 'till.example' };

  test('is __Host- and Secure over TLS, and set on plain http on the own machine only', async () => {
    const ask = probe(['10.0.0.7']);
    const set = async (from: string | null, headers: Record<string, string>) => {
      const response = await ask(from, headers, 'POST /cookie');
      return response.status === 403
        ? ((await response.json()) as { code: string }).code
        : response.headers.get('set-cookie');
    };
    expect(await set('10.0.0.7', tls)).toBe(
      '__Host-tillsync=token; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure',
    );
    const here = 'tillsync-session=token; Path=/; Max-Age=60; HttpOnly; SameSite=Strict';
    for (const from of ['127.0.0.1', '::1', '::ffff:127.0.0.1', null])
      expect(await set(from, {}), String(from)).toBe(here);
    expect(await (await ask('10.0.0.7', tls, 'PUT /cookie')).json()).toEqual({ name: '__Host-tillsync' });
    expect(await (await ask('127.0.0.1', {}, 'PUT /cookie')).json()).toEqual({ name: 'tillsync-session' });
    expect((await ask('203.0.113.9', {}, 'PUT /cookie')).status).toBe(403);
    for (const [from, headers] of [
      ['203.0.113.9', {}],
      ['203.0.113.9', tls],
      ['127.0.0.1', tls],
      ['127.0.0.1', { host: 'till.example' }],
      ['127.0.0.1', { host: 'localhost.evil.example' }],
      ['10.0.0.7', { ...tls, 'x-forwarded-proto': 'http' }],
      ['10.0.0.7', {}],
    ] as const) {
      expect(await set(from, headers), JSON.stringify([from, headers])).toBe('sign_in_needs_tls');
    }
  });

  test('counts only by the name of its way, once, and never with what another site asked for', async () => {
    const ask = probe(['10.0.0.7']);
    const read = async (headers: Record<string, string>, from = '10.0.0.7') =>
      ((await (await ask(from, headers, 'GET /cookie')).json()) as { session: string | null }).session;
    expect(await read({ ...tls, cookie: 'a=b; __Host-tillsync=token' })).toBe('token');
    expect(
      await read({
        ...tls,
        cookie: '__Host-tillsync=token',
        'sec-fetch-site': 'same-origin',
        origin: 'https://till.example',
      }),
    ).toBe('token');
    expect(await read({ ...tls, cookie: '__Host-tillsync=token', 'sec-fetch-site': 'none' })).toBe('token');
    expect(await read({ cookie: 'tillsync-session=token' }, '127.0.0.1')).toBe('token');
    for (const headers of [
      { ...tls, cookie: 'tillsync-session=token' },
      { ...tls, cookie: '__Host-tillsync=token; __Host-tillsync=other' },
      { ...tls, cookie: '__Host-tillsync=' },
      { ...tls, cookie: 'x__Host-tillsync=token' },
      { ...tls, cookie: '__Host-tillsync=token', 'sec-fetch-site': 'cross-site' },
      { ...tls, cookie: '__Host-tillsync=token', 'sec-fetch-site': 'same-site' },
      { ...tls, cookie: '__Host-tillsync=token', origin: 'https://evil.example' },
      { ...tls, cookie: '__Host-tillsync=token', origin: 'http://till.example' },
      { 'x-forwarded-proto': 'http', cookie: '__Host-tillsync=token; tillsync-session=token' },
    ]) {
      expect(await read(headers), JSON.stringify(headers)).toBeNull();
    }
  });

  test('is taken away under both of its names', async () => {
    const response = await probe([])('127.0.0.1', {}, 'DELETE /cookie');
    expect(response.headers.getSetCookie()).toEqual([
      '__Host-tillsync=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure',
      'tillsync-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
    ]);
  });
});
