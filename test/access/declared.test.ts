// Who may call what is declared beside every route and every verb, and nothing starts without it.
import { OpenAPIHono } from '@hono/zod-openapi';
import { Command } from 'commander';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { refuseUndeclaredAddresses } from '../../src/api/declared-addresses.ts';
import type { ApiApp, ApiEnv } from '../../src/api/v1/api-given.ts';
import { refuseUndeclared } from '../../src/api/v1/guards/refuse-undeclared.ts';
import { leavesOf, refuseUndeclaredVerbs, verbPermissions } from '../../src/cli/verb-permissions.ts';
import { verbTable } from '../../src/cli/verb-table.ts';

test('S22: every verb of the command declares its permission, and no other word does', async () => {
  const verbs: string[] = [];
  for (const [name, { load }] of Object.entries(verbTable)) {
    const command = new Command(name);
    (await load()).define(command);
    verbs.push(...leavesOf(command, name));
  }
  expect(verbs.sort()).toEqual(Object.keys(verbPermissions).sort());
});

test('S22: a verb without a permission ends the command before it does anything', () => {
  const command = new Command('configs');
  command.command('frobnicate');
  expect(() => refuseUndeclaredVerbs(command)).toThrow('configs frobnicate');
});

test('S22: a server with a route without a permission does not start', () => {
  const app: ApiApp = new OpenAPIHono<ApiEnv>().basePath('/api');
  app.openapi({ method: 'get', path: '/v1/secrets', responses: { 200: { description: 'All of them.' } } }, (context) =>
    context.text('all'),
  );
  expect(() => refuseUndeclared(app)).toThrow('GET /api/v1/secrets');
  const bare: ApiApp = new OpenAPIHono<ApiEnv>().basePath('/api');
  bare.post('/v1/hidden', (context) => context.text('done'));
  expect(() => refuseUndeclared(bare)).toThrow('POST /api/v1/hidden');
});

test('S22: an address outside the document that says nothing of its callers is not served', () => {
  const app = new Hono();
  app.get('/debug', (context) => context.text('everything'));
  expect(() => refuseUndeclaredAddresses(app)).toThrow('GET /debug');
});
