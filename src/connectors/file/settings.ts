// The settings of a file config: how its file is read, which column is which field, and where it lies if it has a URL.
import { z } from 'zod';
import { inputError, TillsyncError } from '../../errors.ts';
import { checkHeaders } from '../../net/header-check.ts';
import type { ConnectorSettings } from '../connector.ts';

/** The fields that a column can be read as, by the names of the tables' columns; `kind` says which table. */
export const fields = [
  'kind',
  'external_id',
  'path_id',
  'name',
  'price',
  'currency',
  'is_available',
  'item_type',
  'modifier_group_id',
  'modifier_group_name',
  'discount_amount',
  'discount_percent',
] as const;
export type Field = (typeof fields)[number];

/** Which column of the file is read as which field. */
export type Columns = { readonly [field in Field]?: string | undefined };

const columns = z.partialRecord(z.enum(fields), z.string().min(1));

/** Every param of a file config. */
export const settings = z.strictObject({
  name: z.string().min(1).describe('What the file is called; the identity of its catalog.').meta({ title: 'Name' }),
  url: z
    .string()
    .refine((text) => isUrl(text), 'must be an http(s) address without user name and #')
    .optional()
    .describe('Where a sync reads the file; without it the file comes by `tillsync import`.')
    .meta({ title: 'Address of the file' }),
  format: z
    .enum(['csv', 'ndjson', 'json', 'xlsx'])
    .optional()
    .describe('How the file is read; default: what its beginning says.')
    .meta({ title: 'Format' }),
  delimiter: z
    .enum([',', ';', '\t', '|'])
    .optional()
    .describe('Between the fields of CSV; default: told by its lines.')
    .meta({ title: 'Delimiter' }),
  encoding: z
    .enum(['utf-8', 'windows-1252'])
    .default('utf-8')
    .describe('Of CSV, NDJSON and JSON; UTF-16 is told by its byte order mark.')
    .meta({ title: 'Encoding' }),
  decimal: z
    .enum(['.', ','])
    .optional()
    .describe('The decimal sign of amounts; without it amounts that can be read in two ways are set aside.')
    .meta({ title: 'Decimal sign' }),
  kind: z
    .enum(['products', 'modifiers', 'discounts'])
    .default('products')
    .describe('What rows are where neither a column nor the document says it.')
    .meta({ title: 'Kind of rows' }),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as USD')
    .optional()
    .describe('ISO 4217, where no column says it.')
    .meta({ title: 'Currency' }),
  sheet: z.string().min(1).optional().describe('The sheet of a workbook; default: the first.').meta({ title: 'Sheet' }),
  columns: columns
    .optional()
    .describe('Field → column of the file; `tillsync import` fills it in.')
    .meta({ title: 'Columns' }),
  auth: z
    .enum(['none', 'bearer', 'basic'])
    .default('none')
    .describe('How the request for the URL is authenticated.')
    .meta({ title: 'Authentication' }),
});

export type FileSettings = z.output<typeof settings>;

/** Names of the fields that are kept encrypted. */
export const secretFields = ['token', 'username', 'password'] as const;

type Params = Readonly<Record<string, unknown>>;
const secretsOfAuth = { none: [], bearer: ['token'], basic: ['username', 'password'] } as const;

/** The settings that reading looks at; the identity may be missing then. Throws TillsyncError settings_invalid. */
export function readFormatSettings(params: Params): Omit<FileSettings, 'name' | 'url' | 'auth'> {
  const parsed = settings.omit({ name: true, url: true, auth: true }).strip().safeParse(params);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw inputError(
    'settings_invalid',
    `The setting ${issue?.path.join('.') ?? 'params'} of this file config is not usable: ${issue?.message ?? 'it is invalid'}.`,
    'Correct it with `tillsync configs set <config> --param name=value`.',
  );
}

/** Stands for the origin of files that are brought; one with a URL has the origin of that. */
const broughtOrigin = 'file:';

/** The origin: part of the identity, so that a URL on another host is another catalog. Throws base_url_invalid. */
export function originOf(params: Params): string {
  return params.url === undefined ? broughtOrigin : readUrl(params.url).origin;
}

/** The address of the file. Throws TillsyncError file_without_url, base_url_invalid. */
export function fileUrl(params: Params): URL {
  if (params.url !== undefined) return readUrl(params.url);
  throw new TillsyncError('This config has no url to read its file from.', {
    code: 'file_without_url',
    step: 'fetch',
    exitCode: 2,
    status: 422,
    hint: 'Bring the file: tillsync import <file> --config <config>; or set one: --param url=https://….',
  });
}

function readUrl(value: unknown): URL {
  const url = typeof value === 'string' && isUrl(value) ? URL.parse(value) : null;
  if (url !== null) return url;
  throw inputError(
    'base_url_invalid',
    'The url of this file config is not usable.',
    'Set it to an address such as https://files.example/menu.csv, without user name and #.',
  );
}

function isUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password + url.hash === '';
}

/** The secrets that these params need; unusable params need none. */
export function requiredSecrets(params: Params): readonly string[] {
  const auth = settings.shape.auth.safeParse(params.auth);
  return auth.success ? secretsOfAuth[auth.data] : [];
}

/** The headers that authenticate a request. Throws TillsyncError secret_missing or header_refused. */
export function authHeaders({ params, secrets }: ConnectorSettings): Record<string, string> {
  const { auth } = settings.pick({ auth: true }).strip().parse(params);
  const secret = (name: (typeof secretFields)[number]): string => {
    const value = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
    if (value !== undefined && value !== '') return value;
    throw new TillsyncError(`The secret ${name} is not set, and auth ${auth} needs it.`, {
      code: 'secret_missing',
      step: 'fetch',
      status: 422,
      exitCode: 2,
      hint: `Set it: tillsync configs set <config> --secret ${name}=-`,
    });
  };
  if (auth === 'none') return {};
  const pair = () => Buffer.from(`${secret('username')}:${secret('password')}`).toString('base64');
  const headers = { Authorization: auth === 'bearer' ? `Bearer ${secret('token')}` : `Basic ${pair()}` };
  checkHeaders(headers);
  return headers;
}

/** Every secret text of a request: as stored, as sent, and a query of the URL, which may be a signature. */
export function secretTexts(of: ConnectorSettings): string[] {
  const query = typeof of.params.url === 'string' ? (URL.parse(of.params.url)?.search ?? '') : '';
  return [...Object.values(of.secrets), ...sentValues(of), ...(query === '' ? [] : [query.slice(1)])];
}

function sentValues(of: ConnectorSettings): string[] {
  try {
    return Object.values(authHeaders(of));
  } catch (error) {
    // Nothing is sent with settings of which no headers can be made.
    if (error instanceof Error) return [];
    throw error;
  }
}
