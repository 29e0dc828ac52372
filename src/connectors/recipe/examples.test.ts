// The recipes in examples/, as their tutorial uses them: each is valid, and reads the answers beside it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectorOf } from './connector-of.ts';
import { readRecipe } from './schema/read-recipe.ts';
import { tryRecipe } from './try/try-recipe.ts';

const folder = join(import.meta.dirname, '../../../examples/recipes');
const recipes = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const textOf = (path: string) => readFileSync(join(folder, path), 'utf8');

describe('the examples', () => {
  test.each(recipes)('%s is a recipe, and reads every answer beside it without a reject', (name) => {
    const recipe = readRecipe(textOf(name));
    expect(connectorOf(recipe).id).toBe(name.replace('.yaml', ''));
    for (const request of recipe.requests.map((each) => String(each.name))) {
      const payload = Buffer.from(textOf(`${recipe.id}/${request}.json`));
      const trial = tryRecipe(recipe, { payload, request });
      expect(trial.rejects).toEqual([]);
      expect(trial.items.length).toBeGreaterThan(0);
    }
  });

  test('loyverse keeps 0 as 0, an open price as none, and names what it never reads', () => {
    const recipe = readRecipe(textOf('loyverse.yaml'));
    const trial = tryRecipe(recipe, { payload: Buffer.from(textOf('loyverse/items.json')), request: 'items' });
    expect(trial.items.map(({ externalId, name, price }) => [externalId, name, price])).toEqual([
      ['v-1', 'Flat white', '3.5'],
      ['v-2', 'Flat white', '4.2'],
      ['v-3', 'Tap water', '0'],
      ['v-4', 'Price on request', null],
    ]);
    expect(trial.counts.products).toEqual({ items: 4, rejects: 0, removed: 0, filtered: 1, duplicates: 0 });
    expect(trial.unused).toEqual(['items[].modifier_ids', 'items[].variants[].option1_value', 'cursor']);
  });

  test('a page that was stored with the name of its request needs no name', () => {
    const recipe = readRecipe(textOf('loyverse.yaml'));
    const answer = JSON.parse(textOf('loyverse/discounts.json'));
    const trial = tryRecipe(recipe, { payload: Buffer.from(JSON.stringify({ request: 'discounts', answer })) });
    expect(trial.items.map((item) => [item.discountAmount, item.discountPercent])).toEqual([
      [null, '12.5'],
      ['1', null],
      [null, null],
    ]);
    const nameless = () => tryRecipe(recipe, { payload: Buffer.from(JSON.stringify(answer)) });
    expect(nameless).toThrow('requests of the recipe is not usable: there are several.');
  });
});
