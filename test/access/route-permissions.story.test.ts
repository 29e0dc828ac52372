// Every route of the API × every caller × own, foreign and no things: who gets in, and what is not there for whom.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import type { Access, Level, Permission } from '../../src/access/permission.ts';
import type { ApiApp } from '../../src/api/v1/api-given.ts';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import { permissionField } from '../../src/api/v1/guards/permit.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { openEngine } from '../support/engine.ts';
import { type RouteCase, routeCases } from './route-cases.ts';
import { fillTables, type Tenant, tenants } from './tenant-rows.ts';

const [ada, bert] = tenants as [Tenant, Tenant];
const accesses: readonly Access[] = ['read', 'sync', 'admin'];
const levels: readonly Level[] = ['site', 'company', 'concept', 'all'];

interface Route {
  name: string;
  permission: Permission;
  given: RouteCase;
}

let deps: Deps & { url: string };
let app: ApiApp;
let routes: Route[];
let declared: string[];

// The key's text says who calls: 'sync site Ada'.
const callers: Record<string, Caller> = {};
for (const tenant of tenants) {
  for (const access of accesses) {
    for (const level of levels) {
      const levelId = level === 'all' ? null : String(tenant[level]);
      const name = `${access}-${level}-${tenant.name}`;
      callers[name] = { kind: 'key', id: tenant.key, name, grants: [{ access, level, levelId }] };
    }
  }
}
callers.nothing = { kind: 'user', id: ada.user, name: 'nothing', grants: [] };

beforeAll(async () => {
  deps = await openEngine();
  await fillTables(deps.database);
  app = createV1App(deps, { adminKey: null, corsOrigins: [], authenticate: async (key) => callers[key] ?? null });
  const found = app.openAPIRegistry.definitions.flatMap((definition) => {
    if (definition.type !== 'route') return [];
    const name = `${definition.route.method.toUpperCase()} ${definition.route.path}`;
    const { [permissionField]: permission } = definition.route as unknown as Record<string, Permission>;
    return [{ name, permission: permission! }];
  });
  declared = found.map(({ name }) => name);
  routes = found
    .filter(({ permission }) => permission !== 'public' && permission !== 'self')
    .map((route) => ({ ...route, given: routeCases[route.name]! }));
});

async function statusOf(route: Route, key: string | null, about: Tenant): Promise<{ status: number; text: string }> {
  const { path, body, raw, headers = {}, make } = route.given;
  const made = make === undefined ? '' : await make(deps.database, about);
  const [method = ''] = route.name.split(' ');
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body(about)));
  const response = await app.request(`http://localhost${path(about, made)}`, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(sent === undefined ? {} : { 'content-type': raw === undefined ? 'application/json' : 'text/csv' }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  });
  return { status: response.status, text: await textOf(response) };
}

// A stream that goes on for as long as somebody reads is read up to its first event.
async function textOf(response: Response): Promise<string> {
  if (response.headers.get('content-type') !== 'text/event-stream') return await response.text();
  let text = '';
  for await (const part of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes('data: ')) break;
  }
  return text;
}

const rank = (access: string) => accesses.indexOf(access as Access);
const height = (level: string) => levels.indexOf(level as Level);

// What must come out, by the words of the issue alone.
function expected(route: Route, of: { access: Access; level: Level; own: boolean }): 'refused' | 'absent' | 'let in' {
  const needed = route.permission === 'system' ? 'admin' : route.permission;
  if (rank(of.access) < rank(needed)) return 'refused';
  if (route.permission === 'system' && of.level !== 'all') return 'refused';
  if (of.level === 'all' || route.given.at === null) return 'let in';
  return of.own && height(of.level) >= height(route.given.at) ? 'let in' : 'absent';
}

function outcomeOf(status: number): string {
  if (status === 401) return 'unknown caller';
  if (status === 403) return 'refused';
  return status === 404 ? 'absent' : 'let in';
}

describe('route × access × level × own and foreign things', () => {
  test('S22: every route has a case, and no case stands for no route', () => {
    const selfish = declared.filter((name) => routes.every((route) => route.name !== name));
    expect(declared.filter((name) => !Object.hasOwn(routeCases, name) && !selfish.includes(name))).toEqual([]);
    expect(Object.keys(routeCases).filter((name) => !declared.includes(name))).toEqual([]);
  });

  test('S22: without a key, or with a wrong one, every route is closed', async () => {
    const open: string[] = [];
    for (const route of routes) {
      for (const key of [null, 'wrong']) {
        const { status } = await statusOf(route, key, ada);
        if (status !== 401) open.push(`${route.name}: ${status}`);
      }
    }
    expect(open).toEqual([]);
  });

  test('S22: somebody without a role may nothing', async () => {
    const open: string[] = [];
    for (const route of routes) {
      const { status } = await statusOf(route, 'nothing', ada);
      if (status !== 403) open.push(`${route.name}: ${status}`);
    }
    expect(open).toEqual([]);
  });

  test.each(accesses)('S16, S23: with %s access, own things are there and foreign ones are not', async (access) => {
    const gaps: string[] = [];
    for (const route of routes) {
      for (const level of levels) {
        for (const about of tenants) {
          const { status, text } = await statusOf(route, `${access}-${level}-Ada`, about);
          const wanted = expected(route, { access, level, own: about === ada });
          const outcome = outcomeOf(status);
          if (outcome !== wanted || status >= 500) {
            gaps.push(
              `${route.name} by ${access} ${level} about ${about.name}: ${status} (${wanted}) ${text.slice(0, 200)}`,
            );
          }
        }
      }
    }
    expect(gaps).toEqual([]);
  });

  test('S16: a list holds rows of the caller’s places only, and all of them for who may see all', async () => {
    const leaks: string[] = [];
    const foreign = [bert.source, bert.config, bert.run, bert.key, bert.name];
    for (const route of routes.filter(({ given }) => given.isList === true)) {
      for (const level of levels) {
        const { text } = await statusOf(route, `admin-${level}-Ada`, ada);
        const found = foreign.some((id) => text.includes(id));
        if (found !== (level === 'all' && !text.includes('"data":[]'))) leaks.push(`${route.name} at ${level}`);
      }
    }
    expect(leaks).toEqual([]);
  });
});
