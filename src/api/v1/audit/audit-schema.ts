// Entries of the audit log as callers see them, and what may be asked of them.
import { z } from '@hono/zod-openapi';
import { timeSchema } from '../schemas/paging.ts';

const fields = z.record(z.string(), z.unknown()).nullable();

export const auditSchema = z
  .object({
    id: z.string(),
    at: timeSchema,
    actor: z.string().openapi({ description: 'Who: user:…, key:…, cli:…, anonymous, or tillsync itself.' }),
    actor_id: z.string().nullable(),
    action: z.string().openapi({ example: 'config.changed' }),
    subject_type: z.string().nullable(),
    subject_id: z.string().nullable(),
    subject_name: z.string().nullable(),
    source_id: z.string().nullable(),
    concept_id: z.int().nullable(),
    company_id: z.int().nullable(),
    site_id: z.int().nullable(),
    address: z.string().nullable().openapi({ description: "The caller's address." }),
    request_id: z.string().nullable(),
    before: fields,
    after: fields.openapi({ description: 'The fields that changed; of a secret only that it was set.' }),
  })
  .openapi('AuditEntry');

const time = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

// Nothing that is stored has a NUL, and the file has begun when PostgreSQL would say so.
const text = z
  .string()
  .max(1000)
  .regex(/^[^\0]*$/, 'a text has no NUL');

/** Filters of the list and the export. */
export const auditFilter = {
  actor: text.optional(),
  action: z
    .string()
    .regex(/^[a-z_]{1,40}(\.[a-z_]{1,40})?$/)
    .optional()
    .openapi({ description: 'One action, e.g. config.changed, or all of a subject, e.g. config.' }),
  subject: text.optional().openapi({ description: 'The id of what it was done to.' }),
  from: time.optional().openapi({ description: 'The first time that is included; a day begins in UTC.' }),
  to: time.optional().openapi({ description: 'The first time that is not.' }),
};
