// When the database that knows who may do what is away, nobody may do anything; and one that cannot be written to is no way around the log.
import { expect, test } from 'vitest';
import { authenticateKey } from '../../src/access/authenticate-key.ts';
import { createKey } from '../../src/access/create-key.ts';
import { createFunctionsApp } from '../../src/api/functions/create-functions-app.ts';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import { TillsyncError } from '../../src/errors.ts';
import { apiClient, declaredRoutes } from '../support/api-client.ts';
import { brokenDatabase } from '../support/broken-database.ts';
import { openEngine } from '../support/engine.ts';

const away = new TillsyncError('The database cannot be reached.', {
  code: 'database_unreachable',
  step: 'sync',
  retry: 'later',
  hint: 'Wait until it is back.',
});

test('S45: while the store of keys is away every route refuses, whatever key comes, and says that it passes', async () => {
  const deps = await openEngine();
  const { key } = await createKey(deps.database, { name: 'all', createdBy: 'test', access: 'admin' });
  const broken = { ...deps, database: brokenDatabase(deps.database, away) };
  const options = {
    adminKey: null,
    corsOrigins: [],
    authenticate: (candidate: string) => authenticateKey(broken.database, candidate),
  };
  const app = createV1App(broken, options);
  const routes = declaredRoutes(app).filter(
    (route) => (route as { 'x-permission'?: string })['x-permission'] !== 'public',
  );
  expect(routes.length).toBeGreaterThan(40);
  for (const text of [key, 'ts_wrong']) {
    const api = apiClient(app, text);
    for (const { method, path } of routes) {
      const { status } = await api.call(`${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, 'x')}`);
      expect(status, `${method} ${path}`).toBe(503);
    }
  }
  const functions = createFunctionsApp(broken, options);
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const request = new Request('http://localhost/functions/v1/sync-orchestrator', {
    method: 'POST',
    headers,
    body: '{}',
  });
  expect((await functions.fetch(request)).status).toBe(503);
});

test('S45: an action whose entry in the audit log cannot be written is not done', async () => {
  const deps = await openEngine();
  const { key } = await createKey(deps.database, { name: 'all', createdBy: 'test', access: 'admin' });
  await deps.database.query(
    'alter table integration_audit_log add constraint full_up check (action <> $$concept.added$$) not valid',
  );
  const authenticate = (candidate: string) => authenticateKey(deps.database, candidate);
  const api = apiClient(createV1App(deps, { adminKey: null, corsOrigins: [], authenticate }), key);
  expect((await api.call('POST /api/v1/concepts', { body: { name: 'Unseen' } })).status).toBeGreaterThanOrEqual(500);
  const { rows } = await deps.database.query('select from concepts');
  expect(rows).toEqual([]);
});
