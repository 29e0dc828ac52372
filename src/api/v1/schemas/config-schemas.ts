// Configs: what is answered, never with a secret, and what callers may send.
import { z } from '@hono/zod-openapi';
import type { Config, ConfigSchedule, SecretDescription } from '../../../records/configs/config.ts';
import type { ScheduleChange } from '../../../sync/schedule/set-schedule.ts';
import { timeSchema } from './paging.ts';

export const levelSchema = z.enum(['concept', 'company', 'site']);
const someId = z.int().positive();
const settings = z.record(z.string(), z.unknown());

const scheduleSchema = z
  .object({
    every_minutes: z.int().nullable(),
    cron: z.string().nullable(),
    time_zone: z.string().nullable(),
    next_due_at: timeSchema.nullable(),
    paused_at: timeSchema.nullable(),
    paused_by: z.string().nullable(),
    paused_reason: z.string().nullable(),
    failures_in_row: z.int().openapi({ description: 'Scheduled runs that failed since the last sync that succeeded.' }),
    slowed: z.boolean().openapi({ description: 'Synced less often than set, because it fails.' }),
    late: z.boolean().openapi({ description: 'Overdue, and nothing runs.' }),
  } satisfies Record<keyof ConfigSchedule, z.ZodType>)
  .openapi('Schedule');

const scheduleChangeSchema = z
  .union([
    z.strictObject({ every_minutes: z.int().min(1).max(525_600) }),
    z.strictObject({ cron: z.string().min(1).max(200), time_zone: z.string().min(1).max(100).optional() }),
    z.strictObject({ time_zone: z.string().min(1).max(100) }),
  ])
  .openapi('ScheduleChange');

/** A change of a schedule as the engine takes it; null takes the schedule away, undefined leaves it. */
export function scheduleChangeOf(
  change: z.infer<typeof scheduleChangeSchema> | null | undefined,
): ScheduleChange | undefined {
  if (change === undefined) return undefined;
  if (change === null) return 'none';
  if ('every_minutes' in change) return { everyMinutes: change.every_minutes };
  if (!('cron' in change)) return { timeZone: change.time_zone };
  return change.time_zone === undefined ? { cron: change.cron } : { cron: change.cron, timeZone: change.time_zone };
}

export const nextTimesSchema = z
  .object({
    time_zone: z.string().nullable().openapi({ description: 'Of a cron expression.' }),
    times: z.array(timeSchema),
  })
  .openapi('NextTimes');

export const secretSchema = z
  .object({
    set_at: timeSchema.nullable().openapi({ description: 'null = before this was written down.' }),
    ends_in: z.string().nullable().openapi({
      description: 'Its last 4 characters where it has 12 or more; null = not shown.',
    }),
  } satisfies Record<keyof SecretDescription, z.ZodType>)
  .openapi('Secret');

export const configSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    connector_id: z.string(),
    level: levelSchema,
    concept_id: z.int().nullable(),
    company_id: z.int().nullable(),
    site_id: z.int().nullable(),
    params: settings,
    secrets: z
      .record(z.string(), secretSchema)
      .openapi({ description: 'The secrets that are set; never their values.' }),
    source_id: z.string().nullable().openapi({ description: 'null = not runnable: defaults for the levels below.' }),
    legacy_source_id: z.string().nullable(),
    is_active: z.boolean(),
    guard: settings,
    schedule: scheduleSchema,
    last_sync_at: timeSchema.nullable(),
    removals_checked_at: timeSchema
      .nullable()
      .openapi({ description: 'When a whole read last looked for items that are gone.' }),
    last_sync_status: z.string().nullable(),
    sync_count: z.int(),
    error_count: z.int(),
    last_error: z.string().nullable(),
    created_at: timeSchema,
    updated_at: timeSchema,
  } satisfies Record<keyof Config, z.ZodType>)
  .openapi('Config');

export const savedConfigSchema = configSchema
  .extend({ missing: z.array(z.string()).openapi({ description: 'What it still lacks; [] = runnable.' }) })
  .openapi('SavedConfig');

export const shownConfigSchema = savedConfigSchema
  .extend({ merged_params: settings.openapi({ description: 'With the levels above; the most specific wins.' }) })
  .openapi('ShownConfig');

const shareSecrets = z
  .boolean()
  .optional()
  .openapi({ description: 'Configs below with addresses of their own get the new secrets, too; else 409.' });

export const newConfigSchema = z
  .strictObject({
    connector_id: z.string().min(1).max(100),
    name: z.string().max(1000),
    level: levelSchema.optional(),
    concept_id: someId.optional(),
    company_id: someId.optional(),
    site_id: someId.optional(),
    params: settings.default({}),
    secrets: z
      .record(z.string(), z.string())
      .default({})
      .openapi({ description: 'Plain values; stored encrypted, never answered.' }),
    share_secrets: shareSecrets,
    guard: settings.optional(),
    schedule: scheduleChangeSchema.optional(),
  })
  .openapi('NewConfig');

export const configChangeSchema = z
  .strictObject({
    name: z.string().max(1000).optional(),
    params: settings.optional().openapi({ description: 'Merged into the own params; null takes one away.' }),
    secrets: z.record(z.string(), z.string().nullable()).optional(),
    share_secrets: shareSecrets,
    guard: settings.optional(),
    is_active: z.boolean().optional(),
    schedule: scheduleChangeSchema.nullable().optional().openapi({ description: 'null takes it away.' }),
    identity_change: z
      .enum(['move', 'new_source'])
      .optional()
      .openapi({ description: 'Needed when the identity changes: move the rows along, or begin a new source.' }),
  })
  .openapi('ConfigChange');
