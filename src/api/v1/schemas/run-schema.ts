// A run, and what it changed and set aside, as the API answers them.
import { z } from '@hono/zod-openapi';
import { kinds } from '../../../catalog/item.ts';
import type { Change } from '../../../records/runs/read-changes.ts';
import type { DuplicateRow, RejectRow } from '../../../records/runs/read-rejects.ts';
import { type Run, type RunCounts, runStatuses } from '../../../records/runs/run.ts';
import { timeSchema } from './paging.ts';
import { retrySchema } from './problem-schema.ts';

export const kindSchema = z.enum(kinds);

export const runStatusSchema = z.enum(runStatuses);

const kindCounts = z
  .object({
    received: z.int(),
    created: z.int(),
    updated: z.int(),
    unchanged: z.int(),
    removed: z.int(),
    restored: z.int(),
    rejected: z.int(),
    duplicates: z.int(),
    filtered: z.int(),
  })
  .openapi('KindCounts', {
    description: 'received = created + updated + unchanged + restored + rejected + duplicates + filtered.',
  });

const countsSchema: z.ZodType<RunCounts> = z.object({
  products: kindCounts,
  modifiers: kindCounts,
  discounts: kindCounts,
});

const fact = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const holdSchema = z.object({
  rules: z.array(z.object({ rule: z.string(), kind: kindSchema, message: z.string() }).catchall(fact)),
  resolution: z.enum(['approved', 'discarded', 'superseded']).nullable(),
  resolved_by: z.string().nullable(),
  resolved_at: timeSchema.nullable(),
  resolved_by_run: z.string().nullable().openapi({ description: 'The run that applied or superseded the held plan.' }),
});

const runErrorSchema = z.object({
  code: z.string(),
  step: z.enum(['fetch', 'format', 'save', 'sync', 'auth', 'validation']),
  message: z.string(),
  effect: z.string(),
  hint: z.string(),
  doc: z.string(),
  sql: z.string().optional(),
  retry: retrySchema,
});

export const runSchema = z
  .object({
    id: z.string(),
    status: runStatusSchema,
    phase: z.enum(['fetch', 'format', 'plan', 'save', 'waiting']).nullable(),
    trigger: z.string().openapi({ example: 'api' }),
    dry_run: z.boolean(),
    mode: z.enum(['merge', 'full']),
    config_id: z.string().nullable(),
    source_id: z.string().nullable(),
    source_name: z.string().nullable(),
    site_id: z.int().nullable(),
    parent_id: z.string().nullable(),
    requested_by: z.string().nullable().openapi({ example: 'key:kiosk' }),
    created_at: timeSchema,
    started_at: timeSchema.nullable(),
    finished_at: timeSchema.nullable(),
    counts: countsSchema.nullable().openapi({ description: 'null until the plan is made.' }),
    items_synced: z.int(),
    complete: z.boolean().nullable().openapi({ description: 'Whether the fetch proved itself complete.' }),
    reads: z.enum(['all', 'changes', 'nothing']).nullable().openapi({
      description: 'What was read: everything, changes only, or nothing, since the POS says that nothing changed.',
    }),
    notes: z.array(z.string()),
    hold: holdSchema.nullable(),
    error: runErrorSchema.nullable(),
    applies_run_id: z.string().nullable(),
    progress: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).nullable(),
    worker: z.string().nullable(),
    lease_expires_at: timeSchema.nullable(),
    enqueued: z.boolean().openapi({ description: 'A worker takes it from the queue.' }),
    attempt: z.int(),
    retry_of_run_id: z.string().nullable(),
    compare_all: z.boolean(),
    is_parent: z.boolean().openapi({ description: 'One request for a concept or company; its children name it.' }),
    cancel_requested_at: timeSchema.nullable(),
  } satisfies Record<keyof Run, z.ZodType>)
  .openapi('Run');

export const startedRunSchema = runSchema
  .extend({ already_active: z.boolean().openapi({ description: 'true: this run was under way already.' }) })
  .openapi('StartedRun');

export const changeSchema = z
  .object({
    kind: kindSchema,
    external_id: z.string(),
    path_id: z.string().nullable(),
    operation: z.enum(['created', 'updated', 'removed', 'restored']),
    name: z.string().nullable(),
    fields: z
      .record(z.string(), z.array(z.unknown()))
      .openapi({ description: 'Field → [old, new]; money as decimal text. {} for a creation.' }),
  } satisfies Record<keyof Change, z.ZodType>)
  .openapi('Change');

export const rejectSchema = z
  .object({
    seq: z.int(),
    kind: kindSchema,
    external_id: z.string().nullable(),
    path_id: z.string().nullable(),
    reason: z.string(),
    message: z.string(),
    raw: z.unknown().openapi({ description: 'The value as the POS gave it.' }),
  } satisfies Record<keyof RejectRow, z.ZodType>)
  .openapi('Reject');

export const duplicateSchema = z
  .object({
    kind: kindSchema,
    external_id: z.string(),
    path_id: z.string().nullable(),
    copies: z.int(),
    identical: z.boolean().openapi({ description: 'Whether all copies had the same content.' }),
  } satisfies Record<keyof DuplicateRow, z.ZodType>)
  .openapi('Duplicate');
