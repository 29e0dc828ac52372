// The settings of a Lightspeed Restaurant K-Series config: what they are, the addresses they lead to, and how it gets tokens.
import { z } from 'zod';
import { kinds } from '../../catalog/item.ts';
import { inputError, TillsyncError } from '../../errors.ts';
import type { ConnectorSettings, TokenRule } from '../connector.ts';
import { settingsReader } from '../read-settings.ts';

const int64 = z
  .union([z.string().regex(/^\d{1,19}$/, 'must be a number of up to 19 digits'), z.int().min(0)])
  .transform(String);

/** Every param of a config. Unknown ones are refused when a config is set, and ignored when one runs. */
export const settings = z.strictObject({
  business_location_id: int64
    .describe('Id of the business location; the identity.')
    .meta({ title: 'Business location id' }),
  base_url: z
    .string()
    .default('https://api.lsk.lightspeed.app')
    .describe('Address of the API; https://api.trial.lsk.lightspeed.app for trial accounts.')
    .meta({ title: 'API address' }),
  token_url: z
    .string()
    .optional()
    .describe('Where tokens are issued; default <base_url>/oauth/token.')
    .meta({ title: 'Token address' }),
  client_auth: z
    .enum(['basic', 'body'])
    .default('basic')
    .describe('How the client is named when a token is asked for: by HTTP Basic or in the body.')
    .meta({ title: 'Client authentication' }),
  read: z
    .array(z.enum(kinds))
    .min(1)
    .default([...kinds])
    .describe('Kinds that are read; default all.')
    .meta({ title: 'Kinds to read' }),
  account_profile: z
    .string()
    .min(1)
    .optional()
    .describe('Code of the order profile whose prices the menus show.')
    .meta({ title: 'Order profile' }),
  menus: z
    .array(int64)
    .default([])
    .describe('Ids of the menus whose modifiers are read; default all.')
    .meta({ title: 'Menus' }),
  page_size: z
    .int()
    .min(50)
    .max(1_000)
    .default(1_000)
    .describe('How many items are asked for at once.')
    .meta({ title: 'Page size' }),
  price_name: z
    .string()
    .min(1)
    .optional()
    .describe('Name of the price of an item; default its first one.')
    .meta({ title: 'Price name' }),
  modifier_price: z
    .enum(['product_price', 'extra_price'])
    .default('product_price')
    .describe('Which price of a modifier is its price.')
    .meta({ title: 'Price of a modifier' }),
  active_means: z
    .enum(['on_sale', 'archived', 'nothing'])
    .default('on_sale')
    .describe('What active: true says of an item.')
    .meta({ title: 'Meaning of active' }),
  exclude_item_types: z
    .array(z.string().min(1))
    .default([])
    .describe('Items of these types (ITEM, SEQUENCE, GROUP, SUB_ITEM) are left out and counted.')
    .meta({ title: 'Item types to leave out' }),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR')
    .optional()
    .describe('ISO 4217; the catalog does not say it.')
    .meta({ title: 'Currency' }),
});

/** Names of the fields that are kept encrypted; all are needed. */
export const secretFields = ['client_id', 'client_secret', 'refresh_token'] as const;

type Params = Readonly<Record<string, unknown>>;

const readAll = settingsReader(settings, 'Lightspeed');

/** The settings of a config that is to run. Throws TillsyncError settings_invalid naming the first wrong field. */
export function readSettings(params: Params): z.output<typeof settings> {
  return readAll(params);
}

const formatFields = settings.pick({
  price_name: true,
  modifier_price: true,
  active_means: true,
  exclude_item_types: true,
  currency: true,
});
const readFormat = settingsReader(formatFields, 'Lightspeed');

/** The settings that formatting looks at; the others, the identity among them, may be missing then. */
export function readFormatSettings(params: Params): z.output<typeof formatFields> {
  return readFormat(params);
}

/** The base URL, without a path of its own being lost. Throws TillsyncError base_url_invalid. */
export function baseUrl(params: Params): URL {
  return usableUrl('base_url', params.base_url ?? 'https://api.lsk.lightspeed.app');
}

/** An address below the base URL; the query is percent-encoded. */
export function apiUrl(params: Params, path: string, query: Readonly<Record<string, string>> = {}): URL {
  const url = baseUrl(params);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`;
  url.search = new URLSearchParams(query).toString();
  return url;
}

/** Access tokens live for 60 minutes; each refresh token works once, and the answer brings the next. */
export const tokenRule: TokenRule = {
  url: (params) =>
    params.token_url === undefined ? apiUrl(params, 'oauth/token') : usableUrl('token_url', params.token_url),
  request({ params, secrets }, refreshToken) {
    const client = { client_id: secretOf(secrets, 'client_id'), client_secret: secretOf(secrets, 'client_secret') };
    const grant = { grant_type: 'refresh_token', refresh_token: refreshToken ?? secretOf(secrets, 'refresh_token') };
    if (readSettings(params).client_auth === 'body') return { form: { ...grant, ...client } };
    return { form: grant, headers: { Authorization: basic(client) } };
  },
};

/** Every secret text of a request: the secrets as stored, and the header that is made of two of them. */
export function secretTexts({ secrets }: ConnectorSettings): string[] {
  const { client_id, client_secret } = secrets;
  const made = client_id === undefined || client_secret === undefined ? [] : [basic({ client_id, client_secret })];
  return [...Object.values(secrets), ...made];
}

function basic({ client_id, client_secret }: { client_id: string; client_secret: string }): string {
  return `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;
}

function usableUrl(name: string, text: unknown): URL {
  const url = typeof text === 'string' ? URL.parse(text) : null;
  const isUsable =
    url !== null &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (isUsable) return url;
  throw inputError(
    'base_url_invalid',
    `The ${name} of this Lightspeed config is not usable.`,
    `Set ${name} to an address such as https://api.lsk.lightspeed.app, without user name, ? or #.`,
  );
}

function secretOf(secrets: ConnectorSettings['secrets'], name: (typeof secretFields)[number]): string {
  const value = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (value !== undefined && value !== '') return value;
  throw new TillsyncError(`The secret ${name} is not set, and Lightspeed needs it.`, {
    code: 'secret_missing',
    step: 'fetch',
    status: 422,
    exitCode: 2,
    hint: `Set it: tillsync configs set <config> --secret ${name}=-`,
  });
}
