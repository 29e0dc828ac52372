// The settings of the process and the only reader of the environment; long because one table lists every variable.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { inputError, TillsyncError } from './errors.ts';

/** All settings, parsed. Paths are absolute; times are seconds; sizes are bytes. */
export interface Config {
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly encryptionKey: string | null;
  /** Further keys that decrypt, e.g. of before a rotation. */
  readonly previousKeys: readonly string[];
  readonly adminKey: string | null;
  /** Proves tokens of Supabase's sign-in; null = none are taken. */
  readonly supabaseJwtSecret: string | null;
  readonly supabaseUrl: string | null;
  /** The command goes through this server; null = it opens the database itself. */
  readonly server: string | null;
  readonly apiKey: string | null;
  /** Refuses to serve where PostgreSQL's row level security does not bind this process. */
  readonly requireRowSecurity: boolean;
  readonly allowPrivateHosts: boolean;
  readonly corsOrigins: readonly string[];
  /** Addresses and ranges of proxies whose forwarded headers are believed. */
  readonly trustedProxies: readonly string[];
  readonly rateLimit: boolean;
  readonly leaseSeconds: number;
  /** One statement of a save; 0 = no limit. */
  readonly saveStatementSeconds: number;
  /** Runs that one worker works on at once. */
  readonly workerSlots: number;
  /** Seconds that runs may go on after a worker was told to stop. */
  readonly drainSeconds: number;
  readonly port: number;
  readonly host: string;
  readonly logLevel: string;
  readonly fetchTotalSeconds: number;
  readonly fetchConnectSeconds: number;
  readonly fetchHeaderSeconds: number;
  /** Inflated bytes of one answer of a POS. */
  readonly maxBodyBytes: number;
  readonly maxFetchBytes: number;
  readonly maxItems: number;
  readonly planMemoryChanges: number;
  readonly lastSynced: 'row' | 'source';
  /** What retention keeps; 0 = for ever, or all. */
  readonly keepRunsDays: number;
  readonly keepRunsPerSource: number;
  readonly keepLogsDays: number;
  readonly keepPayloadsDays: number;
  readonly keepPayloadsPerSource: number;
  readonly keepAuditDays: number;
  readonly fullReadHours: number;
  readonly hookDebounceSeconds: number;
  /** Variables that are set but mean nothing or are weak; told on stderr. */
  readonly warnings: readonly SettingWarning[];
  /** Every variable as it is in effect and where that comes from, in the order of the table; no secret in it. */
  readonly settings: readonly Setting[];
}

/** Not known by tillsync, easy to guess, or in a line of .env that cannot be read. */
export type SettingFault = 'setting_unknown' | 'setting_weak' | 'setting_unreadable';

/** What is wrong with one setting. */
export interface SettingWarning {
  code: SettingFault;
  /** One sentence. */
  message: string;
  /** The variable by its name, or the line of .env by its number. */
  facts: { name: string } | { line: number };
}

/** One variable in effect, as it may be shown. */
export interface Setting {
  name: string;
  /** The text in effect; null = a secret, or not set. */
  value: string | null;
  is_secret: boolean;
  is_set: boolean;
  /** 'file' = the file that NAME_FILE names; 'option' = the command line. */
  source: 'default' | 'environment' | '.env' | 'file' | 'option';
}

/** One variable of the environment. docs/reference/config.md and .env.example are made from this. */
export interface Variable<T = unknown> {
  name: string;
  /** The text that stands for "not set"; empty where there is no default. */
  fallback: string;
  /** Never shown, and may also be given as NAME_FILE. */
  secret: boolean;
  /** One line for the reference page. */
  description: string;
  /** Throws an Error whose message completes the sentence "NAME must be …". */
  parse(text: string, workingFolder: string): T;
}

type Field = Exclude<keyof Config, 'warnings' | 'settings'>;
type Variables = { readonly [Name in Field]: Variable<Config[Name]> };

/** Every variable tillsync reads, in the order of the reference page. */
export const variables: Variables = {
  databaseUrl: {
    name: 'DATABASE_URL',
    fallback: '',
    secret: true,
    description:
      'PostgreSQL 15 or later to use, as `postgresql://user:password@host:5432/database`. Not set: the embedded PostgreSQL 18 under the data folder.',
    parse: (text) => (text === '' ? null : matching(text, /^postgres(ql)?:\/\//, 'a postgresql:// URL')),
  },
  dataDir: {
    name: 'TILLSYNC_DATA_DIR',
    fallback: '.tillsync',
    secret: false,
    description: 'Folder of the embedded PostgreSQL and of the encryption key file; relative to the working folder.',
    parse: (text, workingFolder) => resolve(workingFolder, text),
  },
  encryptionKey: {
    name: 'TILLSYNC_ENCRYPTION_KEY',
    fallback: '',
    secret: true,
    description:
      'Key for POS credentials: 32 bytes as base64 or hex (`openssl rand -base64 32`). Not set: the file `encryption.key` in the data folder, made on first start; with DATABASE_URL there is no such file, and `start` and `worker` need this key.',
    parse: orNull,
  },
  previousKeys: {
    name: 'TILLSYNC_ENCRYPTION_KEY_PREVIOUS',
    fallback: '',
    secret: true,
    description:
      'Keys that still decrypt, separated by commas or spaces, while `tillsync vault rotate` brings everything under the key above: docs/how-to/rotate-the-encryption-key.md.',
    parse: (text) => text.split(/[\s,]+/).filter((key) => key !== ''),
  },
  adminKey: {
    name: 'TILLSYNC_ADMIN_KEY',
    fallback: '',
    secret: true,
    description:
      'An API key that is always accepted, for set-ups that cannot run `tillsync keys create`. Use 16 or more random characters.',
    parse: (text) => (text === '' ? null : matching(text, /^[\x21-\x7e]+$/, 'printable ASCII without spaces')),
  },
  supabaseJwtSecret: {
    name: 'SUPABASE_JWT_SECRET',
    fallback: '',
    secret: true,
    description:
      "The JWT secret of a Supabase project: its signed-in users may then call, as their app_metadata says (docs/how-to/supabase-roles.md). Not set: nobody's token is taken.",
    parse: (text) => (text === '' ? null : matching(text, /^.{32,}$/, 'at least 32 characters')),
  },
  supabaseUrl: {
    name: 'SUPABASE_URL',
    fallback: '',
    secret: false,
    description: 'The address of that project; tokens must then name it as their issuer. Not set: any issuer.',
    parse: (text) => (text === '' ? null : matching(text, /^https?:\/\/\S+$/, 'an http(s):// address')),
  },
  server: {
    name: 'TILLSYNC_SERVER',
    fallback: '',
    secret: false,
    description:
      'Server that the command goes through instead of opening a database, e.g. `https://tillsync.example`; as `--server`. Verbs that work on the database itself refuse.',
    parse: (text) => (text === '' ? null : serverUrl(text)),
  },
  apiKey: {
    name: 'TILLSYNC_API_KEY',
    fallback: '',
    secret: true,
    description: 'API key for that server, from `tillsync keys create` on its machine.',
    parse: (text) => (text === '' ? null : matching(text, /^[\x21-\x7e]+$/, 'printable ASCII without spaces')),
  },
  requireRowSecurity: {
    name: 'TILLSYNC_REQUIRE_ROW_SECURITY',
    fallback: '0',
    secret: false,
    description:
      '`1` refuses to start a server or worker where row level security does not bind it: its login may not act as the roles `tillsync_worker` and `tillsync_app`. `0` warns.',
    parse: (text) => switchValue(text),
  },
  allowPrivateHosts: {
    name: 'TILLSYNC_ALLOW_PRIVATE_HOSTS',
    fallback: '0',
    secret: false,
    description:
      '`1` lets POS requests go to private, loopback and link-local addresses, for a POS on the local network.',
    parse: (text) => switchValue(text),
  },
  corsOrigins: {
    name: 'TILLSYNC_CORS_ORIGINS',
    fallback: '',
    secret: false,
    description:
      'Origins whose pages may call the API, separated by commas, e.g. `https://admin.example`. None by default.',
    parse: (text) => origins(text),
  },
  trustedProxies: {
    name: 'TILLSYNC_TRUSTED_PROXIES',
    fallback: '',
    secret: false,
    description:
      'Addresses and ranges of the proxies before the server, separated by commas, e.g. `10.0.0.7, 10.1.0.0/16`. Only from them `X-Forwarded-For`, `-Proto` and `-Host` are believed. None by default.',
    parse: (text) => addresses(text),
  },
  rateLimit: {
    name: 'TILLSYNC_RATE_LIMIT',
    fallback: 'on',
    secret: false,
    description: '`off` lifts the limits of calls per caller (docs/reference/limits.md), where a proxy has its own.',
    parse: (text) => switchValue(text),
  },
  leaseSeconds: {
    name: 'TILLSYNC_LEASE_SECONDS',
    fallback: '15',
    secret: false,
    description: 'Seconds after which a run whose process has gone silent is marked interrupted.',
    parse: (text) => wholeNumber(text, 1, 3600),
  },
  saveStatementSeconds: {
    name: 'TILLSYNC_SAVE_STATEMENT_SECONDS',
    fallback: '3600',
    secret: false,
    description:
      'Seconds that one statement of a save may take (the COPY of a first sync is one); then the run fails and nothing is written. 0 = no limit.',
    parse: (text) => wholeNumber(text, 0, 86_400),
  },
  workerSlots: {
    name: 'TILLSYNC_WORKER_SLOTS',
    fallback: '4',
    secret: false,
    description:
      'Syncs that one worker (`tillsync worker`, or the one in `tillsync start`) works on at once. Each takes two connections.',
    parse: (text) => wholeNumber(text, 1, 64),
  },
  drainSeconds: {
    name: 'TILLSYNC_DRAIN_SECONDS',
    fallback: '25',
    secret: false,
    description:
      'Seconds that syncs may go on after their worker was told to stop; what takes longer is queued again for another worker.',
    parse: (text) => wholeNumber(text, 0, 3600),
  },
  port: {
    name: 'TILLSYNC_PORT',
    fallback: '4600',
    secret: false,
    description: 'Port of the HTTP server; `0` takes any free one.',
    parse: (text) => wholeNumber(text, 0, 65535),
  },
  host: {
    name: 'TILLSYNC_HOST',
    fallback: '127.0.0.1',
    secret: false,
    description: 'Address that the HTTP server listens on; `0.0.0.0` opens it to the network.',
    parse: (text) => matching(text, /^[\w.:%-]+$/, 'an address or a host name'),
  },
  logLevel: {
    name: 'TILLSYNC_LOG_LEVEL',
    fallback: 'info',
    secret: false,
    description: 'How much goes to the log on stderr: `silent`, `error`, `warn`, `info` or `debug`.',
    parse: (text) => matching(text, /^(silent|error|warn|info|debug)$/, 'silent, error, warn, info or debug'),
  },
  fetchTotalSeconds: {
    name: 'TILLSYNC_FETCH_TOTAL_SECONDS',
    fallback: '300',
    secret: false,
    description: 'Seconds that one answer of a POS may take from the first byte sent to the last byte read.',
    parse: (text) => wholeNumber(text, 1, 86_400),
  },
  fetchConnectSeconds: {
    name: 'TILLSYNC_FETCH_CONNECT_SECONDS',
    fallback: '10',
    secret: false,
    description: 'Seconds that connecting to a POS may take.',
    parse: (text) => wholeNumber(text, 1, 300),
  },
  fetchHeaderSeconds: {
    name: 'TILLSYNC_FETCH_HEADER_SECONDS',
    fallback: '120',
    secret: false,
    description: 'Seconds until a POS begins to answer; raise it for one that builds its catalog first.',
    parse: (text) => wholeNumber(text, 1, 86_400),
  },
  maxBodyBytes: {
    name: 'TILLSYNC_MAX_BODY_MB',
    fallback: '512',
    secret: false,
    description: 'Largest answer of a POS in MiB, counted after decompression.',
    parse: (text) => wholeNumber(text, 1, 65_536) * 1024 * 1024,
  },
  maxFetchBytes: {
    name: 'TILLSYNC_MAX_FETCH_MB',
    fallback: '16384',
    secret: false,
    description: 'All answers of one sync together in MiB: pages of a POS that come to no end are given up there.',
    parse: (text) => wholeNumber(text, 1, 4_194_304) * 1024 * 1024,
  },
  maxItems: {
    name: 'TILLSYNC_MAX_ITEMS',
    fallback: '10000000',
    secret: false,
    description:
      'Items of one sync. Each takes some 60 bytes of memory, and few bytes of an answer can stand for many of them where items share modifiers.',
    parse: (text) => wholeNumber(text, 1, 1_000_000_000),
  },
  planMemoryChanges: {
    name: 'TILLSYNC_PLAN_MEMORY_CHANGES',
    fallback: '50000',
    secret: false,
    description: 'Changes of one run that wait in memory; beyond this the stored payload is read a second time.',
    parse: (text) => wholeNumber(text, 0, 10_000_000),
  },
  lastSynced: {
    name: 'TILLSYNC_LAST_SYNCED',
    fallback: 'row',
    secret: false,
    description:
      'Where the time of the last sync that saw an item stands. `row`: in `last_synced_at` of every row. `source`: once per source, so that a sync of an unchanged catalog writes no item row; the views `integration_products_current` and so on give the exact time as `last_seen_at` either way.',
    parse: (text) => matching(text, /^(row|source)$/, 'row or source') as 'row' | 'source',
  },
  keepRunsDays: {
    name: 'TILLSYNC_KEEP_RUNS_DAYS',
    fallback: '400',
    secret: false,
    description:
      'Days after which a run goes, with its changes, rejects, duplicates and log; `0` = never. What stays however old it is: docs/how-to/retention.md.',
    parse: (text) => wholeNumber(text, 0, 36_500),
  },
  keepRunsPerSource: {
    name: 'TILLSYNC_KEEP_RUNS_PER_SOURCE',
    fallback: '1000',
    secret: false,
    description:
      'Runs of one source that changed nothing and are kept, the newest; a run that changed items goes by age only. `0` = all.',
    parse: (text) => wholeNumber(text, 0, 10_000_000),
  },
  keepLogsDays: {
    name: 'TILLSYNC_KEEP_LOGS_DAYS',
    fallback: '30',
    secret: false,
    description: 'Days after which the lines of `tillsync runs logs` go; `0` = with their run.',
    parse: (text) => wholeNumber(text, 0, 36_500),
  },
  keepPayloadsDays: {
    name: 'TILLSYNC_KEEP_PAYLOADS_DAYS',
    fallback: '30',
    secret: false,
    description:
      'Days after which the stored answers of a run go, unless a later run got the same; `0` = with their run. The last success and a plan that waits keep theirs.',
    parse: (text) => wholeNumber(text, 0, 36_500),
  },
  keepPayloadsPerSource: {
    name: 'TILLSYNC_KEEP_PAYLOADS_PER_SOURCE',
    fallback: '1000',
    secret: false,
    description: 'Different stored answers (pages) of one source that are kept, those of the newest runs; `0` = all.',
    parse: (text) => wholeNumber(text, 0, 10_000_000),
  },
  keepAuditDays: {
    name: 'TILLSYNC_KEEP_AUDIT_DAYS',
    fallback: '400',
    secret: false,
    description:
      'Days after which entries of the audit log go, 30 at least; `0` = never. A year and a month by default, so that a yearly review sees all of it.',
    parse: (text) => (text === '0' ? 0 : wholeNumber(text, 30, 36_500)),
  },
  fullReadHours: {
    name: 'TILLSYNC_FULL_READ_HOURS',
    fallback: '24',
    secret: false,
    description:
      'Hours after which everything is read again from a POS that can be asked for changes only; that read finds the removals which changes do not tell. `0` reads everything each time.',
    parse: (text) => wholeNumber(text, 0, 8_760),
  },
  hookDebounceSeconds: {
    name: 'TILLSYNC_HOOK_DEBOUNCE_SECONDS',
    fallback: '30',
    secret: false,
    description:
      'Seconds from the first webhook of a POS to the sync that it asks for; all that come meanwhile are one.',
    parse: (text) => wholeNumber(text, 0, 3_600),
  },
};

/**
 * Reads the settings from the environment and from `.env` in the working folder (the environment wins; an empty value
 * counts as not set). Throws TillsyncError config_invalid that names the variable.
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  workingFolder: string = process.cwd(),
): Config {
  const file = readEnvFile(workingFolder);
  const merged = { ...file.values, ...withoutEmpty(environment) };
  const values: Record<string, unknown> = {};
  const settings: Setting[] = [];
  for (const [field, variable] of Object.entries(variables) as [string, Variable][]) {
    values[field] = readVariable(variable, merged, workingFolder);
    settings.push(settingOf(variable, { merged, environment, value: values[field] }));
  }
  const warnings = [...file.unreadable.map(unreadableLine), ...warningsOf(merged)];
  return { ...values, warnings, settings } as unknown as Config;
}

/** The settings with those on top that the command line gave. */
export function withOptions(config: Config, options: { readonly [Name in Field]?: Config[Name] | undefined }): Config {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const byName = new Map(given.map(([field, value]) => [variables[field as Field].name, value]));
  const settings = config.settings.map((setting): Setting => {
    if (!byName.has(setting.name)) return setting;
    return { ...setting, value: shown(setting.is_secret, byName.get(setting.name)), is_set: true, source: 'option' };
  });
  return { ...config, ...Object.fromEntries(given), settings };
}

function settingOf(
  { name, secret, fallback }: Variable,
  of: { merged: Record<string, string>; environment: Readonly<Record<string, string | undefined>>; value: unknown },
): Setting {
  const isDirect = of.merged[name] !== undefined;
  const isFile = !isDirect && secret && of.merged[`${name}_FILE`] !== undefined;
  const isOfProcess = (of.environment[name] ?? '').trim() !== '';
  return {
    name,
    // A path is shown as it was resolved, everything else as it was written.
    value: shown(secret, typeof of.value === 'string' ? of.value : (of.merged[name] ?? fallback)),
    is_secret: secret,
    is_set: isDirect || isFile,
    source: isDirect ? (isOfProcess ? 'environment' : '.env') : isFile ? 'file' : 'default',
  };
}

function shown(isSecret: boolean, value: unknown): string | null {
  const text = String(value ?? '').replace(/(:\/\/[^\s:@/]*:)[^\s@/]+@/, '$1[redacted]@');
  return isSecret || text === '' ? null : text;
}

function readVariable(variable: Variable, merged: Record<string, string>, workingFolder: string): unknown {
  const text = merged[variable.name] ?? readSecretFile(variable, merged, workingFolder) ?? variable.fallback;
  try {
    return variable.parse(text, workingFolder);
  } catch (error) {
    const shown = variable.secret ? '' : `, but it is ${JSON.stringify(text)}`;
    throw inputError(
      'config_invalid',
      `${variable.name} must be ${(error as Error).message}${shown}.`,
      `Set ${variable.name} in the environment or in .env, or remove it; see docs/reference/config.md.`,
      { variable: variable.name },
    );
  }
}

function readSecretFile(variable: Variable, merged: Record<string, string>, workingFolder: string): string | undefined {
  const fileVariable = `${variable.name}_FILE`;
  const file = variable.secret ? merged[fileVariable] : undefined;
  if (file === undefined) return undefined;
  return readText(resolve(workingFolder, file), `The file named by ${fileVariable}`)?.trim();
}

/** What `.env` says, and the numbers of its lines that say nothing: each by itself, so that none takes another along. */
function readEnvFile(workingFolder: string): { values: Record<string, string>; unreadable: number[] } {
  const text = readText(resolve(workingFolder, '.env'), 'The file .env of the working folder', true) ?? '';
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const values: Record<string, string> = {};
  const unreadable: number[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    if (/^\s*(#|$)/.test(line)) continue;
    const [start, quote] = /^\s*(?:export\s+)?[\w.-]+\s*=\s*(["'`]?)/.exec(line) ?? [];
    const value = start === undefined ? '' : [line.slice(start.length), ...lines.slice(at + 1)].join('\n');
    const quoted = quote ? (value.split(quote)[0] as string) : '';
    const isClosed = !quote || /^.[^\S\n]*(#.*)?(\n|$)/.test(value.slice(quoted.length));
    if (start === undefined || !isClosed) unreadable.push(at + 1);
    if (start === undefined) continue;
    const more = isClosed ? quoted.split('\n').length - 1 : 0;
    Object.assign(values, parseEnv(lines.slice(at, at + more + 1).join('\n')));
    at += more;
  }
  return { values: withoutEmpty(values), unreadable };
}

// Never its content: it may be a secret.
function odd(code: SettingFault, message: string, facts: SettingWarning['facts']): SettingWarning {
  return { code, message, facts };
}

function unreadableLine(line: number): SettingWarning {
  const message = `Line ${line} of .env cannot be read; write NAME=value, and close its quotes.`;
  return odd('setting_unreadable', message, { line });
}

function readText(path: string, what: string, mayBeAbsent = false): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (mayBeAbsent && (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR')) return undefined;
    throw new TillsyncError(`${what} cannot be read (${code ?? 'unknown reason'}).`, {
      code: 'config_invalid',
      step: 'validation',
      hint: 'Check that it exists and that this user may read it.',
      exitCode: 2,
      cause: error,
    });
  }
}

function withoutEmpty(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const set = Object.entries(environment).filter(([, text]) => text !== undefined && text.trim() !== '');
  return Object.fromEntries(set.map(([name, text]) => [name, (text as string).trim()]));
}

function warningsOf(merged: Record<string, string>): SettingWarning[] {
  const known = new Set<string>();
  for (const variable of Object.values(variables) as Variable[]) {
    known.add(variable.name);
    if (variable.secret) known.add(`${variable.name}_FILE`);
  }
  // TILLSYNC_TEST_* belong to the test suite.
  const unknown = Object.keys(merged).filter(
    (name) => name.startsWith('TILLSYNC_') && !name.startsWith('TILLSYNC_TEST_') && !known.has(name),
  );
  const warnings = unknown
    .sort()
    .map((name) => odd('setting_unknown', `${name} is set, but tillsync knows no such variable.`, { name }));
  const { name } = variables.adminKey;
  const adminKey = merged[name];
  if (adminKey !== undefined && adminKey.length < 16) {
    warnings.push(odd('setting_weak', `${name} is shorter than 16 characters and easy to guess.`, { name }));
  }
  return warnings;
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}

/** The address of a server without a slash at its end. Throws an Error as Variable.parse does. */
export function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === '') {
    return url.href.replace(/\/+$/, '');
  }
  throw new Error('an http or https address such as https://tillsync.example');
}

function matching(text: string, pattern: RegExp, expected: string): string {
  if (!pattern.test(text)) throw new Error(expected);
  return text;
}

function wholeNumber(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text) || value < least || value > most) {
    throw new Error(`a whole number from ${least} to ${most}`);
  }
  return value;
}

function switchValue(text: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new Error('1 or 0');
}

function addresses(text: string): string[] {
  const listed = text
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  for (const entry of listed) {
    const [address = '', prefix = '0'] = entry.split('/');
    const most = address.includes(':') ? 128 : 32;
    if (!isAddress(address) || !/^\d{1,3}$/.test(prefix) || Number(prefix) > most || entry.split('/').length > 2) {
      throw new Error('a list of addresses and ranges such as 10.0.0.7, 10.1.0.0/16');
    }
  }
  return listed;
}

// What a URL takes for an address and leaves as it is, is one.
function isAddress(text: string): boolean {
  if (text.includes(':')) return URL.canParse(`http://[${text}]/`);
  return URL.canParse(`http://${text}/`) && /^[\d.]+$/.test(text) && new URL(`http://${text}/`).hostname === text;
}

function origins(text: string): string[] {
  const listed = text
    .split(',')
    .map((origin) => origin.trim().replace(/\/$/, ''))
    .filter((origin) => origin !== '');
  for (const origin of listed) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new Error('a list of origins such as https://admin.example, without paths and without *');
    }
  }
  return listed;
}
