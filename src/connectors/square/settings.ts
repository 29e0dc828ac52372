// The settings of a Square config: what they are, which are secret, the addresses they lead to and how tokens are issued.
import { z } from 'zod';
import { inputError, TillsyncError } from '../../errors.ts';
import { type IssuedToken, readOAuthToken } from '../../net/manners/token-store.ts';
import type { ConnectorSettings, TokenRule } from '../connector.ts';
import { settingsReader, settingUnusable } from '../read-settings.ts';

const text = z.union([z.string().min(1), z.number()]).transform(String);
const production = 'https://connect.squareup.com';

/** Every param of a Square config. Unknown ones are refused when a config is set, and ignored when one runs. */
export const settings = z.strictObject({
  merchant_id: text
    .optional()
    .describe('The seller; the identity. *Test connection* tells it.')
    .meta({ title: 'Merchant id' }),
  base_url: z
    .string()
    .default(production)
    .describe('https://connect.squareup.com, or https://connect.squareupsandbox.com for the sandbox.')
    .meta({ title: 'API address' }),
  square_version: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/, 'must be a version of the Square API such as 2025-08-20')
    .default('2025-08-20')
    .describe('Version of the API, sent as Square-Version.')
    .meta({ title: 'API version' }),
  auth: z
    .enum(['token', 'oauth'])
    .default('token')
    .describe('token = a personal access token; oauth = a refresh token of your application.')
    .meta({ title: 'Authentication' }),
  client_id: z.string().min(1).optional().describe('Application id; for auth oauth.').meta({ title: 'Application id' }),
  location_ids: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Only these locations are told by item; default those that an item names.')
    .meta({ title: 'Locations' }),
});

/** Names of the fields that are kept encrypted. */
export const secretFields = ['token', 'client_secret', 'refresh_token'] as const;

type Params = Readonly<Record<string, unknown>>;
type SquareSettings = z.output<typeof settings>;

const secretsOfAuth: Readonly<Record<SquareSettings['auth'], readonly (typeof secretFields)[number][]>> = {
  token: ['token'],
  oauth: ['client_secret', 'refresh_token'],
};

const readAll = settingsReader(settings, 'Square');
const readLocations = settingsReader(settings.pick({ location_ids: true }), 'Square');

/** The settings of a config that is to run. Throws TillsyncError settings_invalid naming the first wrong field. */
export function readSettings(params: Params): SquareSettings {
  return readAll(params);
}

/** The locations that formatting is about, or null = those that the items name. */
export function readLocationIds(params: Params): readonly string[] | null {
  return readLocations(params).location_ids ?? null;
}

/** The secrets that these params need; unusable params need none. */
export function requiredSecrets(params: Params): readonly string[] {
  const auth = settings.shape.auth.safeParse(params.auth);
  return auth.success ? secretsOfAuth[auth.data] : [];
}

/** The base URL. It may have a path, but no query, fragment or user. Throws TillsyncError base_url_invalid. */
export function baseUrl(params: Params): URL {
  const address = params.base_url ?? production;
  const url = typeof address === 'string' ? URL.parse(address) : null;
  const isUsable =
    url !== null && /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (isUsable) return url;
  throw inputError(
    'base_url_invalid',
    'The base_url of this Square config is not usable.',
    `Leave it out for ${production}, or set it to https://connect.squareupsandbox.com for the sandbox.`,
  );
}

/** The address of one endpoint, e.g. '/v2/catalog/search'. */
export function addressOf(params: Params, path: string): URL {
  const url = baseUrl(params);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
  return url;
}

/** A secret that the config needs. Throws TillsyncError secret_missing. */
export function secretOf({ params, secrets }: ConnectorSettings, name: (typeof secretFields)[number]): string {
  const value = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (value !== undefined && value !== '') return value;
  throw new TillsyncError(`The secret ${name} is not set, and auth ${readSettings(params).auth} needs it.`, {
    code: 'secret_missing',
    step: 'fetch',
    status: 422,
    exitCode: 2,
    hint: `Set it: tillsync configs set <config> --secret ${name}=-`,
  });
}

// Square advises to renew at least every 7 days, though a token lives for 30.
const mostLifeSeconds = 7 * 86_400;

/** OAuth: the code flow's refresh token, which stays the same, for an access token of 30 days. */
export const token: TokenRule = {
  url: (params) => addressOf(params, '/oauth2/token'),
  request(config, refreshToken) {
    const { client_id, square_version } = readSettings(config.params);
    if (client_id === undefined) throw settingUnusable('Square', { field: 'client_id', why: 'auth oauth needs it' });
    return {
      json: {
        client_id,
        client_secret: secretOf(config, 'client_secret'),
        grant_type: 'refresh_token',
        refresh_token: refreshToken ?? secretOf(config, 'refresh_token'),
      },
      headers: { 'Square-Version': square_version },
    };
  },
  read(answer, now): IssuedToken {
    const issued = readOAuthToken(answer);
    const { expires_at } = answer as { expires_at?: unknown };
    const end = typeof expires_at === 'string' ? Date.parse(expires_at) : Number.NaN;
    if (Number.isNaN(end)) return issued;
    const seconds = Math.floor((end - now.getTime()) / 1_000);
    // One that is said to be over already: clocks differ, and the POS's refusal decides.
    return { ...issued, lifeSeconds: seconds <= 0 ? null : Math.min(seconds, mostLifeSeconds) };
  },
};
