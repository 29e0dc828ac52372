// The published JSON schema of recipes, for editors that complete and check while one types.
import { z } from 'zod';
import { recipeSchema } from './recipe-schema.ts';

/** JSON Schema 2020-12 of a recipe as it is written. */
export function recipeJsonSchema(): object {
  return { title: 'tillsync recipe', ...z.toJSONSchema(recipeSchema, { io: 'input' }) };
}
