// What is told of one run beside its row: the filters of its lists, its settings, and the runs around it.
import { z } from '@hono/zod-openapi';
import type { Attempt, RunsAround } from '../../../records/runs/detail/read-around.ts';
import type { RunSettings, UsedParam } from '../../../records/runs/detail/run-settings.ts';
import { idSchema, timeSchema } from '../schemas/paging.ts';
import { changeSchema, kindSchema, runStatusSchema } from '../schemas/run-schema.ts';

// Nothing that is stored has a NUL, and a file has begun when PostgreSQL would say so.
const storable = z.string().regex(/^[^\0]*$/, 'a text has no NUL');

/** What a query of runs may say. */
export const runFilter = {
  config_id: idSchema.optional(),
  source_id: idSchema.optional(),
  parent_id: idSchema.optional(),
  status: runStatusSchema.optional(),
  trigger: storable.max(100).optional().openapi({ example: 'schedule' }),
  since: z.iso.datetime().optional().openapi({ description: 'Asked for at this time or later.' }),
  until: z.iso.datetime().optional().openapi({ description: 'Asked for before this time.' }),
};

/** What a query of changes may say. */
export const changeFilter = {
  kind: kindSchema.optional(),
  operation: changeSchema.shape.operation.optional(),
  field: storable.min(1).max(200).optional().openapi({ description: 'Only changes of this field.', example: 'price' }),
};

const usedParam = z.object({
  name: z.string(),
  value: z.unknown(),
  level: z.string().nullable(),
  set_by: z
    .string()
    .nullable()
    .openapi({ description: 'The config that set it; null = the default of the connector.' }),
} satisfies Record<keyof UsedParam, z.ZodType>);

export const runSettingsSchema = z
  .object({
    settings: z
      .object({
        connector: z.object({ id: z.string(), version: z.int() }),
        config: z.object({ id: z.string(), name: z.string(), level: z.string() }),
        params: z.array(usedParam),
        secrets: z.array(z.string()).openapi({ description: 'Names only.' }),
        guard: z.record(z.string(), z.union([z.boolean(), z.number()])),
      } satisfies Record<keyof RunSettings, z.ZodType>)
      .nullable()
      .openapi({ description: 'null = not kept: the run never began to read, or it is older than this record.' }),
  })
  .openapi('RunSettings');

const attemptSchema = z.object({
  id: z.string(),
  status: runStatusSchema,
  trigger: z.string(),
  attempt: z.int(),
  requested_by: z.string().nullable(),
  retry_of_run_id: z.string().nullable(),
  created_at: timeSchema,
  finished_at: timeSchema.nullable(),
  error_code: z.string().nullable(),
} satisfies Record<keyof Attempt, z.ZodType>);

export const aroundSchema = z
  .object({
    attempts: z.array(attemptSchema).openapi({ description: 'All tries with this one among them, oldest first.' }),
    newer: z.string().nullable().openapi({ description: 'The next run of the same source.' }),
    older: z.string().nullable(),
  } satisfies Record<keyof RunsAround, z.ZodType>)
  .openapi('RunsAround');
