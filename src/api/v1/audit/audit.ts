// The audit log: what was done at your places, by whom and from where; as a list and as a file.
import { createRoute, z } from '@hono/zod-openapi';
import { listAudit } from '../../../records/audit/read-audit.ts';
import { exportAudit } from '../../../sync/audit/export-audit.ts';
import { securityHeaders } from '../../security-headers.ts';
import type { ApiApp } from '../api-given.ts';
import { engineFor, permits } from '../guards/permit.ts';
import { json, problems } from '../routes/responses.ts';
import { pageQuery, pageSchema } from '../schemas/paging.ts';
import { auditFilter, auditSchema } from './audit-schema.ts';

const tags = ['audit'];

const listRoute = createRoute({
  ...permits('admin'),
  method: 'get',
  path: '/v1/audit',
  summary: 'What was done at your places, newest first',
  description: 'Entries of no place, e.g. of users and of the database, are only for who administers everything.',
  tags,
  request: { query: z.strictObject({ ...pageQuery, ...auditFilter }) },
  responses: { 200: json('A page of entries; 100 unless asked otherwise.', pageSchema(auditSchema)), ...problems },
});

const exportRoute = createRoute({
  ...permits('admin'),
  method: 'get',
  path: '/v1/audit/export',
  summary: 'The same as a file; the export is an entry itself',
  tags,
  request: { query: z.strictObject({ ...auditFilter, format: z.enum(['csv', 'ndjson']).default('csv') }) },
  responses: {
    200: {
      description:
        'All entries, newest first. In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe.',
      content: {
        'text/csv': { schema: z.string() },
        'application/x-ndjson': { schema: z.string() },
      },
    },
    ...problems,
  },
});

const types = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson; charset=utf-8' } as const;

/** Registers both. */
export function addAuditRoutes(app: ApiApp): void {
  app.openapi(listRoute, async (context) => {
    const filter = context.req.valid('query');
    return context.json(await listAudit(engineFor(context).database, filter, context.get('scope')), 200);
  });
  app.openapi(exportRoute, async (context) => {
    const { format, ...filter } = context.req.valid('query');
    const file = await exportAudit(engineFor(context), { filter, format, scope: context.get('scope') });
    const name = `tillsync-audit-${new Date().toISOString().slice(0, 10)}.${format}`;
    const headers = {
      ...securityHeaders,
      'content-type': types[format],
      'content-disposition': `attachment; filename="${name}"`,
    };
    return new Response(ReadableStream.from(encoded(file)) as ReadableStream<Uint8Array>, { headers });
  });
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array, void, void> {
  const encoder = new TextEncoder();
  for await (const text of texts) yield encoder.encode(text);
}
