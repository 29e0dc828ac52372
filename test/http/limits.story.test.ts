// How much a caller may send, and how often; by a clock that the test moves.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { createKey } from '../../src/access/create-key.ts';
import { type LimitName, openRateLimits, rateLimits } from '../../src/api/edge/rate-limits.ts';
import { type EdgeServer, edgeServerOver, openEdgeServer } from '../support/http/edge-server.ts';

let opened: EdgeServer;
let otherKey: string;
beforeAll(async () => {
  opened = await openEdgeServer({ rateLimit: false });
  otherKey = (await createKey(opened.deps.database, { name: 'other', createdBy: 'test', access: 'admin' })).key;
});

function limited() {
  const clock = { time: 0 };
  const limits = openRateLimits({ now: () => clock.time });
  const options = { limits, listensOnLoopback: true, trustedProxies: ['10.0.0.7'] };
  return { clock, server: edgeServerOver(opened.deps, opened.key, options) };
}

const nobody = '00000000-0000-4000-8000-000000000000';
const byKey: readonly [LimitName, string, number][] = [
  ['sync', `POST /api/v1/configs/${nobody}/runs`, 404],
  ['sync', 'POST /functions/v1/sync-orchestrator', 400],
  ['connection-test', `POST /api/v1/configs/${nobody}/test`, 404],
  ['preview', 'POST /api/v1/recipes/preview', 400],
  ['export', 'GET /api/v1/audit/export', 200],
  ['call', 'GET /api/v1/runs/nobody', 404],
];
const byAddress: readonly [LimitName, string, number][] = [
  ['page', 'GET /api/docs/style.css', 200],
  ['unproven', 'GET /api/v1/runs', 401],
  ['unproven', 'POST /functions/v1/sync-orchestrator', 401],
  ['sign-in', 'POST /api/v1/session', 400],
  ['sign-in', 'POST /api/v1/links/use', 400],
  ['sign-in', 'POST /api/v1/me/password', 401],
  ['hook', 'POST /hooks/square/1', 404],
];

/** Sends it until it is refused; how often it passed. */
async function burstOf(send: () => Promise<Response>, status: number): Promise<{ passed: number; refused: Response }> {
  for (let passed = 0; passed < 5_000; passed++) {
    const response = await send();
    if (response.status === 429) return { passed, refused: response };
    expect(response.status).toBe(status);
  }
  throw new Error('it is never refused');
}

describe('S36: calls', () => {
  test.each(byKey)(
    '%s: %s is limited per key, says when to come back, and passes then',
    async (name, request, status) => {
      const { clock, server } = limited();
      const body = request.startsWith('POST') ? '{}' : undefined;
      const send = (headers: Record<string, string> = {}) =>
        server.callWithKey(request, { headers, from: '203.0.113.9', ...(body === undefined ? {} : { body }) });
      const { passed, refused } = await burstOf(send, status);
      expect(passed).toBe(rateLimits[name].burst);
      const seconds = Number(refused.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(0);
      const answer = (await refused.json()) as Record<string, unknown>;
      const isFunction = request.includes('/functions/');
      expect(answer).toMatchObject(
        isFunction ? { success: false, error_code: 'VALIDATION_ERROR' } : { code: 'rate_limited', status: 429 },
      );
      expect((await send({ authorization: `Bearer ${otherKey}` })).status).toBe(status);
      clock.time += seconds * 1_000;
      expect((await send()).status).toBe(status);
    },
  );

  test.each(byAddress)(
    '%s: %s is limited per address, whatever the caller says of it',
    async (name, request, status) => {
      const { clock, server } = limited();
      let turn = 0;
      const lies = () => ({ 'x-forwarded-for': `198.51.100.${turn++ % 250}`, authorization: `Bearer wrong-${turn}` });
      const send = (from: string) =>
        server.call(request, { from, headers: request.startsWith('GET /api/docs') ? { host: 'localhost' } : lies() });
      const { passed, refused } = await burstOf(() => send('203.0.113.9'), status);
      expect(passed).toBe(rateLimits[name].burst);
      expect(refused.headers.get('content-type')).toMatch(/json/);
      expect((await send('203.0.113.10')).status).toBe(status);
      clock.time += Number(refused.headers.get('retry-after')) * 1_000;
      expect((await send('203.0.113.9')).status).toBe(status);
    },
  );

  test('a stranger who guesses keys locks out nobody who has one, at the same address', async () => {
    const { server } = limited();
    const from = '203.0.113.9';
    await burstOf(() => server.call('GET /api/v1/runs', { from }), 401);
    expect((await server.callWithKey('GET /api/v1/runs', { from })).status).toBe(200);
  });

  test('behind a trusted proxy each caller has an own limit, and an IPv6 network has one', async () => {
    const { server } = limited();
    const send = (caller: string) =>
      server.call('GET /api/v1/runs', { from: '10.0.0.7', headers: { 'x-forwarded-for': caller } });
    let host = 0;
    const { passed } = await burstOf(() => send(`2001:db8:0:7::${(host++).toString(16)}`), 401);
    expect(passed).toBe(rateLimits.unproven.burst);
    expect((await send('2001:db8:0:8::1')).status).toBe(401);
    expect((await send('198.51.100.4')).status).toBe(401);
  });

  test('probes and metrics are not counted, and TILLSYNC_RATE_LIMIT=off lifts all limits', async () => {
    const { server } = limited();
    const off = edgeServerOver(opened.deps, opened.key, { rateLimit: false });
    for (let i = 0; i < rateLimits.page.burst + 5; i++) {
      expect((await server.call('GET /healthz', { from: '127.0.0.1' })).status).toBe(200);
      expect((await off.call('GET /api/v1/runs')).status).toBe(401);
    }
  });

  test('the page of limits says what the server holds to', () => {
    const page = readFileSync(new URL('../../docs/reference/limits.md', import.meta.url), 'utf8');
    const told = [...page.matchAll(/^\| `([\w-]+)` \| (\d+) \| (\d+) \|/gm)].map((row) => row.slice(1, 4));
    expect(told).toEqual(
      Object.entries(rateLimits).map(([name, { burst, perMinute }]) => [name, String(burst), String(perMinute)]),
    );
  });
});

describe('S36: bodies', () => {
  /** An endless body; says how much of it was taken. */
  function endless(): { body: ReadableStream<Uint8Array>; taken: () => number } {
    let taken = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        taken += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    return { body, taken: () => taken };
  }

  test.each([
    ['/api/v1/concepts', 1],
    ['/api/v1/configs/17/runs', 1],
    ['/functions/v1/sync-orchestrator', 1],
    ['/functions/v1/save-integration-data', 64],
    ['/hooks/square/1', 1],
  ])('%s reads no more than its %i MiB of a body without end', async (path, limit) => {
    const { body, taken } = endless();
    const response = await opened.fetch(
      new Request(`http://localhost:4600${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${opened.key}`, 'content-type': 'application/json' },
        body,
        duplex: 'half',
      } as RequestInit),
    );
    expect(response.status).toBe(413);
    expect(taken()).toBeLessThanOrEqual(limit * 1024 * 1024 + 5 * 65_536);
  });

  test('a body that says how large it is, and is too large, is not read at all', async () => {
    const { body, taken } = endless();
    const headers = {
      authorization: `Bearer ${opened.key}`,
      'content-type': 'application/json',
      'content-length': '1048577',
    };
    const request = new Request('http://localhost:4600/api/v1/concepts', {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as RequestInit);
    expect((await opened.fetch(request)).status).toBe(413);
    expect(taken()).toBeLessThanOrEqual(65_536);
  });

  test('only JSON by its content type is read, in UTF-8', async () => {
    const sent = async (type: string) =>
      (await opened.callWithKey('POST /api/v1/concepts', { body: '{"name":"a"}', headers: { 'content-type': type } }))
        .status;
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=a',
      'text/json',
      'application/jsonp',
      '',
    ]) {
      expect(await sent(type), type).toBe(415);
    }
    expect(await sent('application/json')).toBe(201);
    expect(await sent('Application/JSON; charset=utf-8')).toBe(201);
  });

  test.each([
    ['twice the same field', '{"name":"a","name":"b"}', 'body_key_repeated'],
    ['65 levels', `{"name":${'['.repeat(65)}${']'.repeat(65)}}`, 'body_too_deep'],
    ['half a megabyte of brackets', '['.repeat(500_000), 'body_not_json'],
    ['half a megabyte of levels', `${'['.repeat(250_000)}${']'.repeat(250_000)}`, 'body_too_deep'],
  ])('%s in a body is refused with 400', async (_what, body, code) => {
    for (const path of ['/api/v1/concepts', '/api/v1/configs', `/api/v1/configs/${nobody}/runs`]) {
      const response = await opened.callWithKey(`POST ${path}`, { body });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, code]);
    }
  });
});
