// Recipes over the API: written, checked line by line, tried on stored and pasted answers, stored by version, deleted.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticateKey } from '../src/access/authenticate-key.ts';
import { createKey } from '../src/access/create-key.ts';
import { createV1App } from '../src/api/v1/create-v1-app.ts';
import { startFakePos } from '../src/connectors/fake-pos.ts';
import type { Deps } from '../src/sync/deps.ts';
import { type ApiClient, apiClient, declaredRoutes } from './support/api-client.ts';
import { openEngine, syncNow } from './support/engine.ts';
import { smallRecipe } from './support/small-recipe.ts';

const preview = 'POST /api/v1/recipes/preview';
const till = smallRecipe('till');

let deps: Deps;
let pos: Awaited<ReturnType<typeof startFakePos>>;
let api: ApiClient;
let keyOf: (access: 'read' | 'admin', siteId?: number) => Promise<ApiClient>;
let configId: string;
let declared: ReturnType<typeof declaredRoutes>;

beforeAll(async () => {
  deps = await openEngine();
  pos = await startFakePos({
    handle: () => ({
      status: 200,
      body: '{"items":[{"id":9007199254740993,"name":"Tea","cents":123456789012345678901,"kcal":3},{"id":1,"name":"Tea","cents":0},{"id":1,"name":"Tea","cents":0},{"name":"No id"}]}',
    }),
    refusal: () => ({ status: 429, headers: { 'retry-after': '1' } }),
  });
  const app = createV1App(deps, {
    adminKey: null,
    corsOrigins: [],
    authenticate: (key) => authenticateKey(deps.database, key),
  });
  declared = declaredRoutes(app);
  keyOf = async (access, siteId) => {
    const place = siteId === undefined ? {} : { level: 'site' as const, levelId: String(siteId) };
    const { key } = await createKey(deps.database, { name: `${access} key`, createdBy: 'test', access, ...place });
    return apiClient(app, key);
  };
  api = await keyOf('admin');
});
afterAll(() => pos.stop());

describe('a recipe that is written', () => {
  test('is told every fault with its place and line, and reads nothing until there is none', async () => {
    const broken = till.replace('key: id', 'key: a..b');
    const { body } = await api.call(preview, { body: { text: broken, answer: { text: '{"items":[]}' } } });
    expect(body).toMatchObject({ recipe: null, trial: null, refusal: null });
    expect(body.faults).toMatchObject([{ where: 'requests[0].products.key', line: 11, column: 7 }]);
    const many = till
      .replace('title', 'tittle')
      .replace('path: /shops', 'paths: /shops')
      .replace('removal: absence', '');
    const { faults } = (await api.call(preview, { body: { text: many } })).body;
    expect(faults.map((each: { where: string; line: number }) => [each.where, each.line])).toEqual([
      ['title', 1],
      ['removal', 1],
      ['tittle', 3],
      ['requests[0].paths', 8],
    ]);
    const noYaml = (await api.call(preview, { body: { text: `${till}  x: [` } })).body;
    expect(noYaml.faults[0]).toMatchObject({ line: 13 });
    expect(noYaml.faults[0].problem).toMatch(/^it is no YAML: /);
    const loop = (await api.call(preview, { body: { text: 'a: &a [*a]' } })).body;
    expect(loop.faults[0].problem).toContain('it has YAML aliases');
  });

  test('shows what it makes of a pasted answer: items with exact prices, rejects, repeated keys, unused members', async () => {
    const answer = { text: String(await (await fetch(pos.url)).text()) };
    const { body } = await api.call(preview, { body: { text: till, answer } });
    expect(body.recipe).toMatchObject({ id: 'till', requests: [] });
    expect(body.trial.counts.products).toEqual({ items: 3, rejects: 1, removed: 0, filtered: 0, duplicates: 1 });
    expect(body.trial.items.products[0]).toMatchObject({
      external_id: '9007199254740993',
      price: '1234567890123456789.01',
    });
    expect(body.trial.items.products[1]).toMatchObject({ external_id: '1', price: '0' });
    expect(body.trial.rejects).toMatchObject([{ reason: 'missing_external_id', raw: { name: 'No id' } }]);
    expect(body.trial.duplicates).toMatchObject([{ external_id: '1', copies: 2 }]);
    expect(body.trial.unused).toEqual(['items[].kcal']);
    expect(body.answer).toMatchObject({ cut: false, bytes: answer.text.length });
  });

  test('says why an answer cannot be read by it, as an answer and not as an error', async () => {
    const of = async (text: string) =>
      (await api.call(preview, { body: { text: till, answer: { text } } })).body.refusal;
    expect(await of('{"dishes":[]}')).toMatchObject({ code: 'body_wrong_shape' });
    expect(await of('{"items":[')).toMatchObject({ code: 'body_truncated' });
    expect(await of('')).toMatchObject({ code: 'body_empty' });
    const folder = join(import.meta.dirname, '..', 'examples', 'recipes');
    const loyverse = readFileSync(join(folder, 'loyverse.yaml'), 'utf8');
    const answer = { text: readFileSync(join(folder, 'loyverse', 'items.json'), 'utf8') };
    const nameless = (await api.call(preview, { body: { text: loyverse, answer } })).body;
    expect(nameless.refusal.message).toContain('there are several');
    expect(nameless.recipe.requests).toEqual(['items', 'modifiers', 'discounts']);
    const named = (await api.call(preview, { body: { text: loyverse, answer, request: 'items' } })).body;
    expect(named.trial.counts.products.items).toBe(4);
  });

  test('ends at its limits: a mapping that repeats itself for every element is stopped, and a body has a most', async () => {
    const squares = till
      .replace('[{ path: items }]', "[{ path: items }, { path: '$document.items' }, { path: '$document.items' }]")
      .replace('key: id', 'key: nothing');
    const text = JSON.stringify({ items: Array.from({ length: 400 }, (_, id) => ({ id })) });
    const { body } = await api.call(preview, { body: { text: squares, answer: { text } } });
    expect(body.refusal).toMatchObject({ code: 'recipe_too_much' });
    const large = { text: till, answer: { text: `"${'x'.repeat(9 * 1024 * 1024)}"` } };
    expect(await api.call(preview, { body: large })).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });
});

describe('a recipe that is stored', () => {
  test('is a connector at once, and its next version only for who read the last one', async () => {
    const added = await api.call('POST /api/v1/recipes', { body: { text: till } });
    expect(added).toMatchObject({ status: 201, body: { id: 'till', version: 1, outcome: 'added', draft: null } });
    expect(added.headers.get('location')).toBe('/api/v1/recipes/till');
    expect((await api.call('POST /api/v1/recipes', { body: { text: till } })).body.code).toBe('recipe_exists');
    expect((await api.call('GET /api/v1/connectors/till')).body.title).toBe('Till of till');
    const put = (text: string, tag?: string) =>
      api.call('PUT /api/v1/recipes/till', { body: { text }, headers: tag === undefined ? {} : { 'if-match': tag } });
    const read = await api.call('GET /api/v1/recipes/till');
    expect(read.body).toMatchObject({ text: till, version: 1, updated_by: 'key:admin key' });
    const tag = read.headers.get('etag') ?? '';
    const mine = till.replace('Till of till', 'Mine');
    expect(await put(mine)).toMatchObject({ status: 428, body: { code: 'if_match_missing' } });
    expect(await put(mine, tag)).toMatchObject({ status: 200, body: { version: 2, outcome: 'replaced' } });
    expect(await put(`${till}# yours\n`, tag)).toMatchObject({ status: 412, body: { code: 'recipe_version_stale' } });
    expect((await put(mine.replace('id: till', 'id: other'), '*')).body.code).toBe('recipe_id_changed');
    expect((await put(mine.replace('key: id', 'kee: id'), '*')).body).toMatchObject({
      status: 400,
      code: 'recipe_invalid',
    });
    expect((await api.call('GET /api/v1/recipes/till')).body).toMatchObject({ text: mine, version: 2 });
    expect((await api.call('GET /api/v1/recipes')).body.data).toMatchObject([
      { id: 'till', title: 'Mine', version: 2 },
    ]);
  });

  test('is tried on the stored answer of a run, of whatever connector, without a call to the POS', async () => {
    const params = { shop: '1', base_url: pos.url };
    const site = (await api.call('POST /api/v1/sites', { body: { name: 'Main St' } })).body;
    const config = { connector_id: 'till', name: 'Till · Main St', params, site_id: site.id };
    configId = (await api.call('POST /api/v1/configs', { body: config })).body.id;
    const run = await syncNow(deps, configId);
    expect(run.status).toBe('partial');
    const asked = pos.requests.length;
    const { data } = (await api.call(`GET /api/v1/runs/${run.id}/payloads`)).body;
    const answer = { run_id: run.id, page: data[0].page };
    const changed = till.replace('id: till', 'id: till-2').replace('{ name: name,', '{ name: name, item_type: kcal,');
    const { body } = await api.call(preview, { body: { text: changed, answer } });
    expect(body.trial.items.products[0]).toMatchObject({ item_type: '3', price: '1234567890123456789.01' });
    expect(pos.requests.length).toBe(asked);
    const beyond = { text: till, answer: { ...answer, page: 99 } };
    expect((await api.call(preview, { body: beyond })).body.code).toBe('payload_unknown');
  });

  test('of a run of another place shows nothing, and who may only look tries and stores nothing', async () => {
    const elsewhere = (await api.call('POST /api/v1/sites', { body: { name: 'Elsewhere' } })).body;
    const foreign = await keyOf('admin', elsewhere.id);
    const [run] = (await api.call('GET /api/v1/runs')).body.data;
    const answer = { run_id: run.id, page: 0 };
    const refused = await foreign.call(preview, { body: { text: till, answer } });
    expect(refused).toMatchObject({ status: 404, body: { code: 'run_unknown' } });
    // Recipes belong to no place: whoever administers one place changes none of them.
    expect((await foreign.call('POST /api/v1/recipes', { body: { text: till } })).status).toBe(403);
    const looker = await keyOf('read');
    expect((await looker.call(preview, { body: { text: till } })).status).toBe(403);
    expect((await looker.call('DELETE /api/v1/recipes/till')).status).toBe(403);
    expect((await looker.call('GET /api/v1/recipes/till')).status).toBe(200);
  });

  test('is not deleted while configs use it, which it names, and is gone afterwards', async () => {
    const kept = await api.call('DELETE /api/v1/recipes/till');
    expect(kept).toMatchObject({ status: 409, body: { code: 'recipe_in_use' } });
    expect(kept.body.detail).toContain('"Till · Main St"');
    await api.call(`DELETE /api/v1/configs/${configId}`);
    expect(await api.call('DELETE /api/v1/recipes/till')).toMatchObject({ status: 200, body: { id: 'till' } });
    expect((await api.call('DELETE /api/v1/recipes/till')).body).toMatchObject({ status: 404, code: 'recipe_unknown' });
  });

  test('can start from every example and every recipe that tillsync brings: each is one, and reads its answers', async () => {
    const { data } = (await api.call('GET /api/v1/recipes/starters')).body;
    expect(data[0]).toMatchObject({ id: 'small-menu', origin: 'example' });
    expect(data.length).toBeGreaterThan(10);
    for (const { text, answers } of data) {
      const found = (await api.call(preview, { body: { text } })).body;
      expect(found.faults).toEqual([]);
      for (const { request, text: answer } of answers) {
        const { trial } = (await api.call(preview, { body: { text, answer: { text: answer }, request } })).body;
        expect(trial.rejects).toEqual([]);
      }
    }
  });
});

test('every JSON answer of a route of recipes was seen by this story', () => {
  const answers = declared
    .filter(({ path }) => path.startsWith('/api/v1/recipes'))
    .flatMap(({ method, path, responses }) =>
      Object.keys(responses)
        .filter((status) => status !== 'default')
        .map((status) => `${method} ${path} ${status}`),
    );
  expect(answers.length).toBeGreaterThan(5);
  expect(answers.filter((answer) => !api.seen.has(answer))).toEqual([]);
});
