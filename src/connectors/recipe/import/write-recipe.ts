// Writes a recipe as YAML for people, without what every recipe has anyway.
import { stringify } from 'yaml';
import type { Recipe } from '../schema/recipe-schema.ts';

/** The text of a recipe file; reading it gives the same recipe. */
export function writeRecipe(recipe: Recipe): string {
  return stringify(trimmed(recipe), { lineWidth: 120, aliasDuplicateObjects: false });
}

const usual: Readonly<Record<string, unknown>> = {
  version: 1,
  method: 'GET',
  headers: {},
  pages: { by: 'none' },
  complete: { when: 'last_page' },
  duplicates: { prefer: 'none' },
  volatile: [],
  strip: [],
  required: true,
};

// Members at their default say nothing to a reader. What is sent is no member of ours.
function trimmed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(trimmed);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([name, inner]) => inner !== undefined && !(name in usual && JSON.stringify(usual[name]) === JSON.stringify(inner)),
  );
  return Object.fromEntries(kept.map(([name, inner]) => [name, name === 'body' ? inner : trimmed(inner)]));
}
