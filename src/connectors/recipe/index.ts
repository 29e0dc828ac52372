// The recipes that tillsync brings: each file in shipped/ is a connector, found by its name.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connector } from '../connector.ts';
import { connectorOf } from './connector-of.ts';
import { readRecipe } from './schema/read-recipe.ts';

const folder = join(import.meta.dirname, 'shipped');

/** One connector per recipe, in alphabetical order. */
export const connectors: readonly Connector[] = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .map((name) => {
    const recipe = readRecipe(readFileSync(join(folder, name), 'utf8'));
    if (`${recipe.id}.yaml` !== name) throw new Error(`shipped/${name} has the id ${recipe.id}`);
    return connectorOf(recipe);
  });
