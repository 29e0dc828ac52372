// The headers of every answer, whichever face gives it and whatever it says.
import { beforeAll, describe, expect, test } from 'vitest';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import { openApiDocument } from '../../src/api/v1/openapi-document.ts';
import { type EdgeServer, edgeServerOver, openEdgeServer } from '../support/http/edge-server.ts';
import { operationsOf } from '../support/http/fuzz-requests.ts';

let server: EdgeServer;
beforeAll(async () => {
  server = await openEdgeServer({ listensOnLoopback: true, trustedProxies: ['10.0.0.7'], rateLimit: false });
});

const always = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cache-control': 'no-store',
};

function expectSafe(response: Response, what: string): void {
  const told = Object.fromEntries(Object.keys(always).map((name) => [name, response.headers.get(name)]));
  expect(told, what).toEqual(always);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy, what).toMatch(/^default-src 'none'; /);
  expect(policy, what).toContain("frame-ancestors 'none'");
  expect(policy, what).not.toMatch(/unsafe|\*|http:|script-src [^';]*[^' self;]/);
  // Who answers, and in which version, is nobody's business.
  for (const name of ['server', 'x-powered-by', 'via', 'x-aspnet-version']) {
    expect(response.headers.get(name), `${what} ${name}`).toBeNull();
  }
}

const others = [
  'GET /',
  'GET /nothing/here',
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'GET /api',
  'GET /api/nothing',
  'GET /api/docs',
  'GET /api/docs/style.css',
  'GET /api/docs/errors',
  'GET /api/openapi.json',
  'OPTIONS /api/v1/runs',
  'HEAD /api/v1/runs',
  'PUT /api/v1/runs',
  'POST /api/docs',
  'GET /hooks/square/1',
  'POST /hooks/square/1',
  'POST /hooks',
  'GET /functions/v1/save-integration-data',
  'OPTIONS /functions/v1/save-integration-data',
  'POST /functions/v1/save-integration-data',
  'POST /functions/v1/nothing',
  'POST /save-integration-data',
];

describe('S33, S55: the headers', () => {
  test('are on every answer of every route of the document: without a key, with one, and with a wrong body', async () => {
    const given = { adminKey: null, corsOrigins: [], authenticate: async () => null };
    const document = openApiDocument(createV1App(server.deps, given));
    const operations = operationsOf(document).filter(({ path }) => !path.endsWith('/events'));
    expect(operations.length).toBeGreaterThan(40);
    for (const { method, path } of operations) {
      const request = `${method} ${path.replaceAll(/\{\w+\}/g, '17')}`;
      expectSafe(await server.call(request), request);
      expectSafe(await server.callWithKey(request), `${request} with a key`);
      if (method === 'GET') continue;
      expectSafe(await server.callWithKey(request, { body: '{"nobody": [' }), `${request} with half a body`);
    }
  });

  test('are on everything else: pages, files, probes, webhooks, functions, and what is not there', async () => {
    for (const request of others) {
      expectSafe(await server.call(request), request);
      expectSafe(await server.callWithKey(request, { from: '127.0.0.1' }), `${request} with a key`);
    }
  });

  test('are on refusals of the edge itself', async () => {
    const headers = { origin: 'https://evil.example' };
    for (const path of ['/api/v1/concepts', '/functions/v1/save-integration-data', '/nothing']) {
      const response = await server.callWithKey(`POST ${path}`, { headers, body: '{}' });
      expect(response.status).toBe(403);
      expectSafe(response, path);
    }
  });

  test('promise TLS only where the request came by TLS, as a trusted proxy says', async () => {
    const told = async (from: string, headers: Record<string, string>) =>
      (await server.call('GET /healthz', { from, headers })).headers.get('strict-transport-security');
    expect(await told('10.0.0.7', { 'x-forwarded-proto': 'https' })).toBe('max-age=63072000');
    expect(await told('10.0.0.7', { 'x-forwarded-proto': 'http' })).toBeNull();
    expect(await told('203.0.113.9', { 'x-forwarded-proto': 'https' })).toBeNull();
    expect(await told('127.0.0.1', {})).toBeNull();
  });
});

describe('S52: a server that listens to a network', () => {
  const inside = ['/metrics', '/api/docs', '/api/docs/errors', '/api/docs/style.css', '/api/openapi.json'];

  test('shows neither its pages nor its metrics to who has no key', async () => {
    const open = edgeServerOver(server.deps, server.key, { rateLimit: false });
    for (const path of inside) {
      expect((await open.call(`GET ${path}`)).status, path).toBe(401);
      expect((await open.callWithKey(`GET ${path}`)).status, path).toBe(200);
    }
    for (const path of inside) expect((await server.call(`GET ${path}`)).status, path).toBe(200);
  });

  test('says nothing of its version, its program or its source, and has no source maps', async () => {
    for (const path of [
      '/healthz',
      '/readyz',
      '/',
      '/api/v1/runs',
      '/api/nothing',
      '/api/docs/style.css.map',
      '/src/app.ts',
    ]) {
      const response = await server.call(`GET ${path}`);
      const text = [...response.headers].join() + (await response.text());
      expect(text, path).not.toMatch(/hono|node\.?js|postgres(ql)? ?\d|\d+\.\d+\.\d+|sourceMappingURL/i);
    }
  });
});
