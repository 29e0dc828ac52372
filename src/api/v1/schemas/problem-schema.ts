// What every refusal and failure of the API looks like: problem+json (RFC 9457) with our own members.
import { z } from '@hono/zod-openapi';

export const retrySchema = z.union([z.enum(['no', 'later']), z.object({ afterSeconds: z.number() })]);

export const problemSchema = z
  .object({
    type: z.string().openapi({ description: 'The page about this code.', example: '/api/docs/errors#config_unknown' }),
    title: z.string().openapi({ description: 'The code in words; the same for every occurrence.' }),
    status: z.int(),
    detail: z.string().openapi({ description: 'One sentence on what happened this time.' }),
    instance: z.string().openapi({ description: 'Names this very answer in the log.', example: 'urn:uuid:0193…' }),
    code: z.string().openapi({ description: 'Stable, for programs.', example: 'config_unknown' }),
    step: z.enum(['fetch', 'format', 'save', 'sync', 'auth', 'validation']),
    effect: z.string().openapi({ description: 'What it did to the data.' }),
    hint: z.string().openapi({ description: 'The fix.' }),
    retry: retrySchema.openapi({ description: 'Whether the same request can succeed later.' }),
    sql: z.string().optional().openapi({ description: 'SQL that repairs it, where SQL does.' }),
    run_id: z.string().optional().openapi({ description: 'The run that it is about.' }),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .openapi({ description: 'Every part of the request that is wrong.' }),
  })
  .openapi('Problem');

export type Problem = z.infer<typeof problemSchema>;
