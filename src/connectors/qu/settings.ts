// The settings of a Qu config: what they are, which are secret, the address they lead to and the headers they make.
import { z } from 'zod';
import { inputError, TillsyncError } from '../../errors.ts';
import { checkHeaders } from '../../net/header-check.ts';
import type { ConnectorSettings } from '../connector.ts';
import { settingsReader, usableBase } from '../read-settings.ts';
import { idText, nativeFields, nativeNeeds } from './native/native-fields.ts';

const fields = z.strictObject({
  form: z
    .enum(['intermediary', 'native'])
    .default('intermediary')
    .describe('Which API is read: the integration API (intermediary), or the own gateway of Qu (native, v4).')
    .meta({ title: 'API' }),
  brand: idText.describe('Concept at Qu; part of the identity.').meta({ title: 'Brand' }),
  establishment: idText
    .describe('Establishment (location id) at Qu; part of the identity.')
    .meta({ title: 'Establishment' }),
  base_url: z
    .string()
    .optional()
    .describe('Address of the integration API, e.g. https://qubeyond-api.example.com.')
    .meta({ title: 'API address' }),
  wand_domain: z
    .string()
    .optional()
    .describe('Kept from the original: stands for base_url https://qubeyond-<wand_domain>.')
    .meta({ title: 'Original domain' }),
  as_of: z
    .string()
    .refine(isWallTime, 'must be a real date and time, yyyy-mm-ddTHH:MM:SS')
    .optional()
    .describe('Menu as of this local date and time, yyyy-mm-ddTHH:MM:SS; default the time of the run.')
    .meta({ title: 'Menu as of' }),
  time_zone: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone such as America/Chicago')
    .default('UTC')
    .describe('Zone in which date and time of the run are sent.')
    .meta({ title: 'Time zone' }),
  exclude_categories: z
    .array(z.string().min(1))
    .default([])
    .describe('Products and modifiers whose category contains one of these texts are left out and counted.')
    .meta({ title: 'Categories to leave out' }),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as USD')
    .optional()
    .describe('ISO 4217; Qu does not say it.')
    .meta({ title: 'Currency' }),
  auth: z
    .enum(['none', 'api_key', 'bearer', 'basic', 'headers'])
    .default('none')
    .describe('How requests of the intermediary form are authenticated; the secrets are set beside the params.')
    .meta({ title: 'Authentication' }),
  ...nativeFields,
});

/** Every param of a Qu config. Unknown ones are refused when a config is set, and ignored when one runs. */
export const settings = fields.superRefine((params, context) => {
  if (params.form !== 'native') return;
  const code = 'custom' as const;
  for (const name of nativeNeeds) {
    if (params[name] === undefined) context.addIssue({ code, path: [name], message: 'the native form needs it' });
  }
});

/** Names of the fields that are kept encrypted. */
export const secretFields = [
  'api_key',
  'token',
  'username',
  'password',
  'headers_json',
  'client_id',
  'client_secret',
] as const;

type Params = Readonly<Record<string, unknown>>;
type Auth = z.output<typeof settings>['auth'];

const secretsOfAuth: Readonly<Record<Auth, readonly (typeof secretFields)[number][]>> = {
  none: [],
  api_key: ['api_key'],
  bearer: ['token'],
  basic: ['username', 'password'],
  headers: ['headers_json'],
};

const readAll = settingsReader(fields, 'Qu');
const readBrand = settingsReader(fields.pick({ brand: true }), 'Qu');
const readAuth = settingsReader(fields.pick({ auth: true }), 'Qu');

/** The settings of a config that is to run. Throws TillsyncError settings_invalid naming the first wrong field. */
export function readSettings(params: Params): z.output<typeof settings> {
  return readAll(params);
}

/** Whether these params mean the native form; unusable ones mean the intermediary. */
export function isNative(params: Params): boolean {
  return params.form === 'native';
}

const formatFields = fields.pick({
  exclude_categories: true,
  currency: true,
  item_types: true,
  group_prefixes: true,
});
const readFormat = settingsReader(formatFields, 'Qu');

/** The settings that formatting looks at; the others, the identity among them, may be missing then. */
export function readFormatSettings(params: Params): z.output<typeof formatFields> {
  return readFormat(params);
}

/** The secrets that these params need; unusable params need none. */
export function requiredSecrets(params: Params): readonly string[] {
  if (isNative(params)) return ['client_id', 'client_secret'];
  const auth = fields.shape.auth.safeParse(params.auth);
  return auth.success ? secretsOfAuth[auth.data] : [];
}

/** The base URL that the original built from `wand_domain`, or null without one. */
export function adoptedBaseUrl(params: Params): string | null {
  const domain = params.wand_domain;
  // A host name and perhaps a port: nothing that could turn the address into another one.
  if (typeof domain !== 'string' || !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i.test(domain)) return null;
  return `https://qubeyond-${domain}`;
}

/**
 * The base URL: `base_url`, else what `wand_domain` stands for. It may have a path, but no query, fragment or user.
 * Throws TillsyncError base_url_invalid.
 */
export function baseUrl(params: Params): URL {
  const text = params.base_url ?? adoptedBaseUrl(params);
  const url = usableBase(text);
  if (url !== null) return url;
  throw inputError(
    'base_url_invalid',
    typeof text === 'string' ? 'The base_url of this Qu config is not usable.' : 'This Qu config has no base_url.',
    'Set base_url to an address such as https://qubeyond-api.example.com, without user name, ? or #.',
  );
}

/**
 * The address of one catalog. Everything but the base URL is percent-encoded into the query. Date and time are the
 * same moment in the same zone: `as_of` as it stands, else `now` in `time_zone`.
 */
export function catalogUrl(params: Params, now: Date): URL {
  const { brand, establishment, as_of, time_zone } = readSettings(params);
  const url = integrationUrl(params);
  const [date = '', time = ''] = (as_of ?? wallTime(now, time_zone)).split('T');
  url.search = `?id=${encodeURIComponent(establishment)}&concept=${encodeURIComponent(brand)}&date=${date}&time=${time}`;
  return url;
}

/** The address of the brand's list of restaurants; all else than the brand may be missing. */
export function locationsUrl(params: Params): URL {
  const { brand } = readBrand(params);
  const url = integrationUrl(params);
  url.search = `?concept=${encodeURIComponent(brand)}&locations=true`;
  return url;
}

function integrationUrl(params: Params): URL {
  const url = baseUrl(params);
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = /\/integration$/i.test(path) ? path : `${path}/integration`;
  return url;
}

/** The headers that authenticate a request. Throws TillsyncError secret_missing or header_refused. */
export function authHeaders({ params, secrets }: ConnectorSettings): Record<string, string> {
  const { auth } = readAuth(params);
  const secret = (name: (typeof secretFields)[number]) => {
    const value = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
    if (value === undefined || value === '') throw secretMissing(name, auth);
    return value;
  };
  const headers = headersOf(auth, secret);
  checkHeaders(headers);
  return headers;
}

/** Every secret text of a request: the secrets as stored, and the header values that are made of them. */
export function secretTexts(settings: ConnectorSettings): string[] {
  return [...Object.values(settings.secrets), ...sentValues(settings)];
}

function sentValues(settings: ConnectorSettings): string[] {
  try {
    return Object.values(authHeaders(settings));
  } catch (error) {
    // Nothing is sent with settings of which no headers can be made.
    if (error instanceof TillsyncError) return [];
    throw error;
  }
}

function headersOf(auth: Auth, secret: (name: (typeof secretFields)[number]) => string): Record<string, string> {
  switch (auth) {
    case 'none':
      return {};
    case 'api_key':
      return { 'X-API-Key': secret('api_key') };
    case 'bearer':
      return { Authorization: `Bearer ${secret('token')}` };
    case 'basic': {
      const pair = `${secret('username')}:${secret('password')}`;
      return { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
    }
    case 'headers':
      return customHeaders(secret('headers_json'));
  }
}

function customHeaders(text: string): Record<string, string> {
  const parsed = z.record(z.string(), z.string()).safeParse(jsonOrNull(text));
  if (parsed.success) return parsed.data;
  throw inputError(
    'settings_invalid',
    'The secret headers_json of this Qu config is not a JSON object of texts.',
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

function secretMissing(name: string, auth: Auth): TillsyncError {
  return new TillsyncError(`The secret ${name} is not set, and auth ${auth} needs it.`, {
    code: 'secret_missing',
    step: 'fetch',
    status: 422,
    exitCode: 2,
    hint: `Set it: tillsync configs set <config> --secret ${name}=-`,
  });
}

function isTimeZone(zone: string): boolean {
  try {
    return wallClock(zone).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function isWallTime(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

// Making one takes 0.2 ms, and settings are read several times in a run. There are some 600 zones.
const wallClocks = new Map<string, Intl.DateTimeFormat>();

/** Throws RangeError where there is no such zone. */
function wallClock(timeZone: string): Intl.DateTimeFormat {
  const known = wallClocks.get(timeZone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  wallClocks.set(timeZone, clock);
  return clock;
}

function wallTime(now: Date, timeZone: string): string {
  const parts = new Map(
    wallClock(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}`;
}
