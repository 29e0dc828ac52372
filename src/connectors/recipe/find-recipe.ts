// Finds a recipe by the name of one that tillsync brings, or reads it from a file.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connector } from '../connector.ts';
import { connectorOf } from './connector-of.ts';
import { readRecipe } from './schema/read-recipe.ts';
import type { Recipe } from './schema/recipe-schema.ts';

const shipped = join(import.meta.dirname, 'shipped');

/** Names of the recipes in a folder, default those that tillsync brings, in alphabetical order. */
export function shippedNames(folder = shipped): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

/** One of them. Throws where its file does not bear its name. */
export function shippedRecipe(name: string): Recipe {
  return recipeIn(shipped, name);
}

/** A connector for each recipe of a folder; each is read and checked when it is first used. */
export function readConnectors(folder = shipped): Connector[] {
  return shippedNames(folder).map((name) => whenUsed(name, () => connectorOf(recipeIn(folder, name))));
}

// Reading a dozen recipes at every start would cost each command and each test a tenth of a second.
function whenUsed(id: string, make: () => Connector): Connector {
  let made: Connector | undefined;
  const whole = () => {
    made ??= make();
    return made;
  };
  return new Proxy({ id } as Connector, {
    get: (_, name) => (name === 'id' ? id : Reflect.get(whole(), name)),
    has: (_, name) => Reflect.has(whole(), name),
    ownKeys: () => Reflect.ownKeys(whole()),
    getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(whole(), name),
  });
}

function recipeIn(folder: string, name: string): Recipe {
  const recipe = readRecipe(readFileSync(join(folder, `${name}.yaml`), 'utf8'));
  if (recipe.id !== name) throw new Error(`${name}.yaml has the id ${recipe.id}`);
  return recipe;
}

/** The shipped recipe of that name, else the file. Throws TillsyncError recipe_invalid, and what `read` throws. */
export async function findRecipe(nameOrPath: string, read: (path: string) => Promise<string>): Promise<Recipe> {
  return shippedNames().includes(nameOrPath) ? shippedRecipe(nameOrPath) : readRecipe(await read(nameOrPath));
}
