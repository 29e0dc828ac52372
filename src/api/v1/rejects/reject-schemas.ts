// Rejects over all runs, as the API answers them.
import { z } from '@hono/zod-openapi';
import type { FoundReject } from '../../../records/rejects/list-found-rejects.ts';
import type { RejectGroup } from '../../../records/rejects/read-reject-groups.ts';
import { rejectStates } from '../../../records/rejects/runs-with-rejects.ts';
import { idSchema, timeSchema } from '../schemas/paging.ts';
import { kindSchema, rejectSchema } from '../schemas/run-schema.ts';

/** What a query of rejects may say. */
export const rejectFilter = {
  state: z
    .enum(rejectStates)
    .default('open')
    .openapi({ description: 'Those that the last answer of their source still holds, those that are gone, or both.' }),
  config_id: idSchema.optional(),
  source_id: idSchema.optional(),
  kind: kindSchema.optional(),
  reason: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\0]*$/, 'a text has no NUL')
    .optional()
    .openapi({ example: 'missing_external_id' }),
  since: z.iso.datetime().optional().openapi({ description: 'Only of runs asked for since then.' }),
};

export const rejectGroupSchema = z
  .object({
    reason: z.string(),
    kind: kindSchema,
    rejects: z.int(),
    open: z.int().openapi({ description: 'Of them those that the last answer of their source still holds.' }),
    runs: z.int(),
    sources: z.int(),
    config_ids: z.array(z.string()).openapi({ description: 'Of the newest runs, at most five.' }),
    first_seen: timeSchema.openapi({ description: 'Over all stored runs of these sources.' }),
    last_seen: timeSchema,
    example: z.string().openapi({ description: 'The sentence of one of them.' }),
  } satisfies Record<keyof RejectGroup, z.ZodType>)
  .openapi('RejectGroup');

export const foundRejectSchema = rejectSchema
  .extend({
    run_id: z.string(),
    source_id: z.string(),
    config_id: z.string().nullable(),
    source_name: z.string().nullable(),
    seen_at: timeSchema,
    open: z.boolean().openapi({ description: 'Whether the last answer of the source still holds it.' }),
  } satisfies Record<Exclude<keyof FoundReject, keyof z.infer<typeof rejectSchema>>, z.ZodType>)
  .openapi('FoundReject');
