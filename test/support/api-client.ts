// Calls /api as a program does, and holds every answer against what its route declares.

import { expect } from 'vitest';
import type { z } from 'zod';
import type { ApiApp } from '../../src/api/v1/api-given.ts';
import { problemSchema } from '../../src/api/v1/schemas/problem-schema.ts';

export interface ApiCall {
  body?: unknown;
  raw?: string;
  headers?: Record<string, string>;
}

export interface ApiAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it knows is there.
  body: any;
}

export interface ApiClient {
  /** e.g. call('GET /api/v1/runs?limit=2'). Fails where the answer is not what the document says. */
  call(request: string, given?: ApiCall): Promise<ApiAnswer>;
  /** 'get /api/v1/runs 200' of every answer that was seen. */
  seen: Set<string>;
}

/** A client of an app with a key; null = without one, e.g. with a cookie among the headers. */
export function apiClient(app: ApiApp, key: string | null): ApiClient {
  const seen = new Set<string>();
  const routes = declaredRoutes(app);
  return {
    seen,
    async call(request, { body, raw, headers = {} } = {}) {
      const [method = 'GET', path = ''] = request.split(' ', 2);
      const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const response = await app.fetch(
        new Request(`http://localhost${path}`, {
          method,
          headers: {
            ...(key === null ? {} : { authorization: `Bearer ${key}` }),
            ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(sent === undefined ? {} : { body: sent }),
        }),
      );
      const status = response.status;
      const text = await response.text();
      const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
      // A file that is exported.
      if (status < 400 && !isJson) return { status, headers: response.headers, body: text };
      const answer = JSON.parse(text);
      if (status >= 400) {
        expect(response.headers.get('content-type')).toContain('application/problem+json');
        expectDeclared(problemSchema, answer);
        expect(answer.status).toBe(status);
      } else {
        const route = routeOf(routes, method, path);
        seen.add(`${route.method} ${route.path} ${status}`);
        const declared = route.responses[status]?.content?.['application/json']?.schema;
        expect(declared, `${request} answered ${status}, which its route does not declare`).toBeDefined();
        expectDeclared(declared as z.ZodType, answer);
      }
      return { status, headers: response.headers, body: answer };
    },
  };
}

// Parsing leaves out what the schema does not know, so that an undeclared member is a difference.
function expectDeclared(schema: z.ZodType, answer: unknown): void {
  const parsed = schema.safeParse(answer);
  expect(parsed.error?.issues ?? []).toEqual([]);
  expect(answer).toEqual(parsed.data);
}

/** Routes about people, their sessions and links. */
export const peoplePaths = /^\/api\/v1\/(session|me|links|users)(\/|$)/;

interface DeclaredRoute {
  method: string;
  path: string;
  responses: Record<string | number, { content?: Record<string, { schema: unknown } | undefined> } | undefined>;
}

/** Every route that the app declares, with its full path. */
export function declaredRoutes(app: ApiApp): DeclaredRoute[] {
  return app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route'
      ? [{ ...definition.route, path: `/api${definition.route.path}` } as unknown as DeclaredRoute]
      : [],
  );
}

function routeOf(routes: readonly DeclaredRoute[], method: string, path: string): DeclaredRoute {
  const parts = (path.split('?')[0] as string).split('/');
  const route = routes.find(
    (candidate) =>
      candidate.method === method.toLowerCase() &&
      candidate.path.split('/').length === parts.length &&
      candidate.path.split('/').every((name, at) => name === parts[at] || name.startsWith('{')),
  );
  if (route === undefined) throw new Error(`no route for ${method} ${path}`);
  return route;
}
