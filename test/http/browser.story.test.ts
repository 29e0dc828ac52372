// A real browser on a page of another origin: whatever it makes its visitor send, nothing here changes.
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticateKey } from '../../src/access/authenticate-key.ts';
import { createKey } from '../../src/access/create-key.ts';
import { openPasswords } from '../../src/access/people/passwords/open-passwords.ts';
import { createServerApp } from '../../src/api/create-server-app.ts';
import { pagePolicy } from '../../src/api/security-headers.ts';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import { openApiDocument } from '../../src/api/v1/openapi-document.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { admin, userWithPassword, withFactor } from '../people/open-people.ts';
import { openBrowser } from '../support/browser.ts';
import { openEngine } from '../support/engine.ts';
import { operationsOf } from '../support/http/fuzz-requests.ts';
import { until } from '../support/until.ts';

interface Seen {
  method: string;
  path: string;
  origin: string | null;
  cookie: string | null;
  status: number;
  code: unknown;
}

let deps: Deps;
let key: string;
/** Of an admin who is signed in. */
let token: string;
let browser: Browser;
let ours: string;
const opened: ServerType[] = [];
const seen: Seen[] = [];
/** Pages of ours, of an allowed origin, and of strangers. */
let pages: { own: string; allowed: string; sister: string; foreign: string };

async function listen(fetch: (request: Request, env: unknown) => Response | Promise<Response>): Promise<number> {
  return await new Promise((resolve) => {
    const server = serve({ fetch, hostname: '127.0.0.1', port: 0 }, (info: AddressInfo) => resolve(info.port));
    opened.push(server);
  });
}

const blank = () => new Response('<!doctype html><title>page</title>', { headers: { 'content-type': 'text/html' } });

// A page under the policy of our pages, that tries what an injected text would try.
function strict(pathname: string): Response {
  const headers = { 'content-security-policy': pagePolicy };
  if (pathname.endsWith('.js')) {
    return new Response('globalThis.own = true', { headers: { ...headers, 'content-type': 'text/javascript' } });
  }
  const page = `<!doctype html><title>page</title><script src="/strict.js"></script><script>globalThis.inline = true</script>
    <img src="x:" onerror="globalThis.handler = true"><a id="link" href="javascript:globalThis.clicked = true">a</a>
    <p id="styled" style="color: rgb(1, 2, 3)">a</p><script src="${pages.foreign}evil.js"></script>`;
  return new Response(page, { headers: { ...headers, 'content-type': 'text/html' } });
}

beforeAll(async () => {
  deps = await openEngine();
  key = (await createKey(deps.database, { name: 'edge', createdBy: 'test', access: 'admin' })).key;
  const people = { ...deps, passwords: openPasswords({ cost: { logN: 4, r: 1, p: 1 } }) };
  const now = new Date();
  const session = await userWithPassword(people, { email: 'ada@example.com', roles: [admin] }, now);
  ({ token } = await withFactor(people, session, now));
  const [allowedPort, foreignPort] = [await listen(blank), await listen(blank)];
  const app = createServerApp(deps, {
    adminKey: null,
    corsOrigins: [`http://localhost:${allowedPort}`],
    authenticate: (candidate) => authenticateKey(deps.database, candidate),
    listensOnLoopback: true,
    rateLimit: false,
  });
  const port = await listen(async (request, env) => {
    const { pathname } = new URL(request.url);
    // An empty page of our own origin, without a policy that would stop its script.
    if (pathname === '/own-page') return blank();
    if (pathname.startsWith('/strict')) return strict(pathname);
    const { method, headers } = request;
    const response = await app.fetch(request, env as object);
    const { code = null } = (await response
      .clone()
      .json()
      .catch(() => ({}))) as { code?: unknown };
    seen.push({
      method,
      path: pathname,
      origin: headers.get('origin'),
      cookie: headers.get('cookie'),
      status: response.status,
      code,
    });
    return response;
  });
  ours = `http://127.0.0.1:${port}`;
  pages = {
    own: `${ours}/own-page`,
    allowed: `http://localhost:${allowedPort}/`,
    // Another port of our host is the same site: a browser sends it even cookies that are Strict.
    sister: `http://127.0.0.1:${foreignPort}/`,
    foreign: `http://localhost:${foreignPort}/`,
  };
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  for (const server of opened) server.close();
});

/** A page of a visitor who is signed in, as far as the browser is concerned. */
async function visitorOn(address: string, sameSite: 'Strict' | 'Lax' | null): Promise<Page> {
  const context = await browser.newContext();
  if (sameSite !== null) {
    await context.addCookies([{ name: 'tillsync-session', value: token, url: ours, httpOnly: true, sameSite }]);
  }
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

const hostile = readFileSync(new URL('../support/http/hostile-page.js', import.meta.url), 'utf8');

// Two simple fetches, a beacon, three forms, and one fetch from a sandbox.
const waysOfPost = 7;

function writeRoutes(): { method: string; path: string }[] {
  const given = { adminKey: null, corsOrigins: [], authenticate: async () => null };
  const operations = operationsOf(openApiDocument(createV1App(deps, given)));
  const writes = operations.filter(({ method }) => method !== 'GET');
  const functions = ['sync-orchestrator', 'save-integration-data', 'format-integration-data', 'fetch-integration-data'];
  return [
    ...writes.map(({ method, path }) => ({
      method,
      path: path.replace('{level}', 'concepts').replaceAll(/\{\w+\}/g, '17'),
    })),
    ...functions.map((name) => ({ method: 'POST', path: `/functions/v1/${name}` })),
  ];
}

describe('S31: a page of another origin', () => {
  test.each([
    ['sister', 'Strict'],
    ['sister', 'Lax'],
    ['sister', null],
    ['foreign', 'Strict'],
    ['foreign', null],
  ] as const)('on a %s host, to a visitor with a %s cookie, has every write refused', async (where, sameSite) => {
    const writes = writeRoutes();
    const posts = writes.filter(({ method }) => method === 'POST').length;
    expect(posts).toBeGreaterThan(15);
    seen.length = 0;
    const page = await visitorOn(pages[where], sameSite);
    await page.evaluate(`${hostile}; attack(${JSON.stringify({ ours, writes })})`);
    const arrived = () => seen.filter(({ method }) => method !== 'OPTIONS');
    await until('all that the page sent', () => arrived().length >= posts * waysOfPost);
    await page.context().close();
    expect(arrived()).toHaveLength(posts * waysOfPost);
    expect(arrived().filter(({ status }) => status !== 403)).toEqual([]);
    const api = arrived().filter(({ path }) => path.startsWith('/api/'));
    expect(api.filter(({ code }) => code !== 'cross_origin_refused')).toEqual([]);
    // Same site means that the browser sent the cookie along: it was the check that stopped it.
    const withCookie = arrived().filter(({ cookie, origin }) => cookie !== null && origin !== 'null');
    if (where === 'sister' && sameSite !== null) expect(withCookie.length).toBeGreaterThanOrEqual(posts * 6);
    else expect(withCookie).toEqual([]);
    const { rows } = await deps.database.query("select 1 from concepts where name = 'stolen'");
    expect(rows).toEqual([]);
  });

  test('has no power over a session that may do everything from our own pages, and goes on', async () => {
    const page = await visitorOn(pages.own, 'Strict');
    const add = `fetch('${ours}/api/v1/concepts', { method: 'POST', credentials: 'include', body: '{"name":"ours"}',
      headers: { 'content-type': 'application/json' } }).then(({ status }) => status, () => 'kept back')`;
    const who = `fetch('${ours}/api/v1/session', { credentials: 'include' }).then(({ status }) => status, () => 'kept back')`;
    expect(await page.evaluate(add)).toBe(201);
    await page.goto(pages.sister);
    expect(await page.evaluate(add)).toBe('kept back');
    expect(await page.evaluate(who)).toBe('kept back');
    await page.goto(pages.own);
    expect(await page.evaluate(who)).toBe(200);
    await page.context().close();
    const { rows } = await deps.database.query("select 1 from concepts where name = 'ours'");
    expect(rows).toHaveLength(1);
  });

  test('can read nothing, whoever visits it', async () => {
    const page = await visitorOn(pages.sister, 'Strict');
    const read = await page.evaluate(async (url) => {
      const answers = [];
      for (const path of ['/healthz', '/api/v1/runs', '/api/openapi.json']) {
        answers.push(
          await fetch(url + path, { credentials: 'include' }).then(
            (response) => response.text(),
            () => 'kept back',
          ),
        );
      }
      return answers;
    }, ours);
    await page.context().close();
    expect(read).toEqual(['kept back', 'kept back', 'kept back']);
  });
});

describe('a page that may', () => {
  /** Adds a concept with a key; the status, or 'kept back'. */
  async function addFrom(page: Page): Promise<number | string> {
    return await page.evaluate(
      async ({ url, key }) =>
        await fetch(`${url}/api/v1/concepts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
          body: '{"name":"added"}',
        }).then(
          ({ status }) => status,
          () => 'kept back',
        ),
      { url: ours, key },
    );
  }

  test.each([
    ['own', 201],
    ['allowed', 201],
    ['foreign', 'kept back'],
    ['sister', 'kept back'],
  ] as const)('%s: a call with a key ends in %s', async (where, outcome) => {
    const page = await visitorOn(pages[where], null);
    expect(await addFrom(page)).toBe(outcome);
    await page.context().close();
  });

  test('S33: under the policy of our pages runs our script, and nothing inline, evaluated or from elsewhere', async () => {
    const page = await visitorOn(`${ours}/strict`, null);
    await page.click('#link');
    const ran = await page.evaluate(
      '({ own: globalThis.own, inline: globalThis.inline, handler: globalThis.handler, clicked: globalThis.clicked })',
    );
    expect(ran).toEqual({ own: true });
    expect(await page.evaluate("getComputedStyle(document.querySelector('#styled')).color")).toBe('rgb(0, 0, 0)');
    const kept = 'kept back';
    const out = `fetch('${pages.sister}', { mode: 'no-cors' }).then(() => 'sent', () => '${kept}')`;
    expect(await page.evaluate(out)).toBe(kept);
    await page.context().close();
  });

  test('S33: pages of ours are shown without one violation of their policy, and cannot be framed', async () => {
    const page = await visitorOn(pages.sister, null);
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    for (const path of ['/api/docs', '/api/docs/errors']) {
      await page.goto(ours + path);
      expect(await page.evaluate('getComputedStyle(document.body).fontFamily')).not.toMatch(/^"?Times/);
    }
    expect(said).toEqual([]);
    await page.goto(pages.sister);
    expect(await page.evaluate(`${hostile}; frame(${JSON.stringify(`${ours}/api/docs`)})`)).toBe(false);
    expect(said.join()).toMatch(/frame-ancestors/);
    await page.context().close();
  });
});
