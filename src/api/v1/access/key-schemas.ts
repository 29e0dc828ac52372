// What the routes of API keys take and answer.
import { z } from '@hono/zod-openapi';
import { timeSchema } from '../schemas/paging.ts';

const access = z.enum(['read', 'sync', 'admin']).openapi({
  description: 'read: look. sync: also sync, approve and discard. admin: also change settings and keys.',
});
const place = {
  level: z.enum(['all', 'concept', 'company', 'site']).openapi({ description: 'Where it counts, and below.' }),
  level_id: z.number().int().nullable().openapi({ description: 'The concept, company or site; null = everywhere.' }),
};

export const newKeySchema = z
  .strictObject({
    name: z.string().max(1000).openapi({ description: 'Who will use it, as the history will say.' }),
    access,
    level: place.level.optional(),
    level_id: z.int().positive().optional(),
    expires_at: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Default: never.' }),
  })
  .openapi('NewKey');

export const createdKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string().openapi({ description: 'Its first characters, to recognise it.' }),
    access,
    ...place,
    expires_at: timeSchema.nullable(),
    key: z.string().openapi({ description: 'The key itself; it cannot be read again.' }),
  })
  .openapi('CreatedKey');

export const keySchema = createdKeySchema
  .omit({ key: true })
  .extend({
    created_at: timeSchema,
    created_by: z.string().nullable(),
    last_used_at: timeSchema.nullable(),
    revoked_at: timeSchema.nullable(),
    revoked_by: z.string().nullable(),
    replaced_by: z.string().nullable().openapi({ description: 'The key that takes over from this one.' }),
  })
  .openapi('Key');

export const rotationSchema = z
  .strictObject({
    overlap_hours: z.number().min(0).max(720).optional().openapi({ description: 'How long the old one goes on; 24.' }),
  })
  .openapi('KeyRotation');
