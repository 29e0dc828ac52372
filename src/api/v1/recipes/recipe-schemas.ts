// Recipes and what they make of an answer, as the API answers them.
import { z } from '@hono/zod-openapi';
import type { RecipeStarter } from '../../../connectors/recipe/find-recipe.ts';
import type { RecipeFault } from '../../../connectors/recipe/try/find-faults.ts';
import type { RecipePreview, ShownItem, ShownTrial } from '../../../sync/recipes/preview-recipe.ts';
import type { RecipeOutcome } from '../../../sync/recipes/store-recipe.ts';
import { decimalSchema, idSchema, timeSchema } from '../schemas/paging.ts';
import { kindSchema } from '../schemas/run-schema.ts';

const text = z.string().max(500_000).openapi({ description: 'YAML or JSON, as it is written.' });

export const newRecipeSchema = z.strictObject({ text });

export const storedRecipeSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    version: z.int(),
    updated_at: timeSchema,
    updated_by: z.string().nullable(),
  })
  .openapi('StoredRecipe');

export const recipeTextSchema = storedRecipeSchema.extend({ text }).openapi('RecipeText');

export const recipeOutcomeSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    version: z.int(),
    outcome: z.enum(['added', 'replaced', 'unchanged']),
    draft: z.string().nullable().openapi({ description: 'Why it cannot run yet; null = it can.' }),
  } satisfies Record<keyof RecipeOutcome, z.ZodType>)
  .openapi('RecipeOutcome');

export const starterSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    origin: z.enum(['example', 'shipped']),
    text,
    answers: z.array(z.object({ request: z.string(), text: z.string() })),
  } satisfies Record<keyof RecipeStarter, z.ZodType>)
  .openapi('RecipeStarter');

export const previewBody = z.strictObject({
  text,
  answer: z
    .union([
      z.strictObject({ run_id: idSchema, page: z.int().min(0) }),
      z.strictObject({ text: z.string().max(8 * 1024 * 1024) }),
    ])
    .optional()
    .openapi({
      description: 'A stored answer of a run, or one as the POS sent it. Without it only the recipe is checked.',
    }),
  request: z
    .string()
    .max(200)
    .optional()
    .openapi({ description: 'Which request it answers, where there are several.' }),
  params: z
    .record(z.string(), z.unknown())
    .optional()
    .openapi({ description: 'Settings, e.g. currency; over those of the config of the run.' }),
});

const faultSchema = z.object({
  where: z.string().openapi({ example: 'requests[0].products.each[1].path' }),
  problem: z.string(),
  fix: z.string(),
  line: z.int(),
  column: z.int(),
} satisfies Record<keyof RecipeFault, z.ZodType>);

const money = decimalSchema.nullable();
const optional = z.string().nullable();

const itemSchema = z.object({
  external_id: z.string(),
  path_id: optional,
  name: optional,
  item_type: optional,
  modifier_group_id: optional,
  modifier_group_name: optional,
  price: money,
  discount_amount: money,
  discount_percent: money,
  currency: optional,
  is_available: z.boolean().nullable(),
} satisfies Record<keyof ShownItem, z.ZodType>);

const countSchema = z.object({
  items: z.int(),
  rejects: z.int(),
  removed: z.int(),
  filtered: z.int(),
  duplicates: z.int(),
});
const items = z.array(itemSchema);

const trialSchema = z.object({
  counts: z.object({ products: countSchema, modifiers: countSchema, discounts: countSchema }),
  kinds_present: z.array(kindSchema).openapi({ description: 'Kinds whose list was in the answer at all.' }),
  items: z
    .object({ products: items, modifiers: items, discounts: items })
    .openapi({ description: 'The first 20 of each kind.' }),
  rejects: z.array(
    z.object({
      kind: kindSchema,
      external_id: optional,
      path_id: optional,
      reason: z.string(),
      message: z.string(),
      raw: z.unknown(),
    }),
  ),
  duplicates: z.array(z.object({ kind: kindSchema, external_id: z.string(), path_id: optional, copies: z.int() })),
  unused: z.array(z.string()).openapi({ description: 'Members of the answer that the recipe never reads.' }),
} satisfies Record<keyof ShownTrial, z.ZodType>);

export const previewSchema = z
  .object({
    recipe: z
      .object({ id: z.string(), title: z.string(), version: z.int(), draft: optional, requests: z.array(z.string()) })
      .nullable(),
    faults: z.array(faultSchema).openapi({ description: 'What is wrong with the text, at most 20.' }),
    trial: trialSchema.nullable(),
    refusal: z
      .object({ code: z.string(), message: z.string(), hint: z.string() })
      .nullable()
      .openapi({ description: 'Why this answer cannot be read by it.' }),
    answer: z.object({ bytes: z.int(), excerpt: z.string(), cut: z.boolean() }).nullable(),
  } satisfies Record<keyof RecipePreview, z.ZodType>)
  .openapi('RecipePreview');
