// Stored recipes from the file to the rows: a connector for every process, replaced with the next version, never under its configs.
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFakePos } from '../src/connectors/fake-pos.ts';
import { listItems } from '../src/records/items/list/list-items.ts';
import { listRecipes } from '../src/records/recipes/stored-recipes.ts';
import type { Deps } from '../src/sync/deps.ts';
import { removeRecipe, storeRecipe } from '../src/sync/recipes/store-recipe.ts';
import { addConfig } from '../src/sync/set-config.ts';
import { openStory } from './support/cli-story.ts';
import { openEngine, syncNow } from './support/engine.ts';
import { openCli } from './support/run-cli.ts';

const recipe = (key: string) => `# A toy.
recipe: 1
id: toy-till
title: Toy till
params: { shop: {} }
identity: [shop]
removal: absence
requests:
  - path: /shops/{shop}
    products:
      each: [{ path: items }]
      key: ${key}
      fields: { name: name, price: { path: cents, unit: minor, currency: USD } }
`;

let deps: Deps;
let pos: Awaited<ReturnType<typeof startFakePos>>;
let configId: string;

beforeAll(async () => {
  deps = await openEngine();
  pos = await startFakePos({
    handle: () => ({ status: 200, body: { items: [{ id: 1, code: 'a', name: 'Tea', cents: 250 }] } }),
    refusal: () => ({ status: 429, headers: { 'retry-after': '1' } }),
  });
});
afterAll(() => pos.stop());

async function keysOf(sourceId: string | null): Promise<string[]> {
  const { data } = await listItems(deps.database, { kind: 'products', sourceId: sourceId ?? '', limit: 10 });
  return data.map((item) => `${item.external_id} ${item.price}`);
}

describe('a recipe that is stored', () => {
  test('is a connector: a config of it syncs', async () => {
    expect(await storeRecipe(deps, recipe('id'), { by: 'test' })).toMatchObject({
      id: 'toy-till',
      version: 1,
      outcome: 'added',
    });
    const params = { shop: '1', base_url: pos.url };
    const config = await addConfig(deps, { connectorId: 'toy-till', name: 'toy', params, secrets: {} });
    configId = config.id;
    expect(await syncNow(deps, configId)).toMatchObject({ status: 'success' });
    expect(await keysOf(config.source_id)).toEqual(['1 2.5']);
  });

  test('is the next version when it changes, so that the same answer is read anew', async () => {
    expect(await storeRecipe(deps, recipe('id'), { by: 'test' })).toMatchObject({ version: 1, outcome: 'unchanged' });
    expect(await storeRecipe(deps, recipe('code'), { by: 'test' })).toMatchObject({ version: 2, outcome: 'replaced' });
    const run = await syncNow(deps, configId);
    expect(run).toMatchObject({ status: 'success', counts: { products: { created: 1, removed: 1 } } });
    expect(await listRecipes(deps.database)).toMatchObject([{ id: 'toy-till', version: 2, recipe: recipe('code') }]);
  });

  test('keeps the catalog of its configs, and takes no place of a connector that tillsync brings', async () => {
    const elsewhere = recipe('id').replace('identity:', 'base_url: https://elsewhere.example\nidentity:');
    await expect(storeRecipe(deps, elsewhere, { by: 'test' })).rejects.toMatchObject({ code: 'recipe_in_use' });
    await expect(removeRecipe(deps, 'toy-till')).rejects.toMatchObject({ code: 'recipe_in_use' });
    const taken = recipe('id').replace('toy-till', 'webtrition');
    await expect(storeRecipe(deps, taken, { by: 'test' })).rejects.toMatchObject({ code: 'recipe_id_taken' });
    await expect(storeRecipe(deps, recipe('a..b'), { by: 'test' })).rejects.toMatchObject({ code: 'recipe_invalid' });
  });

  test('can go when nothing uses it', async () => {
    await storeRecipe(deps, recipe('id').replace('toy-till', 'unused'), { by: 'test' });
    await removeRecipe(deps, 'unused');
    await expect(removeRecipe(deps, 'unused')).rejects.toMatchObject({ code: 'connector_unknown' });
    expect((await listRecipes(deps.database)).map(({ id }) => id)).toEqual(['toy-till']);
  });
});

describe('the command, on the database that a recipe is stored in', () => {
  // Six processes, each of which starts anew.
  test('lists it, tests a connection by it, and says when it could not look', { timeout: 180_000 }, async () => {
    const { cli } = await openStory();
    await writeFile(join(cli.folder, 'toy.yaml'), recipe('id'));
    const nowhere = openCli({});
    const away = openCli({ DATABASE_URL: 'postgres://127.0.0.1:1/nowhere' });
    type Listed = { data: { id: string; title: string }[] };
    const [alone, partly, added] = await Promise.all([
      nowhere.json<Listed>(['connectors', 'list']),
      away.json<Listed>(['connectors', 'list']),
      cli.run(['connectors', 'add', 'toy.yaml']),
    ]);
    expect(added.code).toBe(0);
    // Where there is no database, none is made for a list; where one does not answer, what is missing is said.
    expect([alone.code, alone.stderr, readdirSync(nowhere.folder)]).toEqual([0, '', []]);
    expect([partly.code, partly.answer.data]).toEqual([3, alone.answer.data]);
    expect(partly.stderr).toContain('Stored recipes are missing in this list.');
    const of = ['--param', 'shop=1', '--param', `base_url=${pos.url}`, '--param', 'exclude_categories=["x"]'];
    const [listed, tested, config] = await Promise.all([
      cli.json<Listed>(['connectors', 'list']),
      cli.run(['connectors', 'test', '--connector', 'toy-till', ...of]),
      cli.json(['configs', 'add', '--connector', 'toy-till', '--name', 'Toy', '--param', 'shop=1']),
    ]);
    expect([listed.code, listed.answer.data.map(({ id }) => id)]).toEqual([
      0,
      [...alone.answer.data.map(({ id }) => id), 'toy-till'],
    ]);
    expect([tested.code, tested.stdout]).toEqual([0, expect.stringContaining('Tea')]);
    expect(config).toMatchObject({
      code: 0,
      answer: { missing: ['base_url'] },
      stderr: expect.stringContaining('base_url'),
    });
  });
});
