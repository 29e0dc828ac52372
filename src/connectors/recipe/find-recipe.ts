// Finds a recipe by the name of one that tillsync brings, or reads it from a file.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connector } from '../connector.ts';
import { connectorOf } from './connector-of.ts';
import { readRecipe } from './schema/read-recipe.ts';
import type { Recipe } from './schema/recipe-schema.ts';

const shipped = join(import.meta.dirname, 'shipped');
const examples = join(import.meta.dirname, '../../../examples/recipes');

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

/** The text of one that tillsync brings, with its comments. */
function shippedText(name: string, folder = shipped): string {
  return readFileSync(join(folder, `${name}.yaml`), 'utf8');
}

/** A recipe to start a new one from, with answers that it reads. */
export interface RecipeStarter {
  id: string;
  title: string;
  origin: 'example' | 'shipped';
  text: string;
  answers: { request: string; text: string }[];
}

/** The examples with their answers, then what tillsync brings; an installation without its examples has the latter only. */
export function recipeStarters(): readonly RecipeStarter[] {
  // The files of a version never change, and reading them all takes a tenth of a second.
  starters ??= readStarters();
  return starters;
}

let starters: readonly RecipeStarter[] | undefined;

function readStarters(): RecipeStarter[] {
  const starter = (folder: string, name: string, origin: RecipeStarter['origin']): RecipeStarter => {
    const said = shippedText(name, folder);
    const { title, requests } = readRecipe(said);
    // What tells an editor of files where the schema lies is of no use to who has no file.
    const text = said.replace(/^# yaml-language-server:.*\n/, '');
    const names = origin === 'example' ? requests.flatMap((request) => request.name ?? []) : [];
    const answers = names.map((request) => {
      return { request, text: readFileSync(join(folder, name, `${request}.json`), 'utf8') };
    });
    return { id: name, title, origin, text, answers };
  };
  const written = existsSync(examples) ? shippedNames(examples) : [];
  // The smallest one first: it explains itself.
  const simplest = written.toSorted((a, b) => Number(b === 'small-menu') - Number(a === 'small-menu'));
  return [
    ...simplest.map((name) => starter(examples, name, 'example')),
    ...shippedNames().map((name) => starter(shipped, name, 'shipped')),
  ];
}

function recipeIn(folder: string, name: string): Recipe {
  const recipe = readRecipe(shippedText(name, folder));
  if (recipe.id !== name) throw new Error(`${name}.yaml has the id ${recipe.id}`);
  return recipe;
}

/** The shipped recipe of that name, else the file. Throws TillsyncError recipe_invalid, and what `read` throws. */
export async function findRecipe(nameOrPath: string, read: (path: string) => Promise<string>): Promise<Recipe> {
  return shippedNames().includes(nameOrPath) ? shippedRecipe(nameOrPath) : readRecipe(await read(nameOrPath));
}
