// GET /api/v1/system over a real database: what runs is told as it is, and what needs a person comes first, with its way out.
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { authenticateKey } from '../../src/access/authenticate-key.ts';
import { createKey } from '../../src/access/create-key.ts';
import { openRateLimits } from '../../src/api/edge/rate-limits.ts';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import { readConfig } from '../../src/config.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { requestSync } from '../../src/sync/request-sync.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { findWarnings } from '../../src/sync/system/find-warnings.ts';
import { readSystem } from '../../src/sync/system/read-system.ts';
import type { SystemReport } from '../../src/sync/system/system-report.ts';
import { applyRetention } from '../../src/sync/upkeep/apply-retention.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { type ApiClient, apiClient } from '../support/api-client.ts';
import { addQuConfig, openEngine, syncNow } from '../support/engine.ts';
import { openWorker } from '../support/open-worker.ts';
import { superuserOf } from '../support/superuser.ts';
import { testMajor } from '../support/test-major.ts';

let deps: Deps & { url: string };

beforeAll(async () => {
  deps = await openEngine();
});

async function apiOver(over: Deps): Promise<ApiClient> {
  const { key } = await createKey(over.database, { name: 'desk', createdBy: 'test', access: 'admin' });
  const app = createV1App(over, {
    adminKey: null,
    corsOrigins: [],
    authenticate: (candidate) => authenticateKey(over.database, candidate),
    limits: openRateLimits(),
  });
  return apiClient(app, key);
}

const report = async (over: Partial<Deps> = {}) => await readSystem({ ...deps, ...over }, { calls: null });
const codes = ({ warnings }: SystemReport) => warnings.map(({ code }) => code);

describe('the system report', () => {
  test('tells versions, schema, queue, workers, keys, retention and limits of what runs, and that nothing is wrong', async () => {
    await openWorker(deps, { slots: 3, deps: { worker: 'till-1:7' } });
    await applyRetention({ ...deps, worker: 'till-1:7' });
    const { status, body } = await (await apiOver(deps)).call('GET /api/v1/system');
    expect(status).toBe(200);
    expect(body.warnings).toEqual([]);
    expect(body.process).toMatchObject({ version: '0.0.0', node: process.versions.node, pid: process.pid });
    expect(body.database).toMatchObject({ is_superuser: false, is_standby: false, broken_keys: [] });
    expect(body.database.version).toMatch(new RegExp(`^${testMajor}\\.`));
    expect(body.database.schema).toMatchObject({ pending: [], problem: null });
    expect(body.database.schema.latest > '20260118').toBe(true);
    expect(Math.abs(body.database.clock_difference_ms)).toBeLessThan(1_000);
    expect(body.queue).toMatchObject({ queued: 0, active: 0, slots: 3, failed_last_day: 0, retries_waiting: 0 });
    expect(body.workers).toMatchObject([
      { worker: 'till-1:7', host: 'till-1', is_alive: true, slots: 3, version: '0.0.0' },
    ]);
    expect(body.vault).toMatchObject({
      key_from: 'environment',
      damaged: 0,
      left_to_rotate: 0,
      keys: [{ state: 'active' }],
    });
    expect(body.retention).toMatchObject({ last: { worker: 'till-1:7', done: { runs: 0, left: 0 }, worked: null } });
    expect(Date.parse(body.retention.next_at) - Date.parse(body.retention.last.ended_at)).toBe(3_600_000);
    expect(body.limits.calls).toContainEqual({ name: 'export', at_once: 10, per_minute: 10 });
  });

  test('is for who administers everything: an admin of one concept is refused', async () => {
    await deps.database.query(`insert into concepts (id, name) values (900, 'Diners')`);
    const { key } = await createKey(deps.database, {
      name: 'concept',
      createdBy: 'test',
      access: 'admin',
      level: 'concept',
      levelId: '900',
    });
    const app = createV1App(deps, {
      adminKey: null,
      corsOrigins: [],
      authenticate: (candidate) => authenticateKey(deps.database, candidate),
    });
    for (const path of ['system', 'system/diagnostics']) {
      const { status, body } = await apiClient(app, key).call(`GET /api/v1/${path}`);
      expect([status, body.code]).toEqual([403, 'access_denied']);
    }
  });

  test('names the process that holds a run, also where it is no worker', async () => {
    const { configId } = await addQuConfig(deps, 'https://pos.example');
    const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
    await deps.database.query(
      `update integration_sync_history set status = 'in_progress', phase = 'fetch', worker = 'laptop:42', started_at = now(),
         lease_expires_at = now() + interval '1 minute' where id = $1`,
      [run.id],
    );
    const { workers, queue } = await report();
    expect(queue.active).toBe(1);
    expect(workers.find(({ worker }) => worker === 'laptop:42')).toMatchObject({
      slots: null,
      is_alive: false,
      runs: [{ id: run.id, phase: 'fetch', source_name: 'QU POS acme 17' }],
    });
    await deps.database.query(`delete from integration_sync_history where id = $1`, [run.id]);
  });

  test('counts what failed within a day', async () => {
    const { configId } = await addQuConfig(deps, 'http://127.0.0.1:1', { establishment: '18' });
    expect((await syncNow(deps, configId)).status).toBe('failed');
    expect((await report()).queue.failed_last_day).toBe(1);
  });
});

describe('what needs a person', () => {
  const worker = (name: string, seen: string, version: string | null = '0.0.0') =>
    deps.database.query(
      `insert into integration_workers (worker, slots, version, started_at, seen_at)
       values ($1, 1, $3, now() - $2::interval - interval '1 minute', now() - $2::interval)`,
      [name, seen, version],
    );

  test('a worker that fell silent, unless another one of its machine took its place; and one of another version', async () => {
    await worker('till-2:1', '20 minutes');
    await worker('till-3:1', '20 minutes');
    await worker('till-3:2', '1 second');
    await worker('till-4:1', '1 second', '9.9.9');
    await worker('till-5:1', '2 days');
    const found = await report();
    expect(found.workers.filter(({ is_replaced }) => is_replaced).map(({ worker: name }) => name)).toEqual([
      'till-3:1',
    ]);
    expect(codes(found)).toEqual(['worker_silent', 'worker_version']);
    expect(found.warnings[0]?.message).toContain('till-2:1 has not been heard of for 20 min');
    await deps.database.query(`delete from integration_workers where worker ~ '^till-[2-5]'`);
  });

  test('that nobody works, and more so while a sync waits for it', async () => {
    const alone = await openEngine();
    const read = async () => (await readSystem(alone, { calls: null })).warnings;
    expect(await read()).toMatchObject([{ code: 'worker_none', severity: 'warning' }]);
    const { configId } = await addQuConfig(alone, 'https://pos.example');
    await requestSync(alone, { configId, trigger: 'manual', requestedBy: 'test', enqueue: true });
    expect(await read()).toMatchObject([{ code: 'worker_none', severity: 'error' }]);
  });

  test('a rotation that is not done, and a key that is not here', async () => {
    const [old, fresh] = [0, 1].map(() => randomBytes(32).toString('base64')) as [string, string];
    const before = { ...deps, vault: openVault({ active: old }) };
    const secrets = { api_key: 'a-key-of-the-pos-0001' };
    const params = { brand: 'acme', establishment: '99', base_url: 'https://pos.example', auth: 'api_key' };
    const config = await addConfig(before, { connectorId: 'qu', name: 'sealed', params, secrets });
    const rotating = await report({ vault: openVault({ active: fresh, others: [old] }) });
    expect(codes(rotating)).toEqual(['rotation_unfinished']);
    expect(rotating.vault.keys.map(({ state, opens }) => [state, opens])).toEqual([
      ['active', 0],
      ['known', 1],
    ]);
    const lost = await report({ vault: openVault({ active: fresh }) });
    expect(lost.warnings).toMatchObject([{ code: 'encryption_key_unknown', severity: 'error' }]);
    expect(lost.vault.keys.at(-1)).toMatchObject({ state: 'missing', opens: 1, places: [{ place: 'credentials' }] });
    await deps.database.query('delete from integration_source_configs where id = $1', [config.id]);
  });

  test('a schema that is behind, and one that a newer version made', async () => {
    const behind = await openEngine();
    const last = (await readSystem(behind, { calls: null })).database.schema.latest;
    await superuserOf(behind.url, 'delete from tillsync_migrations where name = $1', [last]);
    const found = await readSystem(behind, { calls: null });
    expect(found.database.schema.pending).toEqual([last]);
    expect(found.warnings[0]).toMatchObject({
      code: 'schema_outdated',
      severity: 'error',
      hint: 'Run `tillsync migrate`.',
    });
    const row = `insert into tillsync_migrations (name, checksum) values ($1, 'x')`;
    await superuserOf(behind.url, row, ['99990101000000_of_the_future.sql']);
    expect((await readSystem(behind, { calls: null })).warnings[0]?.code).toBe('schema_newer');
  });

  test('a broken key, in the words of the doctor', async () => {
    const broken = await openEngine();
    await superuserOf(
      broken.url,
      'alter table integration_products drop constraint integration_products_wand_source_external_unique',
    );
    const [first] = (await readSystem(broken, { calls: null })).warnings;
    expect(first).toMatchObject({ code: 'keys_broken', severity: 'error' });
    expect(first?.message).toContain('integration_products');
  });

  test('a superuser login, a clock that differs, scarce connections, no key and odd settings', async () => {
    const { warnings: _, ...found } = await report();
    const odd = findWarnings(
      {
        ...found,
        database: {
          ...found.database,
          is_superuser: true,
          clock_difference_ms: -125_000,
          connections: 99,
          max_connections: 100,
          row_security_gap: 'tillsync works as postgres.',
        },
        vault: { ...found.vault, key_from: 'nowhere' },
        queue: { ...found.queue, oldest_queued_seconds: 1_200, queued: 2 },
      },
      readConfig({ TILLSYNC_NONSENSE: '1' }, '/nowhere').warnings,
    );
    expect(odd.map(({ code }) => code)).toEqual([
      'queue_slow',
      'encryption_key_missing',
      'login_superuser',
      'row_security_missing',
      'clock_differs',
      'connections_scarce',
      'setting_unknown',
    ]);
    expect(odd[4]?.message).toBe('The clock of the database is 2 min behind that of this server.');
  });
});
