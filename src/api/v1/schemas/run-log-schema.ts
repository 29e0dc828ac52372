// The log of a run, and the answers of the POS that it read, as the API answers them.
import { z } from '@hono/zod-openapi';
import type { RunPayload } from '../../../records/payloads/list-run-payloads.ts';
import type { LogLine } from '../../../records/run-log/log-line.ts';
import { timeSchema } from './paging.ts';

export const logLineSchema = z
  .object({
    seq: z.int(),
    at: timeSchema,
    level: z.enum(['info', 'warn', 'error']),
    phase: z.string().nullable(),
    event: z.enum([
      'claimed',
      'phase_begin',
      'phase_end',
      'page',
      'wait',
      'retry',
      'guard',
      'unchanged',
      'end',
      'interrupted',
    ]),
    message: z.string(),
    facts: z.record(z.string(), z.unknown()),
  } satisfies Record<keyof LogLine, z.ZodType>)
  .openapi('LogLine');

export const runPayloadSchema = z
  .object({
    page: z.int(),
    payload_id: z.string(),
    form: z.enum(['connector', 'formatted']),
    bytes: z.int().nullable().openapi({ description: 'Size before compression; null = the body is no longer kept.' }),
    content_hash: z.string().nullable(),
    fetched_at: timeSchema,
  } satisfies Record<keyof RunPayload, z.ZodType>)
  .openapi('RunPayload');
