// The settings of a Toast config: what they are, which are secret, and the addresses they lead to.
import { z } from 'zod';
import { inputError, TillsyncError } from '../../errors.ts';
import type { ConnectorSettings } from '../connector.ts';
import { settingsReader, usableBase } from '../read-settings.ts';

const productionUrl = 'https://ws-api.toasttab.com';

/** Every param of a Toast config. Unknown ones are refused when a config is set, and ignored when one runs. */
export const settings = z.strictObject({
  restaurant_guid: z
    .string()
    .regex(/^[!-~]+$/, 'must be the GUID as Toast shows it, without blanks')
    .describe('GUID of the restaurant (one location) at Toast; the identity.')
    .meta({ title: 'Restaurant GUID' }),
  client_id: z
    .string()
    .min(1)
    .describe('Client id of the API credentials; its client secret is set beside the params.')
    .meta({ title: 'Client id' }),
  base_url: z
    .string()
    .default(productionUrl)
    .describe(`Address of the Toast APIs; default ${productionUrl}.`)
    .meta({ title: 'API address' }),
  menus_version: z
    .enum(['v2', 'v3'])
    .default('v2')
    .describe('Version of the menus API; ordering partners get v3.')
    .meta({ title: 'Menus API version' }),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as USD')
    .optional()
    .describe('ISO 4217; Toast does not say it.')
    .meta({ title: 'Currency' }),
});

/** Names of the fields that are kept encrypted. */
export const secretFields = ['client_secret'] as const;

type Params = Readonly<Record<string, unknown>>;

const readAll = settingsReader(settings, 'Toast');
const readFormat = settingsReader(settings.pick({ currency: true }), 'Toast');

/** The settings of a config that is to run. Throws TillsyncError settings_invalid naming the first wrong field. */
export function readSettings(params: Params): z.output<typeof settings> {
  return readAll(params);
}

/** The settings that formatting looks at; the others may be missing then. */
export function readFormatSettings(params: Params): Pick<z.output<typeof settings>, 'currency'> {
  return readFormat(params);
}

/** The base URL; it may have a path, but no query, fragment or user. Throws TillsyncError base_url_invalid. */
export function baseUrl(params: Params): URL {
  const url = usableBase(params.base_url ?? productionUrl);
  if (url !== null) return url;
  throw inputError(
    'base_url_invalid',
    'The base_url of this Toast config is not usable.',
    `Leave it out for ${productionUrl}, or set an address without user name, ? or #.`,
  );
}

/** The address of one endpoint, e.g. of '/menus/v2/menus'. Query values are percent-encoded, a plus sign too. */
export function endpoint(params: Params, path: string, query: Readonly<Record<string, string>> = {}): URL {
  const url = baseUrl(params);
  url.pathname = url.pathname.replace(/\/+$/, '') + path;
  url.search = Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  return url;
}

/** The client secret. Throws TillsyncError secret_missing. */
export function clientSecret({ secrets }: ConnectorSettings): string {
  const secret = Object.hasOwn(secrets, 'client_secret') ? secrets.client_secret : undefined;
  if (secret !== undefined && secret !== '') return secret;
  throw new TillsyncError('The secret client_secret is not set, and Toast issues no token without it.', {
    code: 'secret_missing',
    step: 'fetch',
    status: 422,
    exitCode: 2,
    hint: 'Set it: tillsync configs set <config> --secret client_secret=-',
  });
}
