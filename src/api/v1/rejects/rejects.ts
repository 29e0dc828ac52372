// Rejects over all runs: grouped by why, one by one, and as a file.
import { createRoute, z } from '@hono/zod-openapi';
import { listFoundRejects } from '../../../records/rejects/list-found-rejects.ts';
import { readRejectGroups } from '../../../records/rejects/read-reject-groups.ts';
import { exportRejects } from '../../../sync/rejects/export-rejects.ts';
import { securityHeaders } from '../../security-headers.ts';
import type { ApiApp } from '../api-given.ts';
import { ownRows, permits } from '../guards/permit.ts';
import { json, problems } from '../routes/responses.ts';
import { pageQuery, pageSchema } from '../schemas/paging.ts';
import { foundRejectSchema, rejectFilter, rejectGroupSchema } from './reject-schemas.ts';

const tags = ['rejects'];
const looksAt = 'What is gone is looked for in the newest 500 runs that set something aside.';

const groupsRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/rejects',
  summary: 'Items that could not be saved, grouped by reason and kind; what is wrong now unless asked otherwise',
  description: looksAt,
  tags,
  request: { query: z.strictObject(rejectFilter) },
  responses: {
    200: json(
      'All groups, open and largest first, in one page.',
      pageSchema(rejectGroupSchema).extend({
        older_left_out: z.boolean().openapi({ description: 'There are older runs that were not looked at.' }),
      }),
    ),
    ...problems,
  },
});

const rowsRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/rejects/rows',
  summary: 'The rejects behind the groups, newest first, each with its run and the value of the POS',
  description: looksAt,
  tags,
  request: { query: z.strictObject({ ...pageQuery, ...rejectFilter }) },
  responses: { 200: json('A page of rejects; 50 unless asked otherwise.', pageSchema(foundRejectSchema)), ...problems },
});

const exportRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/rejects/export',
  summary: 'The same as a file',
  tags,
  request: { query: z.strictObject({ ...rejectFilter, format: z.enum(['csv', 'ndjson']).default('csv') }) },
  responses: {
    200: {
      description: 'Newest first. In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe.',
      content: { 'text/csv': { schema: z.string() }, 'application/x-ndjson': { schema: z.string() } },
    },
    ...problems,
  },
});

const types = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson; charset=utf-8' } as const;

/** Registers the routes. */
export function addRejectRoutes(app: ApiApp): void {
  app.openapi(groupsRoute, async (context) => {
    const { groups, older_left_out } = await readRejectGroups(ownRows(context), filterOf(context.req.valid('query')));
    return context.json({ data: groups, next: null, older_left_out }, 200);
  });
  app.openapi(rowsRoute, async (context) => {
    const { limit, cursor, ...filter } = context.req.valid('query');
    return context.json(await listFoundRejects(ownRows(context), { ...filterOf(filter), limit, cursor }), 200);
  });
  app.openapi(exportRoute, (context) => {
    const { format, ...filter } = context.req.valid('query');
    const file = exportRejects(ownRows(context), { filter: filterOf(filter), format });
    const name = `tillsync-rejects-${new Date().toISOString().slice(0, 10)}.${format}`;
    const headers = {
      ...securityHeaders,
      'content-type': types[format],
      'content-disposition': `attachment; filename="${name}"`,
    };
    return new Response(ReadableStream.from(encoded(file)) as ReadableStream<Uint8Array>, { headers });
  });
}

function filterOf({ config_id, source_id, ...filter }: z.infer<z.ZodObject<typeof rejectFilter>>) {
  return { ...filter, configId: config_id, sourceId: source_id };
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array, void, void> {
  const encoder = new TextEncoder();
  for await (const text of texts) yield encoder.encode(text);
}
