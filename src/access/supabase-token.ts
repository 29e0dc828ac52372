// Callers with a token of Supabase's sign-in: signed by its secret, and with grants that only a server can have given.
import { z } from 'zod';
import { parseJson } from '../json.ts';
import type { Caller } from './caller.ts';
import { accessOfRole, type Grant } from './permission.ts';

/** How tokens are proven. */
export interface SupabaseTokens {
  /** SUPABASE_JWT_SECRET. */
  secret: string;
  /** SUPABASE_URL: the token must name it as its issuer; null = any. */
  url: string | null;
}

/** Seconds that the clocks of two servers may differ. */
const skew = 60;

const header = z.object({ alg: z.literal('HS256') });
const id = z.union([z.string().regex(/^[1-9]\d{0,17}$/), z.int().positive()]).transform(String);
const grants = z.object({
  role: z.enum(['viewer', 'operator', 'admin']),
  all: z.boolean().default(false),
  concepts: z.array(id).default([]),
  companies: z.array(id).default([]),
  sites: z.array(id).default([]),
});
// Never user_metadata: users write that themselves.
const payload = z.object({
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  nbf: z.number().optional(),
  iss: z.string().optional(),
  sub: z.guid(),
  role: z.literal('authenticated'),
  email: z.string().max(320).optional(),
  app_metadata: z.object({ tillsync: z.unknown().optional() }).optional(),
});

/** Whether a text has the form of a token; our own keys never have. */
export function looksLikeToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

/**
 * The caller behind a token, or null when it is forged, over, not for signed-in users, or of another project. Somebody
 * without `app_metadata.tillsync` is known and may do nothing.
 */
export async function callerOfToken(token: string, { secret, url }: SupabaseTokens): Promise<Caller | null> {
  const [head = '', body = '', signature = ''] = token.split('.');
  // The algorithm is ours to say; a token cannot choose a weaker one, or none.
  if (!header.safeParse(decoded(head)).success) return null;
  if (!(await isSigned(`${head}.${body}`, signature, secret))) return null;
  const parsed = payload.safeParse(decoded(body));
  if (!parsed.success) return null;
  const { aud, exp, nbf, iss, sub, email, app_metadata } = parsed.data;
  const now = Date.now() / 1000;
  if (exp + skew <= now || (nbf !== undefined && nbf - skew > now)) return null;
  if (!(Array.isArray(aud) ? aud : [aud]).includes('authenticated')) return null;
  if (url !== null && iss !== `${url.replace(/\/$/, '')}/auth/v1`) return null;
  return { kind: 'supabase', id: sub, name: email ?? sub, grants: grantsOf(app_metadata?.tillsync) };
}

function grantsOf(claim: unknown): Grant[] {
  const parsed = grants.safeParse(claim);
  if (!parsed.success) return [];
  const { role, all, concepts, companies, sites } = parsed.data;
  const access = accessOfRole[role];
  const at = (level: Grant['level'], ids: readonly string[]) => ids.map((levelId) => ({ access, level, levelId }));
  return [
    ...(all ? [{ access, level: 'all' as const, levelId: null }] : []),
    ...at('concept', concepts),
    ...at('company', companies),
    ...at('site', sites),
  ];
}

async function isSigned(text: string, signature: string, secret: string): Promise<boolean> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'verify',
  ]);
  return await crypto.subtle.verify('HMAC', key, Buffer.from(signature, 'base64url'), encoder.encode(text));
}

function decoded(part: string): unknown {
  try {
    return parseJson(Buffer.from(part, 'base64url').toString());
  } catch {
    return null;
  }
}
