// How a recipe's requests are authenticated, and which secrets each way needs.
import { z } from 'zod';

const tokenUrl = z
  .string()
  .regex(
    /^(https:\/\/[^{}]+|\/(?![/\\])[^{}]*)$/,
    'must be an https:// address or a path at the base URL, without placeholders',
  )
  .describe('Where tokens are asked for: a path at the origin of the base URL, or an https:// address.');

/** auth of a recipe. */
export const authSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z
      .strictObject({
        kind: z.literal('api_key'),
        header: z.string().min(1).optional(),
        query: z.string().min(1).optional(),
      })
      .describe('Secret api_key, in a header (default X-API-Key) or a query member.'),
    z
      .strictObject({
        kind: z.literal('bearer'),
        scheme: z.string().max(40).default('Bearer').describe('"" sends the token alone.'),
      })
      .describe('Secret token, in the header Authorization.'),
    z.strictObject({ kind: z.literal('basic') }).describe('Secrets username and password.'),
    z.strictObject({ kind: z.literal('headers') }).describe('Secret headers_json: an object of headers.'),
    z
      .strictObject({
        kind: z.literal('oauth2_client_credentials'),
        token_url: tokenUrl,
        scope: z.string().optional(),
        send: z
          .enum(['form', 'json', 'basic'])
          .default('form')
          .describe('basic: the credentials in the header, the rest as form.'),
      })
      .describe('Secrets client_id and client_secret; tokens are asked for and kept.'),
    z
      .strictObject({
        kind: z.literal('oauth2_refresh_token'),
        token_url: tokenUrl,
        send: z.enum(['form', 'json', 'basic']).default('form'),
      })
      .describe('Secrets client_id, client_secret and refresh_token; tokens are renewed and kept.'),
  ])
  .describe('How requests are authenticated. Secrets are set in the config and never stand in a recipe.')
  .meta({ id: 'auth' })
  .default({ kind: 'none' });
export type AuthRule = z.output<typeof authSchema>;

/** Secret fields of each way. */
export const secretsOfAuth: Readonly<Record<AuthRule['kind'], readonly string[]>> = {
  none: [],
  api_key: ['api_key'],
  bearer: ['token'],
  basic: ['username', 'password'],
  headers: ['headers_json'],
  oauth2_client_credentials: ['client_id', 'client_secret'],
  oauth2_refresh_token: ['client_id', 'client_secret', 'refresh_token'],
};
