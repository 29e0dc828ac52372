// The test of a connection, as the API answers it.
import { z } from '@hono/zod-openapi';
import { type CheckedStep, type CheckReport, checkStepNames, type SampleItem } from '../../../sync/check/check-step.ts';
import { decimalSchema } from './paging.ts';
import { kindSchema } from './run-schema.ts';

const stepSchema = z.object({
  step: z.enum(checkStepNames),
  ok: z.boolean(),
  skipped: z.boolean().openapi({ description: 'An earlier step failed.' }),
  message: z.string(),
  hint: z.string().nullable().openapi({ description: 'The fix of a step that failed.' }),
  code: z.string().nullable(),
} satisfies Record<keyof CheckedStep, z.ZodType>);

const sampleSchema = z.object({
  kind: kindSchema,
  external_id: z.string(),
  path_id: z.string().nullable(),
  name: z.string().nullable(),
  price: decimalSchema.nullable(),
  currency: z.string().nullable(),
  is_available: z.boolean().nullable(),
} satisfies Record<keyof SampleItem, z.ZodType>);

const report = {
  ok: z.boolean(),
  steps: z.array(stepSchema),
  items: z
    .array(sampleSchema)
    .openapi({ description: 'Up to three items of the first page, as they would be stored.' }),
  counts: z
    .object({ items: z.int(), rejected: z.int(), filtered: z.int() })
    .nullable()
    .openapi({ description: 'Of the first page, or its first 16 MiB.' }),
  discovered: z
    .record(z.string(), z.string())
    .nullable()
    .openapi({ description: 'Identity params that the POS told and the settings lack.' }),
} satisfies Record<keyof CheckReport, z.ZodType>;

export const checkReportSchema = z
  .object({ ...report, saved: z.boolean().openapi({ description: 'Whether `discovered` stands in the config now.' }) })
  .openapi('ConnectionTest');

export const settingsToCheckSchema = z
  .strictObject({
    params: z.record(z.string(), z.unknown()).default({}),
    secrets: z
      .record(z.string(), z.string())
      .default({})
      .openapi({ description: 'Plain values; used for this test, and not stored.' }),
  })
  .openapi('SettingsToTest');
