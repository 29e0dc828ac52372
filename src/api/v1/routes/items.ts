// Items: products, modifiers and discounts as they are stored, and the life of one of them.
import { createRoute, z } from '@hono/zod-openapi';
import { inputError, type TillsyncError } from '../../../errors.ts';
import { listItems } from '../../../records/items/list/list-items.ts';
import { itemHistory } from '../../../records/items/read-item-history.ts';
import { getItem, type ItemName } from '../../../records/items/read-items.ts';
import type { ApiApp } from '../api-given.ts';
import { ownRows, permits } from '../guards/permit.ts';
import { itemHistorySchema, itemSchema, itemWithDataSchema } from '../schemas/catalog-schemas.ts';
import { idSchema, pageQuery, pageSchema } from '../schemas/paging.ts';
import { kindSchema } from '../schemas/run-schema.ts';
import { json, problems } from './responses.ts';

const tags = ['items'];
const externalId = z.object({ external_id: z.string().min(1).openapi({ description: 'Byte-exact id of the POS.' }) });

const itemName = z.strictObject({
  source_id: idSchema.optional(),
  kind: kindSchema.optional(),
  path_id: z.string().optional().openapi({ description: 'Where it hangs, for modifiers under several parents.' }),
});

const listRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/items',
  summary: 'Items in the order of kind, source, id and path, without the data of the POS',
  tags,
  request: {
    query: z.strictObject({
      ...pageQuery,
      source_id: idSchema.optional(),
      kind: kindSchema.optional(),
      external_id: z.string().optional(),
      search: z.string().min(1).max(200).optional().openapi({
        description:
          'Part of the name, in any case. A page then holds what was found in the next 15,000 items: it may be short, or empty, although `next` says that there is more to look through.',
      }),
      removed: z
        .enum(['false', 'true', 'all'])
        .default('false')
        .openapi({ description: 'Live items, those that left the POS, or both.' }),
    }),
  },
  responses: { 200: json('A page of items; 100 unless asked otherwise.', pageSchema(itemSchema)), ...problems },
});

const showRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/items/{external_id}',
  summary: 'One item with the data of the POS; 400 where several have this id and the query does not say which',
  tags,
  request: { params: externalId, query: itemName },
  responses: { 200: json('The item.', itemWithDataSchema), ...problems },
});

const historyRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/items/{external_id}/history',
  summary: 'What every run did to the items with this id',
  tags,
  request: { params: externalId, query: itemName },
  responses: { 200: json('One history per item, in one page.', pageSchema(itemHistorySchema)), ...problems },
});

/** Registers the routes of items. */
export function addItemRoutes(app: ApiApp): void {
  app.openapi(listRoute, async (context) => {
    const { source_id, external_id, removed, ...filter } = context.req.valid('query');
    const page = await listItems(ownRows(context), {
      ...filter,
      sourceId: source_id,
      externalId: external_id,
      removed: removed === 'all' ? undefined : removed === 'true',
    });
    return context.json(page, 200);
  });
  app.openapi(showRoute, async (context) => {
    const { external_id } = context.req.valid('param');
    const item = await getItem(ownRows(context), nameOf(external_id, context.req.valid('query')));
    if (item === null) throw itemUnknown(external_id);
    return context.json(item, 200);
  });
  app.openapi(historyRoute, async (context) => {
    const { external_id } = context.req.valid('param');
    const data = await itemHistory(ownRows(context), nameOf(external_id, context.req.valid('query')));
    if (data.length === 0) throw itemUnknown(external_id);
    return context.json({ data, next: null }, 200);
  });
}

function nameOf(id: string, query: z.infer<typeof itemName>): ItemName {
  return { externalId: id, sourceId: query.source_id, kind: query.kind, pathId: query.path_id };
}

function itemUnknown(id: string): TillsyncError {
  return inputError(
    'item_unknown',
    `No item has the external id ${id}.`,
    'Look for it in the list, also of removed ones.',
  );
}
