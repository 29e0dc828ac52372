// How a recipe's requests are authenticated: headers, a query member, or tokens that are asked for.
import { z } from 'zod';
import { inputError, TillsyncError } from '../../../errors.ts';
import { checkHeaders } from '../../../net/header-check.ts';
import type { ConnectorSettings, TokenRule } from '../../connector.ts';
import type { AuthRule } from '../schema/auth-schema.ts';

/** What authenticates a request. */
export interface Proof {
  headers: Record<string, string>;
  query: [string, string][];
}

type Secrets = Readonly<Record<string, string>>;

/** The proof of one request; `token` is the access token where tokens are asked for. Throws secret_missing, header_refused. */
export function proofOf(auth: AuthRule, secrets: Secrets, token?: string): Proof {
  const proof = plainProof(auth, secrets, token);
  checkHeaders(proof.headers);
  return proof;
}

function plainProof(auth: AuthRule, secrets: Secrets, token: string | undefined): Proof {
  const header = (name: string, value: string): Proof => ({ headers: { [name]: value }, query: [] });
  switch (auth.kind) {
    case 'none':
      return { headers: {}, query: [] };
    case 'api_key': {
      const key = secretOf(secrets, 'api_key');
      return auth.query === undefined
        ? header(auth.header ?? 'X-API-Key', key)
        : { headers: auth.header === undefined ? {} : { [auth.header]: key }, query: [[auth.query, key]] };
    }
    case 'bearer':
      return header('Authorization', `${auth.scheme} ${secretOf(secrets, 'token')}`.trimStart());
    case 'basic':
      return header('Authorization', basic(secretOf(secrets, 'username'), secretOf(secrets, 'password')));
    case 'headers':
      return { headers: customHeaders(secretOf(secrets, 'headers_json')), query: [] };
    default:
      return token === undefined ? { headers: {}, query: [] } : header('Authorization', `Bearer ${token}`);
  }
}

/** Every secret text that a request sends, in its sent form. Never throws. */
export function sentSecrets(auth: AuthRule, { secrets }: ConnectorSettings): string[] {
  try {
    const { headers, query } = proofOf(auth, secrets);
    return [...Object.values(secrets), ...Object.values(headers), ...query.map(([, value]) => value)];
  } catch (error) {
    // Nothing is sent with settings of which no proof can be made.
    if (error instanceof TillsyncError) return Object.values(secrets);
    throw error;
  }
}

/** How tokens are asked for; undefined where there are none. */
export function tokenRule(auth: AuthRule, baseUrl: TokenRule['url']): TokenRule | undefined {
  if (auth.kind !== 'oauth2_client_credentials' && auth.kind !== 'oauth2_refresh_token') return undefined;
  return {
    url: (params) => new URL(auth.token_url, baseUrl(params).origin),
    request({ secrets }, refreshToken) {
      const client = { client_id: secretOf(secrets, 'client_id'), client_secret: secretOf(secrets, 'client_secret') };
      const grant: Record<string, string> =
        auth.kind === 'oauth2_client_credentials'
          ? { grant_type: 'client_credentials', ...(auth.scope === undefined ? {} : { scope: auth.scope }) }
          : { grant_type: 'refresh_token', refresh_token: refreshToken ?? secretOf(secrets, 'refresh_token') };
      if (auth.send === 'json') return { json: { ...grant, ...client } };
      if (auth.send === 'form') return { form: { ...grant, ...client } };
      return { form: grant, headers: { authorization: basic(client.client_id, client.client_secret) } };
    },
  };
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function secretOf(secrets: Secrets, name: string): string {
  const value = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (value !== undefined && value !== '') return value;
  throw new TillsyncError(`The secret ${name} is not set, and the recipe needs it.`, {
    code: 'secret_missing',
    step: 'fetch',
    status: 422,
    exitCode: 2,
    hint: `Set it: tillsync configs set <config> --secret ${name}=-`,
  });
}

function customHeaders(text: string): Record<string, string> {
  const parsed = z.record(z.string(), z.string()).safeParse(jsonOrNull(text));
  if (parsed.success) return parsed.data;
  throw inputError(
    'settings_invalid',
    'The secret headers_json of this config is not a JSON object of texts.',
    'Set it to something like {"X-Store-Key":"…"}.',
  );
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
