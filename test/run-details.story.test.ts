// What one can take along from history, and what explains one run: files, settings, tries, neighbours, stored answers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticateKey } from '../src/access/authenticate-key.ts';
import { createKey } from '../src/access/create-key.ts';
import type { ApiApp } from '../src/api/v1/api-given.ts';
import { createV1App } from '../src/api/v1/create-v1-app.ts';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import type { Run } from '../src/records/runs/run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { requestRetryOf } from '../src/sync/requests/redo-run.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { saveFormatted } from '../src/sync/save-formatted.ts';
import { addConfig, setConfig } from '../src/sync/set-config.ts';
import { type ApiClient, apiClient } from './support/api-client.ts';
import { addQuConfig, openEngine, syncNow } from './support/engine.ts';

let deps: Deps & { url: string };
let pos: FakeQu;
let app: ApiApp;
let api: ApiClient;
let configId: string;
let first: Run;
let changing: Run;

async function keyOf(name: string, access: 'read' | 'admin', siteId?: number): Promise<string> {
  const place = siteId === undefined ? {} : { level: 'site' as const, levelId: String(siteId) };
  return (await createKey(deps.database, { name, createdBy: 'test', access, ...place })).key;
}

const file = (path: string, key: string) =>
  app.fetch(new Request(`http://localhost/api/v1/${path}`, { headers: { authorization: `Bearer ${key}` } }));

const audited = async (action: string) =>
  (
    await deps.database.query<{ actor: string; after: object; subject_id: string | null }>(
      'select actor, after, subject_id from integration_audit_log where action = $1 order by at, id',
      [action],
    )
  ).rows;

let admin: string;
const evil = '=cmd|calc!A1';

beforeAll(async () => {
  deps = await openEngine();
  pos = await startFakeQu({ products: 12, modifiers: 8, discounts: 2, repeated: 0 });
  app = createV1App(deps, {
    adminKey: null,
    corsOrigins: [],
    authenticate: (candidate) => authenticateKey(deps.database, candidate),
  });
  admin = await keyOf('ada', 'admin');
  api = apiClient(app, admin);
  ({ configId } = await addQuConfig(deps, pos.url));
  first = await syncNow(deps, configId);
  pos.edit(({ menuItems }) => {
    const price = { id: 0, prices: [{ price: 99.5, priceValueId: 1 }], priceType: 1 };
    Object.assign(menuItems[0] ?? {}, { priceAttribute: price, prices: price });
    Object.assign(menuItems[1] ?? {}, { name: evil });
    menuItems.pop();
  });
  changing = await syncNow(deps, configId);
});
afterAll(() => pos.stop());

describe('sync history as a file', () => {
  test('holds the runs of the filter in force, newest first, and is an entry of the audit log', async () => {
    const answer = await file('runs/export?format=ndjson&status=success', admin);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="tillsync-runs-.+\.ndjson"$/);
    const lines = (await answer.text()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([changing.id, first.id]);
    expect(JSON.parse(lines[0] ?? '')).toEqual((await api.call(`GET /api/v1/runs/${changing.id}`)).body);
    expect((await (await file('runs/export?format=ndjson&status=failed', admin)).text()).trim()).toBe('');
    expect(await audited('runs.exported')).toEqual([
      { actor: 'key:ada', after: { format: 'ndjson', status: 'success' }, subject_id: null },
      { actor: 'key:ada', after: { format: 'ndjson', status: 'failed' }, subject_id: null },
    ]);
  });

  test('is a table of counts in CSV, in which no cell is a formula', async () => {
    await deps.database.query(`update integration_sync_history set source_name = $1 where id = $2`, [evil, first.id]);
    const answer = await file('runs/export', admin);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [head = '', ...rows] = (await answer.text()).trim().split('\r\n');
    const of = (row: string | undefined, name: string) => (row ?? '').split(',')[head.split(',').indexOf(name)];
    expect(rows).toHaveLength(2);
    expect(['id', 'received', 'created', 'updated', 'removed'].map((name) => of(rows[1], name))).toEqual([
      first.id,
      '22',
      '22',
      '0',
      '0',
    ]);
    expect(of(rows[1], 'source_name')).toBe(`'${evil}`);
    expect(['updated', 'removed'].map((name) => of(rows[0], name))).toEqual(['2', '1']);
  });

  test('reads on over a thousand runs, each once', async () => {
    await deps.database.query(
      `insert into integration_sync_history (wand_source_id, source_config_id, status, trigger, dry_run, mode, created_at)
       select $1, $2, 'failed', 'schedule', false, 'full', now() - make_interval(secs => n) from generate_series(1, 2300) n`,
      [first.source_id, configId],
    );
    const text = await (await file('runs/export?format=ndjson&trigger=schedule', admin)).text();
    const ids = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect([ids.length, new Set(ids).size]).toEqual([2300, 2300]);
    await deps.database.query(`delete from integration_sync_history where trigger = 'schedule'`);
  });

  test('holds nothing of other places', async () => {
    const { body: concept } = await api.call('POST /api/v1/concepts', { body: { name: 'Other' } });
    const { body: company } = await api.call('POST /api/v1/companies', { body: { name: 'O', concept_id: concept.id } });
    const { body: site } = await api.call('POST /api/v1/sites', { body: { name: 'O', company_id: company.id } });
    const stranger = await keyOf('stranger', 'read', site.id);
    expect(await (await file('runs/export?format=ndjson', stranger)).text()).toBe('');
    for (const path of ['changes/export', 'settings', 'around', 'payloads/0']) {
      expect((await file(`runs/${first.id}/${path}`, stranger)).status, path).toBe(404);
    }
  });
});

describe('the changes of a run', () => {
  test('are a file: a line per field in CSV without formulas, an item per line in NDJSON', async () => {
    const csv = await (await file(`runs/${changing.id}/changes/export`, admin)).text();
    const rows = csv.trim().split('\r\n');
    expect(rows[0]).toBe('run_id,kind,operation,external_id,path_id,name,field,old,new');
    expect(rows.some((row) => /,updated,.*,price,[\d.]+,99.50?$/.test(row))).toBe(true);
    expect(rows.some((row) => row.includes(`'${evil}`))).toBe(true);
    expect(rows.filter((row) => /(^|,)"?[=+@]/.test(row))).toEqual([]);
    const lines = (await (await file(`runs/${changing.id}/changes/export?format=ndjson`, admin)).text()).trim();
    expect(lines.split('\n').map((line) => JSON.parse(line))).toEqual(
      (await api.call(`GET /api/v1/runs/${changing.id}/changes`)).body.data,
    );
    expect((await audited('run.changes_exported')).map(({ subject_id }) => subject_id)).toEqual([
      changing.id,
      changing.id,
    ]);
  });

  test('are found by kind, by what happened, and by field', async () => {
    const found = async (run: Run, query: string) =>
      (await api.call(`GET /api/v1/runs/${run.id}/changes?${query}`)).body.data.map(
        ({ operation }: { operation: string }) => operation,
      );
    expect(await found(changing, 'field=price')).toEqual(['updated']);
    expect(await found(changing, 'operation=removed')).toEqual(['removed']);
    expect(await found(changing, 'kind=modifiers')).toEqual([]);
    expect(await found(first, 'operation=updated')).toEqual([]);
    expect(await found(first, 'kind=discounts&operation=created')).toEqual(['created', 'created']);
    expect(await found(first, 'field=price')).toEqual([]);
  });
});

describe('one run', () => {
  test('keeps the settings that it used, with who set them, whatever the config says later', async () => {
    await setConfig(deps, { configId, params: { currency: 'USD' }, guard: { removed_count: 7 } });
    const run = await syncNow(deps, configId);
    await setConfig(deps, { configId, params: { currency: 'EUR' } });
    const { settings } = (await api.call(`GET /api/v1/runs/${run.id}/settings`)).body;
    expect(settings).toMatchObject({
      config: { id: configId, name: 'QU POS' },
      guard: { removed_count: 7 },
      secrets: [],
    });
    expect(settings.params).toContainEqual({ name: 'currency', value: 'USD', level: 'site', set_by: 'QU POS' });
    const before = (await api.call(`GET /api/v1/runs/${first.id}/settings`)).body.settings;
    expect(before.params.find(({ name }: { name: string }) => name === 'currency')?.value).not.toBe('USD');
    await deps.database.query('update integration_sync_history set settings = null where id = $1', [first.id]);
    expect((await api.call(`GET /api/v1/runs/${first.id}/settings`)).body).toEqual({ settings: null });
  });

  test('keeps no secret, also where a setting repeats it', async () => {
    const secret = 'canary-s3cret-of-the-till';
    deps.vault.learn([secret]);
    await setConfig(deps, { configId, name: `QU ${secret}` });
    const run = await syncNow(deps, configId);
    const { settings } = (await api.call(`GET /api/v1/runs/${run.id}/settings`)).body;
    expect(JSON.stringify(settings)).not.toContain(secret);
    expect(settings.config.name).toBe('QU [redacted]');
    await setConfig(deps, { configId, name: 'QU POS' });
  });

  test('knows all its tries, and the runs of its source before and after it', async () => {
    pos.answer('401', 2);
    const failed = await syncNow(deps, configId);
    const retry = async (runId: string) =>
      await runSync(deps, (await requestRetryOf(deps, { runId, requestedBy: 'test' })).run.id);
    const second = await retry(failed.id);
    const third = await retry(second.id);
    expect([failed.status, second.status, third.status]).toEqual(['failed', 'failed', 'success']);
    for (const run of [failed, second, third]) {
      const { attempts } = (await api.call(`GET /api/v1/runs/${run.id}/around`)).body;
      expect(attempts.map(({ id }: Run) => id)).toEqual([failed.id, second.id, third.id]);
    }
    const around = (await api.call(`GET /api/v1/runs/${second.id}/around`)).body;
    expect(around).toMatchObject({ newer: third.id, older: failed.id });
    expect(around.attempts[0]).toMatchObject({ error_code: 'upstream_auth', retry_of_run_id: null });
    const alone = (await api.call(`GET /api/v1/runs/${first.id}/around`)).body;
    expect(alone).toMatchObject({ newer: changing.id, older: null, attempts: [{ id: first.id }] });
    expect((await api.call(`GET /api/v1/runs/${third.id}/around`)).body.newer).toBeNull();
  });

  test('shows what the POS answered: a look at its beginning, or all of it, which is an entry of the audit log', async () => {
    const look = await file(`runs/${first.id}/payloads/0?bytes=40`, admin);
    const beginning = await look.text();
    expect(beginning).toHaveLength(40);
    expect(await audited('run.payload_exported')).toEqual([]);
    const whole = await file(`runs/${first.id}/payloads/0`, admin);
    expect(whole.headers.get('content-type')).toBe('application/octet-stream');
    expect(whole.headers.get('content-disposition')).toBe(`attachment; filename="run-${first.id}-page-0.txt"`);
    const text = await whole.text();
    expect(text.startsWith(beginning)).toBe(true);
    const [page] = (await api.call(`GET /api/v1/runs/${first.id}/payloads`)).body.data;
    expect(Buffer.byteLength(text)).toBe(page.bytes);
    expect(JSON.parse(text)).toMatchObject({ menuItems: { length: 12 } });
    expect((await audited('run.payload_exported')).map(({ after }) => after)).toEqual([{ page: 0 }]);
    expect((await api.call(`GET /api/v1/runs/${first.id}/payloads/7`)).body.code).toBe('payload_unknown');
    expect((await api.call(`GET /api/v1/runs/${first.id}/payloads/x`)).status).toBe(400);
  });
});

describe('the tree of modifiers', () => {
  test('holds what hangs under a product where paths say it, and else the groups alone', async () => {
    const { id, source_id } = await addConfig(deps, {
      connectorId: 'file',
      name: 'Corner Till',
      params: { name: 'Corner Till' },
      secrets: {},
    });
    const option = (key: string, pathId: string, group: string) => ({
      id: key,
      pathId,
      name: key,
      modifierGroupId: group,
      category: group,
      price: 1.5,
    });
    const formattedData = {
      products: [
        { id: 'b/1', name: 'Burger' },
        { id: 'b', name: 'Bun' },
      ],
      modifiers: [
        option('cheese', 'b%2F1/extras/cheese', 'extras'),
        option('aged', 'b%2F1/extras/cheese/kind/aged', 'kind'),
        option('seeds', 'b/top/seeds', 'top'),
      ],
    };
    await saveFormatted(deps, { configId: id, requestedBy: 'test', formattedData });
    const of = async (source: string | null, query: string) =>
      (await api.call(`GET /api/v1/sources/${source}/modifiers${query}`)).body;
    const burger = await of(source_id, '?product=b%2F1');
    expect(burger).toMatchObject({ relation: 'path', cut: false });
    expect(burger.groups.map(({ place }: { place: string }) => place)).toEqual([
      'b%2F1/extras',
      'b%2F1/extras/cheese/kind',
    ]);
    expect(burger.groups[0].options).toMatchObject([{ external_id: 'cheese', price: '1.5' }]);
    expect((await of(source_id, '?product=b')).groups).toMatchObject([{ group_id: 'top' }]);
    expect((await of(source_id, '?product=none')).groups).toEqual([]);
    expect(await of(source_id, '?limit=1')).toMatchObject({ relation: 'path', cut: true, groups: [{}] });
    expect(await of(first.source_id, '?product=1')).toEqual({ relation: 'none', groups: [], cut: false });
    const alone = await of(first.source_id, '');
    expect(alone.groups.flatMap(({ options }: { options: unknown[] }) => options)).toHaveLength(8);
    expect(alone.groups[0].place).toBeNull();
  });
});
