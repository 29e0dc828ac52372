// The settings of a Clover config: what they are, which are secret, and the addresses they lead to.
import { z } from 'zod';
import { inputError, TillsyncError } from '../../errors.ts';
import type { ConnectorSettings } from '../connector.ts';
import { settingsReader, settingUnusable } from '../read-settings.ts';

/** What nobody could read in a stored text of the vendor; see README.md. */
const unverified = 'Not confirmed by the vendor’s own text, hence a setting.';

/** Every param of a Clover config. */
export const settings = z.strictObject({
  merchant_id: z
    .string()
    .regex(/^[A-Za-z0-9]{1,64}$/, 'must be the id of a merchant: letters and digits')
    .describe('Id of the merchant at Clover ({mId}); the identity.')
    .meta({ title: 'Merchant id' }),
  base_url: z
    .string()
    .default('https://api.clover.com')
    .describe(
      'North America: https://api.clover.com, Europe: https://api.eu.clover.com, Latin America: https://api.la.clover.com, sandbox: https://apisandbox.dev.clover.com.',
    )
    .meta({ title: 'API address' }),
  auth: z
    .enum(['token', 'oauth'])
    .default('token')
    .describe('token: an API token of the merchant (secret token). oauth: OAuth v2 (client_id, secret refresh_token).')
    .meta({ title: 'Authentication' }),
  client_id: z
    .string()
    .min(1)
    .optional()
    .describe('Id of your app at Clover; for auth oauth.')
    .meta({ title: 'App id' }),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as USD')
    .optional()
    .describe('ISO 4217; default: what the merchant’s record says.')
    .meta({ title: 'Currency' }),
  page_size: z
    .int()
    .min(2)
    .max(1_000)
    .default(500)
    .describe('Rows per request; Clover allows 1,000.')
    .meta({ title: 'Page size' }),
  merchant_expand: z
    .string()
    .regex(/^[\w.,]*$/, 'must be names with commas between them')
    .default('properties,address')
    .describe(`What the merchant’s record is asked to bring along: its currency. ${unverified}`)
    .meta({ title: 'Merchant details' }),
  modifiers_path: z
    .string()
    .regex(/^[\w/-]*\{group\}[\w/-]*$/, 'must be a path with {group} in it')
    .default('modifier_groups/{group}/modifiers')
    .describe(`Where the modifiers of one group are read when it has 100 or more. ${unverified}`)
    .meta({ title: 'Path of modifiers' }),
  item_groups_path: z
    .string()
    .regex(/^([\w/-]*\{item\}[\w/-]*)?$/, 'must be a path with {item} in it, or empty')
    .default('items/{item}/modifier_groups')
    .describe(
      `Where the groups of one item are read when it has 100 or more; empty = do not ask, such items are told. ${unverified}`,
    )
    .meta({ title: 'Path of an item’s groups' }),
  deleted_filter: z
    .string()
    .regex(/^[\w.=<>!]*$/, 'must be a filter such as deleted=true')
    .default('deleted=true')
    .describe(`Filter that finds deleted items among the changed ones; empty = do not ask. ${unverified}`)
    .meta({ title: 'Filter of deleted items' }),
});

/** Names of the fields that are kept encrypted. */
export const secretFields = ['token', 'refresh_token'] as const;

/** Name of the secret of a webhook endpoint: the app's Clover auth code. */
export const webhookSecret = 'auth_code';

type Params = Readonly<Record<string, unknown>>;
export type CloverSettings = z.output<typeof settings>;

const readAll = settingsReader(settings, 'Clover');

/** The settings of a config that is to run. Throws TillsyncError settings_invalid naming the first wrong field. */
export function readSettings(params: Params): CloverSettings {
  const read = readAll(params);
  if (read.auth === 'oauth' && read.client_id === undefined) {
    throw settingUnusable('Clover', { field: 'client_id', why: 'auth oauth needs the id of your app' });
  }
  return read;
}

/** The currency that the config states, or null. Everything else may be missing then. */
export function statedCurrency(params: Params): string | null {
  const parsed = settings.shape.currency.safeParse(params.currency);
  return parsed.success ? (parsed.data ?? null) : null;
}

/** The secret that these params need. */
export function requiredSecrets(params: Params): readonly string[] {
  const auth = settings.shape.auth.safeParse(params.auth);
  return auth.success ? [secretOf(auth.data)] : [];
}

function secretOf(auth: CloverSettings['auth']): (typeof secretFields)[number] {
  return auth === 'oauth' ? 'refresh_token' : 'token';
}

/** The secret that `auth` needs. Throws TillsyncError secret_missing. */
export function readSecret({ secrets }: ConnectorSettings, auth: CloverSettings['auth']): string {
  const name = secretOf(auth);
  const secret = secrets[name];
  if (secret !== undefined && secret !== '') return secret;
  throw new TillsyncError(`The secret ${name} is not set, and auth ${auth} needs it.`, {
    code: 'secret_missing',
    step: 'fetch',
    status: 422,
    exitCode: 2,
    hint: `Set it: tillsync configs set <config> --secret ${name}=-`,
  });
}

/** The base URL, without query, fragment or user. Throws TillsyncError base_url_invalid. */
export function baseUrl(params: Params): URL {
  const text = params.base_url ?? 'https://api.clover.com';
  const url = typeof text === 'string' ? URL.parse(text) : null;
  const isUsable =
    url !== null &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (isUsable) return url;
  throw inputError(
    'base_url_invalid',
    'The base_url of this Clover config is not usable.',
    'Set base_url to https://api.clover.com, or to the address of your region, without user name, ? or #.',
  );
}

/** The address of what lies below a merchant, e.g. 'items'; '' = the merchant itself. */
export function merchantUrl(params: Params, path: string): URL {
  const url = baseUrl(params);
  const { merchant_id } = readSettings(params);
  const root = `${url.pathname.replace(/\/+$/, '')}/v3/merchants/${encodeURIComponent(merchant_id)}`;
  url.pathname = path === '' ? root : `${root}/${path}`;
  return url;
}

/** Where access tokens are issued for a refresh token. */
export function tokenUrl(params: Params): URL {
  return new URL('/oauth/v2/refresh', baseUrl(params));
}
