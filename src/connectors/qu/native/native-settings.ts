// What the native form asks and with what: its addresses, its headers and how it gets tokens.
import { inputError, TillsyncError } from '../../../errors.ts';
import type { ConnectorSettings, TokenRule } from '../../connector.ts';
import { isNative, readSettings } from '../settings.ts';
import { nativeNeeds } from './native-fields.ts';

type Params = Readonly<Record<string, unknown>>;

const usualGateway = 'https://gateway-api.qubeyond.com/api/v4';

/**
 * The address of the gateway, never that of the intermediary: client_secret is sent there. Without a slash at its end.
 * Throws TillsyncError base_url_invalid.
 */
export function gatewayUrl(params: Params): URL {
  const text = params.gateway_url ?? usualGateway;
  const url = typeof text === 'string' ? URL.parse(text) : null;
  const isUsable =
    url !== null &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (!isUsable) {
    throw inputError(
      'base_url_invalid',
      'The gateway_url of this Qu config is not usable.',
      `Set gateway_url to an address such as ${usualGateway}, without user name, ? or #.`,
    );
  }
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

/** The address of one menu; `generation` is what the last answer said of its age, or null to have it in any case. */
export function menuUrl(params: Params, generation: string | null): URL {
  const { establishment, location_id, order_channel_id, order_type_id } = readNative(params);
  const url = below(params, 'menus');
  url.searchParams.set('LocationId', location_id ?? establishment);
  url.searchParams.set('OrderChannelId', order_channel_id ?? '');
  url.searchParams.set('OrderTypeId', order_type_id ?? '');
  if (generation !== null) url.searchParams.set('PrevGenerationTime', generation);
  return url;
}

/** The address of what Qu tells of the location, its order types included. */
export function locationUrl(params: Params): URL {
  const { establishment, location_id } = readNative(params);
  const url = below(params, `locations/${encodeURIComponent(location_id ?? establishment)}`);
  url.search = '?IncludeContextOptions=true&FulfillmentMethod=1';
  return url;
}

/** The headers of a request with this access token. */
export function nativeHeaders(params: Params, accessToken: string): Record<string, string> {
  return { Authorization: `Bearer ${accessToken}`, 'X-Integration': readNative(params).integration_id ?? '' };
}

/** Client credentials; Qu knows no refresh token, each token is a new one. */
export const tokenRule: TokenRule = {
  applies: isNative,
  url: (params) => below(params, 'authentication/oauth2/access-token'),
  request: ({ secrets }) => ({
    form: {
      grant_type: 'client_credentials',
      client_id: secretOf(secrets, 'client_id'),
      client_secret: secretOf(secrets, 'client_secret'),
    },
  }),
};

function below(params: Params, path: string): URL {
  const url = gatewayUrl(params);
  url.pathname = `${url.pathname === '/' ? '' : url.pathname}/${path}`;
  return url;
}

/** The settings of a config of the native form. Throws TillsyncError settings_invalid naming what is wrong or missing. */
export function readNative(params: Params): ReturnType<typeof readSettings> {
  const read = readSettings(params);
  const missing = nativeNeeds.find((name) => read[name] === undefined);
  if (missing === undefined) return read;
  throw inputError(
    'settings_invalid',
    `The setting ${missing} of this Qu config is missing, and the native form needs it.`,
    `Set it: tillsync configs set <config> --param ${missing}=…`,
  );
}

function secretOf(secrets: ConnectorSettings['secrets'], name: string): string {
  const value = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (value !== undefined && value !== '') return value;
  throw new TillsyncError(`The secret ${name} is not set, and the native form needs it.`, {
    code: 'secret_missing',
    step: 'fetch',
    status: 422,
    exitCode: 2,
    hint: `Set it: tillsync configs set <config> --secret ${name}=-`,
  });
}
