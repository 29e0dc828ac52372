// Reads the text of a recipe, YAML or JSON, into a recipe that is checked as far as its shape goes.
import { createRequire } from 'node:module';
import type { Document, LineCounter } from 'yaml';
import type { z } from 'zod';
import { recipeInvalid } from './recipe-error.ts';
import { type Recipe, recipeSchema } from './recipe-schema.ts';

// Read when the first recipe is: most commands need none, and it is the larger part of their start.
const require = createRequire(import.meta.url);

/** No recipe of a person is as long as this many characters. */
const mostCharacters = 500_000;

/** JSON is read as the YAML that it is. Throws TillsyncError recipe_invalid. */
export function readRecipe(text: string): Recipe {
  const { document } = readDocument(text);
  const [fault] = document.errors;
  if (fault) throw recipeInvalid('', `it is no YAML: ${firstLine(fault.message)}`, 'Correct the line that is named.');
  return checkRecipe(plainOf(document));
}

/** The text as a tree in which every value knows its place, faults of its YAML among it. Throws TillsyncError recipe_invalid. */
export function readDocument(text: string): { document: Document.Parsed; lines: LineCounter } {
  if (text.length > mostCharacters) {
    throw recipeInvalid('', `it is longer than ${mostCharacters} characters`, 'A recipe is a description, not data.');
  }
  const yaml = require('yaml') as typeof import('yaml');
  const lines = new yaml.LineCounter();
  const said = { uniqueKeys: true, schema: 'core', merge: false, prettyErrors: true } as const;
  return { document: yaml.parseDocument(text, { ...said, lineCounter: lines }), lines };
}

/** What the text says, as JSON has it. Throws TillsyncError recipe_invalid. */
export function plainOf(document: { toJS(options: { maxAliasCount: number }): unknown }): unknown {
  try {
    // No aliases: a few lines of them could stand for gigabytes.
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw recipeInvalid('', 'it has YAML aliases (*name)', 'Write out what they stand for.');
  }
}

/** Checks the shape of a recipe that is parsed already. Throws TillsyncError recipe_invalid, naming the first wrong place. */
export function checkRecipe(value: unknown): Recipe {
  const parsed = recipeSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = deepest(parsed.error.issues);
  const fix =
    'See docs/reference/recipes.md; an editor that knows docs/reference/recipe.schema.json shows it while you type.';
  throw recipeInvalid(placeOf(path), message.replace(/\.$/, ''), fix);
}

/** Every place where a parsed recipe has another form than it may have; [] = none. A word that is not known has its own place. */
export function shapeFaults(value: unknown): Placed[] {
  return everyFault(recipeSchema.safeParse(value).error?.issues ?? [], []);
}

function everyFault(issues: readonly z.core.$ZodIssue[], above: readonly PropertyKey[]): Placed[] {
  return issues.flatMap((issue): Placed[] => {
    const path = [...above, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...path, key], message: 'there is no such word here' }));
    }
    const one = [{ path, message: issue.message.replace(/\.$/, '') }];
    if (issue.code !== 'invalid_union') return one;
    // All that is wrong with the form that it fits best.
    const depth = (faults: readonly Placed[]) => Math.max(0, ...faults.map((each) => each.path.length));
    const [best = []] = issue.errors.map((errors) => everyFault(errors, path)).sort((a, b) => depth(b) - depth(a));
    return depth(best) > path.length ? best : [deepest([issue], above)];
  });
}

export interface Placed {
  path: PropertyKey[];
  message: string;
}

/** Of a value that fits no form of a union, what is wrong with the form that it fits best. */
function deepest(issues: readonly z.core.$ZodIssue[], above: readonly PropertyKey[] = []): Placed {
  const [issue] = issues;
  if (issue === undefined) return { path: [...above], message: 'it has another form than it may have' };
  const path = [...above, ...issue.path];
  if (issue.code !== 'invalid_union') return { path, message: issue.message };
  const inner = issue.errors.map((errors) => deepest(errors, path)).sort((a, b) => b.path.length - a.path.length);
  const [best] = inner;
  return best !== undefined && best.path.length > path.length ? best : { path, message: formsOf(issue.message, inner) };
}

function formsOf(message: string, inner: readonly Placed[]): string {
  const messages = [...new Set(inner.map((each) => each.message))];
  return messages.length === 0 ? message : messages.slice(0, 4).join('; or ');
}

/** ['requests', 0, 'path'] → 'requests[0].path'. */
export function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

export function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').replace(/[:.]$/, '');
}
