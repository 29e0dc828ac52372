// The key doctor: whether saves can work on these tables, and the exact SQL where they cannot.
import { createRoute, z } from '@hono/zod-openapi';
import type { Finding } from '../../../db/verify/finding.ts';
import { type VerifyReport, verify } from '../../../db/verify/verify.ts';
import type { ApiApp } from '../api-given.ts';
import { permits } from '../guards/permit.ts';
import { json, problems } from '../routes/responses.ts';
import { noQuery } from '../schemas/paging.ts';

const findingSchema = z.object({
  rule: z.string(),
  severity: z.enum(['error', 'warning']),
  table: z.string().nullable(),
  message: z.string(),
  sql: z.string().nullable().openapi({ description: 'Repairs it; null = no SQL does.' }),
  examples: z.array(z.string()),
} satisfies Record<keyof Finding, z.ZodType>);

export const verifySchema = z
  .object({
    ok: z.boolean().openapi({ description: 'No finding is an error.' }),
    server_version: z.string(),
    tables: z.array(z.object({ table: z.string(), rows: z.int(), with_wand_source_id: z.int() })),
    findings: z.array(findingSchema),
  } satisfies Record<keyof VerifyReport, z.ZodType>)
  .openapi('VerifyReport');

const verifyRoute = createRoute({
  ...permits('system'),
  method: 'get',
  path: '/v1/verify',
  summary:
    'What `tillsync verify` says: every ON CONFLICT failure that the catalogs predict, with the SQL that mends it',
  description: 'Reads catalogs and rows, each item table once, and changes nothing.',
  tags: ['verify'],
  request: { query: noQuery },
  responses: { 200: json('The report.', verifySchema), ...problems },
});

/** Registers the route of the doctor. */
export function addVerifyRoute(app: ApiApp): void {
  app.openapi(verifyRoute, async (context) => {
    const { database } = context.get('given').deps;
    return context.json(await database.withConnection((connection) => verify(connection)), 200);
  });
}
