// The tree of modifiers: which options hang in which group, and under which product where the POS says so.
import { createRoute, z } from '@hono/zod-openapi';
import {
  type ModifierGroup,
  type ModifierOption,
  type ModifierTree,
  readModifiers,
} from '../../../records/items/list/read-modifiers.ts';
import type { ApiApp } from '../api-given.ts';
import { ownSource } from '../guards/own.ts';
import { ownRows, permits } from '../guards/permit.ts';
import { json, problems } from '../routes/responses.ts';
import { decimalSchema, idParam } from '../schemas/paging.ts';

const optionSchema = z.object({
  external_id: z.string(),
  path_id: z.string().nullable(),
  name: z.string().nullable(),
  price: decimalSchema.nullable(),
  currency: z.string().nullable(),
  is_available: z.boolean().nullable(),
} satisfies Record<keyof ModifierOption, z.ZodType>);

const groupSchema = z.object({
  group_id: z.string().nullable(),
  group_name: z.string().nullable(),
  place: z.string().nullable().openapi({ description: 'Path of its options without the last part.' }),
  options: z.array(optionSchema),
} satisfies Record<keyof ModifierGroup, z.ZodType>);

export const modifierTreeSchema = z
  .object({
    relation: z.enum(['path', 'none']).openapi({
      description:
        'path: the path of an option begins with its product; none: the POS does not say which product has it.',
    }),
    groups: z.array(groupSchema),
    cut: z.boolean().openapi({ description: 'There are more than these.' }),
  } satisfies Record<keyof ModifierTree, z.ZodType>)
  .openapi('ModifierTree');

const treeRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/sources/{id}/modifiers',
  summary: 'Live modifiers by group and place; of one product where the POS says what hangs under it',
  tags: ['items'],
  request: {
    params: idParam,
    query: z.strictObject({
      product: z.string().min(1).max(1000).optional().openapi({ description: 'External id of a product.' }),
      limit: z.coerce.number().int().min(1).max(2000).default(2000),
    }),
  },
  responses: { 200: json('The groups, by name.', modifierTreeSchema), ...problems },
});

/** Registers the route. */
export function addModifierRoute(app: ApiApp): void {
  app.openapi(treeRoute, async (context) => {
    const { id: sourceId } = await ownSource(context, context.req.valid('param').id);
    return context.json(await readModifiers(ownRows(context), { sourceId, ...context.req.valid('query') }), 200);
  });
}
