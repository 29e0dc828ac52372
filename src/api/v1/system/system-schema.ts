// The system report as it is answered.
import { z } from '@hono/zod-openapi';
import type { Setting } from '../../../config.ts';
import type { MigrationState } from '../../../db/migrate/migration-state.ts';
import type { HeldRun } from '../../../records/system/list-processes.ts';
import type { UpkeepRecord } from '../../../records/system/upkeep-record.ts';
import { placeNames } from '../../../records/vault/sealed-places.ts';
import type {
  DatabaseReport,
  LimitsReport,
  ProcessReport,
  ProcessState,
  QueueReport,
  RetentionReport,
  SystemReport,
  SystemWarning,
  VaultKey,
  VaultReport,
} from '../../../sync/system/system-report.ts';
import { timeSchema } from '../schemas/paging.ts';

const sources = ['default', 'environment', '.env', 'file', 'option'] as const;
const counts = z.record(z.string(), z.int());

const process = z.object({
  version: z.string(),
  node: z.string(),
  platform: z.string(),
  host: z.string(),
  pid: z.int(),
  started_at: timeSchema,
  uptime_seconds: z.int(),
  memory_bytes: z.int(),
} satisfies Record<keyof ProcessReport, z.ZodType>);

const migrations = z.object({
  applied: z.int(),
  latest: z.string().nullable(),
  pending: z.array(z.string()),
  problem: z
    .object({ code: z.string(), message: z.string(), hint: z.string() })
    .nullable()
    .openapi({ description: 'Why this version does not work on this schema; null = it is up to date.' }),
} satisfies Record<keyof MigrationState, z.ZodType>);

const database = z.object({
  version: z.string().openapi({ example: '18.4' }),
  name: z.string(),
  bytes: z.int(),
  started_at: timeSchema,
  login: z.string(),
  role: z.string().openapi({ description: 'What statements run as.' }),
  is_superuser: z.boolean().openapi({ description: 'Whether the login is one.' }),
  is_standby: z.boolean(),
  is_embedded: z.boolean().openapi({ description: 'PostgreSQL that tillsync brought along.' }),
  connections: z.int(),
  max_connections: z.int(),
  clock_difference_ms: z
    .int()
    .openapi({ description: 'How far its clock is ahead of this server; behind = negative.' }),
  round_trip_ms: z.int(),
  row_security_gap: z
    .string()
    .nullable()
    .openapi({ description: 'Why row level security does not bind; null = it does.' }),
  schema: migrations,
  broken_keys: z.array(z.string()).openapi({ description: 'Saves do not begin while there is any.' }),
} satisfies Record<keyof DatabaseReport, z.ZodType>);

const queue = z.object({
  queued: z.int(),
  oldest_queued_seconds: z.int(),
  active: z.int(),
  slots: z.int().openapi({ description: 'Runs that the living workers can work on at once.' }),
  failed_last_day: z.int().openapi({ description: 'Runs that failed or were interrupted within 24 hours.' }),
  open_holds: z.int(),
  retries_waiting: z.int(),
  late_configs: z.int(),
  payload_bytes: z.int().openapi({ description: 'Of stored answers, on disk.' }),
} satisfies Record<keyof QueueReport, z.ZodType>);

const worker = z.object({
  worker: z.string().openapi({ example: 'till-1:4711' }),
  host: z.string(),
  slots: z.int().nullable().openapi({ description: 'null = no worker: a command or a server that works itself.' }),
  version: z.string().nullable(),
  started_at: timeSchema.nullable(),
  seen_at: timeSchema.nullable().openapi({ description: "Its last heartbeat, by the database's clock." }),
  silent_seconds: z.number().nullable(),
  is_alive: z.boolean(),
  is_replaced: z.boolean().openapi({ description: 'Silent, and another one of its host was started since.' }),
  runs: z.array(
    z.object({
      id: z.string(),
      phase: z.enum(['fetch', 'format', 'plan', 'save', 'waiting']).nullable(),
      source_name: z.string().nullable(),
      started_at: timeSchema.nullable(),
    } satisfies Record<keyof HeldRun, z.ZodType>),
  ),
} satisfies Record<keyof ProcessState, z.ZodType>);

const vault = z.object({
  key_from: z
    .enum([...sources, 'key file', 'nowhere'])
    .openapi({ description: "'key file' = made by tillsync in its data folder." }),
  keys: z.array(
    z.object({
      id: z.string().openapi({ description: 'First 8 hex digits of the SHA-256 of a key.' }),
      state: z.enum(['active', 'known', 'missing']),
      opens: z.int(),
      places: z.array(z.object({ place: z.enum(placeNames), count: z.int() })),
    } satisfies Record<keyof VaultKey, z.ZodType>),
  ),
  damaged: z.int(),
  left_to_rotate: z.int().openapi({ description: 'Secrets of an older key that is here: a rotation is not done.' }),
} satisfies Record<keyof VaultReport, z.ZodType>);

const retention = z.object({
  keeps: z
    .object({
      runs_days: z.int(),
      runs_per_source: z.int(),
      logs_days: z.int(),
      payloads_days: z.int(),
      payloads_per_source: z.int(),
      audit_days: z.int(),
    } satisfies Record<keyof RetentionReport['keeps'], z.ZodType>)
    .openapi({ description: '0 = for ever, or all.' }),
  last: z
    .object({
      worker: z.string(),
      ended_at: timeSchema,
      done: counts,
      worked_at: timeSchema.nullable(),
      worked: counts.nullable().openapi({ description: 'Of the last pass that found something to do.' }),
    } satisfies Record<keyof UpkeepRecord, z.ZodType>)
    .nullable(),
  next_at: timeSchema
    .nullable()
    .openapi({ description: 'At the latest; null = no worker lives, or none was made yet.' }),
} satisfies Record<keyof RetentionReport, z.ZodType>);

const limits = z.object({
  pool: z.object({ size: z.int(), used: z.int(), idle: z.int(), waiting: z.int() }),
  lease_seconds: z.number(),
  save_statement_seconds: z.int(),
  plan_memory_changes: z.int(),
  calls: z
    .array(z.object({ name: z.string(), at_once: z.int(), per_minute: z.int() }))
    .nullable()
    .openapi({ description: 'Of each caller; null = no limits.' }),
} satisfies Record<keyof LimitsReport, z.ZodType>);

const setting = z.object({
  name: z.string(),
  value: z.string().nullable().openapi({ description: 'null = a secret, or not set.' }),
  is_secret: z.boolean(),
  is_set: z.boolean(),
  source: z.enum(sources),
} satisfies Record<keyof Setting, z.ZodType>);

const warning = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  hint: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number()])).openapi({
    description: 'Names and numbers in the message, for whoever says it in other words; which ones, the code says.',
  }),
} satisfies Record<keyof SystemWarning, z.ZodType>);

export const systemSchema = z
  .object({
    checked_at: timeSchema,
    warnings: z.array(warning).openapi({ description: 'What needs a person, errors first.' }),
    process,
    database,
    queue,
    workers: z.array(worker).openapi({ description: 'Workers of the last day, and others that hold a run.' }),
    vault,
    retention,
    limits,
    settings: z.array(setting),
  } satisfies Record<keyof SystemReport, z.ZodType>)
  .openapi('System');
