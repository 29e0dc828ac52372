// How a recipe finds the items of one kind in a page: levels of lists, and the fields of the innermost element.
import { z } from 'zod';
import { availableSchema, expressionSchema, moneySchema, textSchema } from './text-schema.ts';

const levelSchema = z
  .strictObject({
    path: expressionSchema.describe('A list, read from the element of the level above; @ is that element itself.'),
    as: z
      .string()
      .regex(/^(?!document$)[a-z][a-z0-9_]{0,40}$/)
      .optional()
      .describe('Name of its element, for use below as $name.'),
    down: z
      .string()
      .min(1)
      .optional()
      .describe('Member of its element that holds elements of the same sort, at any depth, e.g. menuGroups.'),
    lookup: expressionSchema
      .optional()
      .describe(
        'The elements are keys: each is looked up in this object, e.g. $document.options. A key that is not there is a reject.',
      ),
  })
  .describe('One level of lists.')
  .meta({ id: 'level' });

const fieldsSchema = z
  .strictObject({
    name: textSchema.optional(),
    item_type: textSchema.optional().describe('Products only.'),
    category: textSchema.optional().describe('What exclude_categories looks at; the group name of modifiers.'),
    modifier_group_id: textSchema.optional().describe('Modifiers only.'),
    price: moneySchema.optional().describe('Products and modifiers.'),
    discount_amount: moneySchema.optional().describe('Discounts only.'),
    discount_percent: expressionSchema.optional().describe('Discounts only; 10 is 10 %.'),
    is_available: availableSchema.optional().describe('Without it unknown.'),
  })
  .describe('Fields of an item. What is not said is unknown, never 0.')
  .meta({ id: 'fields' });

/** One way to the items of a kind. */
export const mappingSchema = z
  .strictObject({
    each: z.array(levelSchema).min(1).max(8).describe('From the page inwards; the innermost element is the item.'),
    key: textSchema.describe('The id of the item, unique in its kind.'),
    path: textSchema.optional().describe('Where the item hangs; part of the key of modifiers.'),
    fields: fieldsSchema.default({}),
    skip_when: expressionSchema.optional().describe('Elements that are no items; they are counted as filtered.'),
    removed_when: expressionSchema.optional().describe('What is true of an item that is gone.'),
    duplicates: z
      .union([
        z.strictObject({ prefer: z.literal('priced') }).describe('The one whose price is not 0.'),
        z
          .strictObject({ prefer: z.literal('highest'), of: expressionSchema })
          .describe('The highest number or newest ISO time.'),
        z.strictObject({ prefer: z.literal('none') }).describe('The smaller fingerprint, whatever the order.'),
      ])
      .default({ prefer: 'none' })
      .describe('Which one is kept where a key comes twice with different content. It is counted and listed.'),
  })
  .describe('How the items of one kind are found in a page.')
  .meta({ id: 'mapping' });
export type Mapping = z.output<typeof mappingSchema>;
