// Rejects over all runs: what is wrong now, since when, what is gone, and nothing of other places.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticateKey } from '../src/access/authenticate-key.ts';
import { createKey } from '../src/access/create-key.ts';
import { createV1App } from '../src/api/v1/create-v1-app.ts';
import { startFakePos } from '../src/connectors/fake-pos.ts';
import { readRejectGroups } from '../src/records/rejects/read-reject-groups.ts';
import type { Deps } from '../src/sync/deps.ts';
import { storeRecipe } from '../src/sync/recipes/store-recipe.ts';
import { addConfig } from '../src/sync/set-config.ts';
import { type ApiClient, apiClient } from './support/api-client.ts';
import { openEngine, syncNow } from './support/engine.ts';
import { openCli } from './support/run-cli.ts';
import { smallRecipe } from './support/small-recipe.ts';

interface Dish {
  id: unknown;
  name: string;
  cents: unknown;
}

let deps: Deps & { url: string };
let pos: Awaited<ReturnType<typeof startFakePos>>;
let api: ApiClient;
let ofOneSite: ApiClient;
const shops: Record<string, Dish[]> = {};
let isDown = false;
const configs: Record<string, string> = {};

const good = (count: number): Dish[] =>
  Array.from({ length: count }, (_, n) => ({ id: `d${n}`, name: `Dish ${n}`, cents: 100 + n }));

beforeAll(async () => {
  deps = await openEngine();
  pos = await startFakePos({
    handle: ({ url }) =>
      isDown ? { status: 401 } : { status: 200, body: { items: shops[url.pathname.split('/')[2] ?? ''] ?? [] } },
    refusal: () => ({ status: 429, headers: { 'retry-after': '1' } }),
  });
  await storeRecipe(deps, smallRecipe('till'), { by: 'test' });
  const app = createV1App(deps, {
    adminKey: null,
    corsOrigins: [],
    authenticate: (key) => authenticateKey(deps.database, key),
  });
  api = apiClient(app, (await createKey(deps.database, { name: 'all', createdBy: 'test', access: 'admin' })).key);
  for (const name of ['east', 'west']) {
    const site = (await api.call('POST /api/v1/sites', { body: { name } })).body;
    const params = { shop: name, base_url: pos.url };
    const asked = { connectorId: 'till', name, siteId: site.id, params, secrets: {} };
    configs[name] = (await addConfig(deps, asked)).id;
    if (name === 'east') {
      const place = { level: 'site' as const, levelId: String(site.id) };
      const { key } = await createKey(deps.database, { name: 'east', createdBy: 'test', access: 'read', ...place });
      ofOneSite = apiClient(app, key);
    }
  }
  shops.east = [...good(20), { id: null, name: 'No id', cents: 1 }, { id: 'p', name: 'Odd price', cents: 'free' }];
  shops.west = [...good(20), { id: '', name: 'Empty id', cents: 1 }];
  for (const name of ['east', 'west']) {
    expect(await syncNow(deps, configs[name] ?? '')).toMatchObject({ status: 'partial' });
  }
});
afterAll(() => pos.stop());

const groupsOf = async (query = '', client = api) => {
  const { body } = await client.call(`GET /api/v1/rejects${query}`);
  return body.data as { reason: string; rejects: number; open: number; runs: number; sources: number }[];
};
const shown = async (query = '', client = api) =>
  (await groupsOf(query, client)).map(({ reason, rejects, open, runs, sources }) => [
    reason,
    rejects,
    open,
    runs,
    sources,
  ]);

describe('rejects over all runs', () => {
  test('are grouped by reason and kind, with how many, in how many sources, and since when', async () => {
    expect(await shown()).toEqual([
      ['missing_external_id', 2, 2, 2, 2],
      ['invalid_price', 1, 1, 1, 1],
    ]);
    const [group] = await groupsOf();
    expect(group).toMatchObject({ kind: 'products', config_ids: [configs.west, configs.east] });
    expect(await shown(`?config_id=${configs.west}`)).toEqual([['missing_external_id', 1, 1, 1, 1]]);
    expect(await shown('?kind=modifiers')).toEqual([]);
    expect(await shown('?reason=invalid_price')).toEqual([['invalid_price', 1, 1, 1, 1]]);
  });

  test('say what is wrong now: what the next answer does not hold is gone, and first seen when it was first met', async () => {
    const [before] = (await readRejectGroups(deps.database)).groups;
    shops.east = [...good(21), { id: null, name: 'No id', cents: 1 }];
    await syncNow(deps, configs.east ?? '');
    expect(await shown()).toEqual([['missing_external_id', 2, 2, 2, 2]]);
    expect(await shown('?state=gone')).toEqual([['invalid_price', 1, 0, 1, 1]]);
    expect(await shown('?state=all')).toEqual([
      ['missing_external_id', 3, 2, 3, 2],
      ['invalid_price', 1, 0, 1, 1],
    ]);
    const [after] = (await readRejectGroups(deps.database)).groups;
    expect(after?.first_seen).toBe(before?.first_seen);
    expect(Date.parse(after?.last_seen ?? '')).toBeGreaterThan(Date.parse(before?.last_seen ?? ''));
    expect(await shown(`?since=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
  });

  test('stay open when a later run could not read the POS, and are gone after one that read it without any', async () => {
    isDown = true;
    expect(await syncNow(deps, configs.west ?? '')).toMatchObject({ status: 'failed' });
    isDown = false;
    expect(await shown(`?config_id=${configs.west}`)).toEqual([['missing_external_id', 1, 1, 1, 1]]);
    shops.west = good(20);
    expect(await syncNow(deps, configs.west ?? '')).toMatchObject({ status: 'success' });
    expect(await shown(`?config_id=${configs.west}`)).toEqual([]);
    expect(await shown(`?config_id=${configs.west}&state=gone`)).toEqual([['missing_external_id', 1, 0, 1, 1]]);
  });

  test('are listed one by one, newest first and page by page, each with its run and raw value', async () => {
    const first = await api.call('GET /api/v1/rejects/rows?state=all&limit=2');
    const second = await api.call(`GET /api/v1/rejects/rows?state=all&limit=2&cursor=${first.body.next}`);
    const rows = [...first.body.data, ...second.body.data];
    expect(second.body.next).toBeNull();
    expect(rows.map((row) => [row.raw.name, row.config_id === configs.east, row.open])).toEqual([
      ['No id', true, true],
      ['Empty id', false, false],
      ['No id', true, false],
      ['Odd price', true, false],
    ]);
    expect(rows[3]).toMatchObject({ external_id: 'p', reason: 'invalid_price', raw: { cents: 'free' } });
    const run = await api.call(`GET /api/v1/runs/${rows[0].run_id}`);
    expect(run.body).toMatchObject({ status: 'partial', config_id: configs.east });
    const gone = await api.call('GET /api/v1/rejects/rows?state=gone&reason=missing_external_id');
    expect(gone.body.data.map(({ raw }: { raw: Dish }) => raw.name)).toEqual(['Empty id', 'No id']);
    expect((await api.call('GET /api/v1/rejects/rows?cursor=x')).body.code).toBe('cursor_invalid');
  });

  test('are a file for spreadsheets, in which nothing is a formula, and one for programs', async () => {
    const csv = await api.call('GET /api/v1/rejects/export?state=all');
    expect(csv.headers.get('content-disposition')).toMatch(/attachment; filename="tillsync-rejects-[\d-]+\.csv"/);
    const [head, ...lines] = csv.body.trim().split('\r\n');
    expect(head).toMatch(/^seen_at,reason,kind,external_id/);
    expect(lines).toHaveLength(4);
    expect(lines[3]).toContain('"{""id"":""p"",""name"":""Odd price"",""cents"":""free""}"');
    const ndjson = await api.call('GET /api/v1/rejects/export?state=all&format=ndjson');
    const rows = ndjson.body
      .trim()
      .split('\n')
      .map((line: string) => JSON.parse(line));
    expect(rows.map(({ raw }: { raw: Dish }) => raw.name)).toEqual(['No id', 'Empty id', 'No id', 'Odd price']);
  });

  test('of other places are not there, not even when their config is named', async () => {
    expect(await shown('?state=all', ofOneSite)).toEqual([
      ['missing_external_id', 2, 1, 2, 1],
      ['invalid_price', 1, 0, 1, 1],
    ]);
    expect(await shown(`?state=all&config_id=${configs.west}`, ofOneSite)).toEqual([]);
    const rows = await ofOneSite.call('GET /api/v1/rejects/rows?state=all');
    expect(new Set(rows.body.data.map((row: { config_id: string }) => row.config_id))).toEqual(new Set([configs.east]));
    expect((await ofOneSite.call('GET /api/v1/rejects/export?state=all')).body).not.toContain('Empty id');
  });

  test('of an answer of which nothing at all could be saved are wrong now, too', async () => {
    const asked = { connectorId: 'till', name: 'north', params: { shop: 'north', base_url: pos.url }, secrets: {} };
    const { id } = await addConfig(deps, asked);
    shops.north = [{ id: {}, name: 'No text', cents: 1 }];
    expect(await syncNow(deps, id)).toMatchObject({ status: 'failed', error: { code: 'all_rejected' } });
    expect(await shown(`?config_id=${id}`)).toEqual([['missing_external_id', 1, 1, 1, 1]]);
    shops.north = good(1);
    expect(await syncNow(deps, id)).toMatchObject({ status: 'success' });
    expect(await shown(`?config_id=${id}`)).toEqual([]);
  });

  test('stand in a terminal by reason, and end with exit code 3 while something is wrong now', async () => {
    const cli = openCli({ DATABASE_URL: deps.url });
    const now = await cli.run(['rejects', '--config', 'east']);
    expect(now.stdout).toMatch(/ITEMS\s+NOW\s+KIND\s+REASON.*\n\s+1\s+1\s+products\s+missing_external_id/);
    expect(now.code).toBe(3);
    const gone = await cli.json<{ data: object[] }>(['rejects', '--config', 'west', '--state', 'gone']);
    expect(gone).toMatchObject({ code: 0, answer: { data: [{ reason: 'missing_external_id', open: 0 }], next: null } });
    expect((await cli.run(['rejects', '--config', 'west'])).stdout).toContain('Nothing is rejected.');
  });
});
