// Importing the original's source definitions: address, auth, params and shape of each, hosts that are frozen, and what is refused.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shippedNames, shippedRecipe } from '../find-recipe.ts';
import { readRecipe } from '../schema/read-recipe.ts';
import { importDefinition } from './import-definition.ts';
import { readDefinitions } from './read-definitions.ts';
import { writeRecipe } from './write-recipe.ts';

const shapes = shippedNames().map(shippedRecipe);
const hosts = { wand_domain: 'api.example.com' };

function definition(more: object) {
  const row = {
    name: 'Some POS',
    integration_type: 'par',
    base_url_template: 'https://par-{wand_domain}/v1/{integration_type}/{brand}?id={establishment}&on={when}',
    auth_method: 'bearer_token',
    required_config_fields: ['brand', 'establishment'],
    optional_config_fields: ['when'],
    metadata: { anything: true },
    ...more,
  };
  return readDefinitions(JSON.stringify([row]))[0] ?? expect.unreachable();
}

describe('a source definition', () => {
  test('of a known shape becomes a recipe that can run, with its host frozen', () => {
    const { recipe, notes } = importDefinition(definition({}), { shapes, hosts });
    expect(recipe).toMatchObject({
      id: 'imported-par',
      base_url: 'https://par-api.example.com',
      identity: ['brand', 'establishment'],
      auth: { kind: 'bearer', scheme: '' },
      params: { when: { required: false } },
      requests: [{ path: '/v1/par/{brand}', query: { id: '{establishment}', on: '{when}' } }],
    });
    expect(recipe.draft).toBeUndefined();
    expect(recipe.requests[0]?.products).toEqual(shippedRecipe('par').requests[0]?.products);
    expect(notes).toEqual([]);
  });

  test('of an unknown shape becomes a draft', () => {
    const { recipe, notes } = importDefinition(definition({ integration_type: 'No POS 9' }), { shapes, hosts });
    expect(recipe).toMatchObject({
      id: 'imported-no-pos-9',
      draft: 'how its answers look is not known',
      removal: 'never',
    });
    expect(notes).toEqual(['How answers of No POS 9 look is not known: it is a draft, and cannot run.']);
  });

  test.each([
    ['none', { kind: 'none' }],
    ['api_key', { kind: 'api_key', header: 'X-API-Key' }],
    ['basic_auth', { kind: 'basic' }],
    ['custom', { kind: 'headers' }],
  ])('with the auth %s keeps it', (auth_method, auth) => {
    expect(importDefinition(definition({ auth_method }), { shapes, hosts }).recipe.auth).toEqual(auth);
  });

  test.each([
    [{}, 'is not said'],
    [{ wand_domain: 'evil.example/path?' }, 'is no host name'],
    [{ wand_domain: 'user@evil.example' }, 'is no host name'],
  ])('asks for its host where it is %j', (given, problem) => {
    const run = () => importDefinition(definition({}), { shapes, hosts: given as Record<string, string> });
    expect(run).toThrow(`The host of Some POS has the variable {wand_domain}, and its value ${problem}.`);
  });

  test('is written as a file that reads back as the same recipe', () => {
    for (const recipe of shapes) expect(readRecipe(writeRecipe(recipe))).toEqual(recipe);
  });

  const path = join(
    import.meta.dirname,
    '../../../../../shared/data/qu/stored-wand_integration_sources-2025-11-11.json',
  );
  const isHere = existsSync(path);
  if (!isHere) process.stderr.write('The real source definitions are not on this machine: their test is skipped.\n');

  test.skipIf(!isHere)(
    'of the original’s twelve imports; one is a draft, and the others ask what the shipped ones ask',
    () => {
      const imported = readDefinitions(readFileSync(path, 'utf8')).map((each) =>
        importDefinition(each, { shapes, hosts }),
      );
      expect(new Set(imported.map(({ recipe }) => recipe.id)).size).toBe(12);
      expect(imported.filter(({ recipe }) => recipe.draft !== undefined)).toHaveLength(1);
      for (const { recipe } of imported) {
        const shipped = shapes.find(({ id }) => id === recipe.id);
        if (shipped === undefined) continue;
        expect(recipe.requests[0]?.path).toBe(shipped.requests[0]?.path);
        expect(Object.keys(recipe.requests[0]?.query ?? {})).toEqual(Object.keys(shipped.requests[0]?.query ?? {}));
        expect(recipe.auth.kind).toBe(shipped.auth.kind);
      }
    },
  );
});

test('a file that is no list of definitions is refused', () => {
  for (const text of ['', '{}', '[{"name": "x"}]']) {
    expect(() => readDefinitions(text)).toThrow('The file is no list of source definitions of the original.');
  }
});
