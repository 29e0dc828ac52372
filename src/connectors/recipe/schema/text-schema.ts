// The smallest parts of a recipe: paths, and texts that are made of several of them.
import { z } from 'zod';

/** A path into an answer. */
export const expressionSchema = z
  .string()
  .min(1)
  .max(500)
  .describe('A path, e.g. price.amount, $menu.id, prices[0].value, pathId || id.')
  .meta({ id: 'path' });

const splitSchema = z
  .strictObject({
    split: expressionSchema,
    by: z.string().min(1).describe('Where the text is cut.'),
    take: z.array(z.int().min(0).max(1_000)).min(1).describe('Which parts, from 0; joined again by `by`.'),
  })
  .describe('Parts of one text.')
  .meta({ id: 'split' });

const joinSchema = z
  .strictObject({
    join: z
      .array(z.union([expressionSchema, splitSchema]))
      .min(1)
      .max(20),
    by: z.string().max(20).default('-').describe('Stands between them.'),
  })
  .describe('Several texts as one. A part that is missing makes the whole missing.')
  .meta({ id: 'join' });

/** A text of an item: a path, parts of one, or several joined. */
export const textSchema = z
  .union([expressionSchema, splitSchema, joinSchema])
  .describe('A text of an item: a path, parts of one, or several joined.')
  .meta({ id: 'text' });
export type TextRule = z.output<typeof textSchema>;

/** An amount of money. */
export const moneySchema = z
  .union([
    expressionSchema,
    z.strictObject({
      path: expressionSchema,
      unit: z
        .enum(['major', 'minor'])
        .default('major')
        .describe('minor: 1250 is 12.50 (by the digits of the currency).'),
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/)
        .optional()
        .describe('ISO 4217, where it is always the same.'),
      currency_path: expressionSchema.optional().describe('Where the answer says the currency.'),
      strip: z
        .array(z.string().min(1).max(5))
        .max(10)
        .default([])
        .describe('Texts that are taken out first, e.g. "$" and ",".'),
    }),
  ])
  .describe('An amount of money: a path, or more about it.')
  .meta({ id: 'money' });
export type MoneyRule = z.output<typeof moneySchema>;

/** Whether an item is available. */
export const availableSchema = z
  .union([
    expressionSchema,
    z.strictObject({ path: expressionSchema, not: z.literal(true) }).describe('The opposite, e.g. of isOutOfStock.'),
    z
      .strictObject({ path: expressionSchema, is: z.array(z.string()).min(1).describe('Texts that mean available.') })
      .describe('By the text that stands there.'),
  ])
  .describe('Whether an item is available. null and missing = the POS does not say.')
  .meta({ id: 'available' });
export type AvailableRule = z.output<typeof availableSchema>;
