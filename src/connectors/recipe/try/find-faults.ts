// Everything that is wrong with the text of a recipe, each with its line: what an editor shows while one types.
import { createRequire } from 'node:module';
import type { Document, LineCounter, Node } from 'yaml';
import { TillsyncError } from '../../../errors.ts';
import { connectorOf } from '../connector-of.ts';
import { checkRecipe, firstLine, placeOf, plainOf, readDocument, shapeFaults } from '../schema/read-recipe.ts';
import type { Recipe } from '../schema/recipe-schema.ts';

const require = createRequire(import.meta.url);

export interface RecipeFault {
  /** e.g. 'requests[0].products.each[1].path'; '' = the whole. */
  where: string;
  problem: string;
  fix: string;
  /** From 1. */
  line: number;
  column: number;
}

/** More help nobody: the first one is mended first. */
const mostShown = 20;

/** The recipe of a text, or what is wrong with it; never throws for what a person may write. */
export function findFaults(text: string): { recipe: Recipe | null; faults: RecipeFault[] } {
  let tree: { document: Document.Parsed; lines: LineCounter } | null = null;
  try {
    tree = readDocument(text);
    const syntax = tree.document.errors.map((fault): RecipeFault => {
      const { line = 1, col = 1 } = fault.linePos?.[0] ?? {};
      const problem = `it is no YAML: ${firstLine(fault.message).replace(/ at line \d+, column \d+$/, '')}`;
      return { where: '', problem, fix: 'Correct this line.', line, column: col };
    });
    if (syntax.length > 0) return { recipe: null, faults: syntax.slice(0, mostShown) };
    const value = plainOf(tree.document);
    const shape = shapeFaults(value);
    if (shape.length > 0) return { recipe: null, faults: placed(tree, shape) };
    const recipe = checkRecipe(value);
    connectorOf(recipe);
    return { recipe, faults: [] };
  } catch (error) {
    if (!(error instanceof TillsyncError) || error.code !== 'recipe_invalid') throw error;
    const { where, problem } = error.facts;
    const place = String(where);
    const at = tree === null ? { line: 1, column: 1 } : positionOf(tree, partsOf(place));
    return { recipe: null, faults: [{ where: place, problem: String(problem), fix: error.hint, ...at }] };
  }
}

type Tree = { document: Document.Parsed; lines: LineCounter };

function placed(tree: Tree, shape: ReturnType<typeof shapeFaults>): RecipeFault[] {
  const fix = 'The words of a recipe are listed in docs/reference/recipes.md.';
  return shape
    .map(({ path, message }) => ({ where: placeOf(path), problem: saidOf(message), fix, ...positionOf(tree, path) }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .slice(0, mostShown);
}

function saidOf(message: string): string {
  if (message.endsWith('received undefined')) return 'it is missing';
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** 'requests[0].path' → ['requests', 0, 'path']. */
function partsOf(where: string): PropertyKey[] {
  return [...where.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([part, index]) =>
    index === undefined ? part : Number(index),
  );
}

/** Where a place stands in the text; where it is missing, what it should stand in. */
function positionOf({ document, lines }: Tree, parts: readonly PropertyKey[]): { line: number; column: number } {
  const { isMap, isSeq, isScalar } = require('yaml') as typeof import('yaml');
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const part of parts) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number' && node.items[part] !== undefined) {
      node = node.items[part];
      offset = startOf(node) ?? offset;
    } else break;
  }
  const { line, col } = lines.linePos(offset ?? 0);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function startOf(node: unknown): number | undefined {
  return (node as Partial<Node> | null)?.range?.[0];
}
