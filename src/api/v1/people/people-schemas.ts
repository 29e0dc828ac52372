// What the routes about people take and answer.
import { z } from '@hono/zod-openapi';
import { timeSchema } from '../schemas/paging.ts';

/** Longer than every password that is taken: what is longer is told so by its rule, and a book is not read. */
export const passwordText = z.string().max(1000).openapi({ description: 'Any characters; nothing is trimmed.' });
export const codeText = z.string().max(100).openapi({ description: 'Six digits of the app, or a recovery code.' });
export const emailText = z.string().max(1000).openapi({ example: 'ada@example.com' });
export const nameText = z.string().max(1000);
export const tokenText = z.string().max(1000).openapi({ description: 'What stands behind the # of the link.' });

const needs = z.enum(['second_factor', 'enrolment']).nullable().openapi({
  description:
    'What the session still waits for, and may do nothing before. second_factor: the code. enrolment: an admin without a second factor sets one up. null: nothing.',
});

export const roleSchema = z
  .strictObject({
    role: z.enum(['viewer', 'operator', 'admin']).openapi({
      description: 'viewer: look. operator: also sync, approve and discard. admin: also change settings and keys.',
    }),
    level: z.enum(['all', 'concept', 'company', 'site']).openapi({ description: 'Where it counts, and below.' }),
    level_id: z.int().positive().nullable().openapi({ description: 'The concept, company or site; null at all.' }),
  })
  .openapi('RoleAtPlace');

export const userSchema = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    disabled: z.boolean(),
    has_password: z.boolean().openapi({ description: 'false: the invitation was not taken yet.' }),
    has_second_factor: z.boolean(),
    roles: z.array(roleSchema),
    last_sign_in_at: timeSchema.nullable(),
    created_at: timeSchema,
  })
  .openapi('User');

export const sessionSchema = z
  .object({
    id: z.string(),
    needs,
    proved_at: timeSchema.openapi({ description: 'What asks for a proof is open for 10 minutes from here.' }),
    user: userSchema,
  })
  .openapi('Session');

export const openSessionSchema = z
  .object({
    id: z.string(),
    created_at: timeSchema,
    last_seen_at: timeSchema,
    expires_at: timeSchema.openapi({ description: 'Its end at the latest; it also ends after 12 hours without use.' }),
    address: z.string().nullable(),
    user_agent: z.string().nullable(),
    current: z.boolean().openapi({ description: 'The one that this request came with.' }),
  })
  .openapi('OpenSession');

export const endedSchema = z.object({ ended: z.number().int().openapi({ description: 'Sessions that ended.' }) });

export const enrolmentSchema = z
  .object({
    uri: z.string().openapi({ description: 'What the QR code says: otpauth://totp/…' }),
    secret: z.string().openapi({ description: 'For typing it into an app.' }),
    qr: z
      .object({ size: z.number().int(), path: z.string() })
      .openapi({ description: 'Drawn as <svg viewBox="0 0 size size"><path d="path">, black on white.' }),
  })
  .openapi('Enrolment');

export const recoveryCodesSchema = z
  .object({
    recovery_codes: z.array(z.string()).openapi({ description: 'Each works once; they cannot be read again.' }),
  })
  .openapi('RecoveryCodes');

export const linkSchema = z
  .object({
    purpose: z.enum(['first_admin', 'invitation', 'new_password']),
    url: z.string().openapi({ description: 'Works once; it cannot be read again.' }),
    expires_at: timeSchema,
  })
  .openapi('SignInLink');
