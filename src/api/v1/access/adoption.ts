// Adoption, rehearsed: what `tillsync migrate --dry-run` says of this database, and what a lock-down would run. Writes nothing.
import { createRoute, z } from '@hono/zod-openapi';
import type { AdoptionReport, DuplicateGroup, ItemFacts, SourceFacts } from '../../../db/adopt/adoption-report.ts';
import { type AdoptionRehearsal, rehearseAdoption } from '../../../sync/adoption/rehearse-adoption.ts';
import type { ApiApp } from '../api-given.ts';
import { permits } from '../guards/permit.ts';
import { json, problems } from '../routes/responses.ts';
import { noQuery } from '../schemas/paging.ts';

const groupSchema = z.object({
  wand_source_id: z.string().nullable(),
  external_id: z.string().nullable(),
  path_id: z.string().nullable(),
  winner: z.string(),
  losers: z.array(z.string()).openapi({ description: 'At most ten.' }),
} satisfies Record<keyof DuplicateGroup, z.ZodType>);

const tableSchema = z.object({
  table: z.string(),
  rows: z.int(),
  without_source: z.int(),
  disagreeing: z.int(),
  moved: z.int(),
  paths_filled: z.int(),
  duplicate_groups: z.int(),
  duplicate_losers: z.int().openapi({ description: 'Rows that go to the archive: another one with their key stays.' }),
  unattributable: z.int().openapi({ description: 'Rows that go to the archive: nothing says whose they are.' }),
  without_external_id: z.int(),
  examples: z.array(groupSchema),
} satisfies Record<keyof ItemFacts, z.ZodType>);

const sourceSchema = z.object({
  id: z.string(),
  name: z.string().nullable(),
  connector_id: z.string().nullable(),
  identity: z.record(z.string(), z.string()).nullable(),
  outcome: z.enum(['kept', 'split', 'unknown', 'recovered', 'unused']),
  split_from: z.string().nullable(),
  configs: z.array(z.string()),
} satisfies Record<keyof SourceFacts, z.ZodType>);

export const adoptionSchema = z
  .object({
    state: z.enum(['none', 'waiting', 'adopted']).openapi({
      description: 'none: tables of tillsync itself; waiting: tables of the original wait; adopted: they are adopted.',
    }),
    report: z
      .object({
        dry_run: z.boolean(),
        complete: z.boolean(),
        rule: z.string(),
        tables: z.array(tableSchema),
        sources: z.array(sourceSchema),
        lines: z.array(z.string()),
        warnings: z.array(z.string()),
      } satisfies Record<keyof AdoptionReport, z.ZodType>)
      .nullable(),
    pending: z.array(z.object({ name: z.string(), sql: z.string() })),
    lock_down: z.array(z.string()),
  } satisfies Record<keyof AdoptionRehearsal, z.ZodType>)
  .openapi('Adoption');

const adoptionRoute = createRoute({
  ...permits('system'),
  method: 'get',
  path: '/v1/adoption',
  summary:
    'What adopting this database would do, or did: tables, duplicates with examples, rows that nothing attributes',
  description: 'Reads each item table once, in a read-only transaction, and changes nothing.',
  tags: ['verify'],
  request: { query: noQuery },
  responses: { 200: json('The rehearsal.', adoptionSchema), ...problems },
});

/** Registers the route. */
export function addAdoptionRoute(app: ApiApp): void {
  app.openapi(adoptionRoute, async (context) => context.json(await rehearseAdoption(context.get('given').deps), 200));
}
