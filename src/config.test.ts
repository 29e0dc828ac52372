// Tests of the settings: defaults, .env, secrets from files, and refusals that name the variable.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig, variables, withOptions } from './config.ts';
import { TillsyncError } from './errors.ts';

const emptyFolder = () => mkdtempSync(join(tmpdir(), 'tillsync-config-'));

function refusal(environment: Record<string, string>): TillsyncError {
  try {
    readConfig(environment, emptyFolder());
  } catch (error) {
    if (error instanceof TillsyncError) return error;
    throw error;
  }
  throw new Error('readConfig accepted the value');
}

describe('settings', () => {
  test('an empty environment gives the documented defaults', () => {
    const folder = emptyFolder();
    const { settings: _, ...config } = readConfig({}, folder);
    expect(config).toEqual({
      databaseUrl: null,
      dataDir: join(folder, '.tillsync'),
      encryptionKey: null,
      previousKeys: [],
      adminKey: null,
      server: null,
      supabaseJwtSecret: null,
      supabaseUrl: null,
      apiKey: null,
      allowPrivateHosts: false,
      corsOrigins: [],
      trustedProxies: [],
      rateLimit: true,
      requireRowSecurity: false,
      lastSynced: 'row',
      fullReadHours: 24,
      hookDebounceSeconds: 30,
      leaseSeconds: 15,
      saveStatementSeconds: 3600,
      workerSlots: 4,
      drainSeconds: 25,
      port: 4600,
      host: '127.0.0.1',
      logLevel: 'info',
      fetchTotalSeconds: 300,
      fetchConnectSeconds: 10,
      fetchHeaderSeconds: 120,
      maxBodyBytes: 512 * 1024 * 1024,
      maxFetchBytes: 16_384 * 1024 * 1024,
      maxItems: 10_000_000,
      planMemoryChanges: 50_000,
      keepRunsDays: 400,
      keepRunsPerSource: 1_000,
      keepLogsDays: 30,
      keepPayloadsDays: 30,
      keepPayloadsPerSource: 1_000,
      keepAuditDays: 400,
      warnings: [],
    });
  });

  test('trusted proxies are addresses and ranges, and nothing else', () => {
    const proxies = (text: string) => readConfig({ TILLSYNC_TRUSTED_PROXIES: text }, emptyFolder()).trustedProxies;
    expect(proxies('10.0.0.7, 10.1.0.0/16,fd00::/8,::1')).toEqual(['10.0.0.7', '10.1.0.0/16', 'fd00::/8', '::1']);
    for (const text of [
      '*',
      'proxy.example',
      '10.0.0.300',
      '10.1',
      '0x7f.1',
      '10.0.0.0/33',
      '10.0.0.0/8/8',
      'fd00::/129',
      '::1%lo',
      '10.0.0.0/',
    ]) {
      expect(refusal({ TILLSYNC_TRUSTED_PROXIES: text }).code, text).toBe('config_invalid');
    }
  });

  test('a server is an http or https address without a user; a slash at its end is dropped', () => {
    const server = (text: string) => readConfig({ TILLSYNC_SERVER: text }, emptyFolder()).server;
    expect(server('https://tillsync.example/')).toBe('https://tillsync.example');
    expect(server('http://127.0.0.1:4600/behind/a/proxy/')).toBe('http://127.0.0.1:4600/behind/a/proxy');
    for (const wrong of ['tillsync.example', 'ftp://x', 'https://user:pass@x', 'https://x/?y=1']) {
      expect(() => server(wrong)).toThrow('TILLSYNC_SERVER must be an http or https address');
    }
  });

  test('the .env file of the working folder is read and the environment wins over it', () => {
    const folder = emptyFolder();
    writeFileSync(
      join(folder, '.env'),
      'TILLSYNC_PORT=5000\nTILLSYNC_HOST="0.0.0.0" # all\nTILLSYNC_LOG_LEVEL=debug\n',
    );
    const config = readConfig({ TILLSYNC_PORT: '6000', TILLSYNC_LOG_LEVEL: '' }, folder);
    expect([config.port, config.host, config.logLevel]).toEqual([6000, '0.0.0.0', 'debug']);
  });

  test('lines of .env that cannot be read are warned about by number, never shown, and take no other line along', () => {
    const folder = emptyFolder();
    const lines = [
      '\uFEFF# settings',
      'TILLSYNC_ADMIN_KEY: canary-0123456789',
      'TILLSYNC_PORT=5000',
      '',
      'canary',
      'export TILLSYNC_LEASE_SECONDS=20',
      'OTHER="two',
      'lines of another program = fine" # closed',
      'TILLSYNC_HOST="canary',
      "TILLSYNC_LOG_LEVEL='debug' # much",
      '  TILLSYNC_DATA_DIR = data\r',
      '=canary',
      'TILLSYNC_CORS_ORIGINS=',
      'TILLSYNC_PLAN_MEMORY_CHANGES="7" canary',
    ];
    writeFileSync(join(folder, '.env'), lines.join('\n'));
    const config = readConfig({ TILLSYNC_HOST: '::1' }, folder);
    expect(config).toMatchObject({ port: 5000, leaseSeconds: 20, logLevel: 'debug', dataDir: join(folder, 'data') });
    expect(config.adminKey).toBeNull();
    expect(config.warnings.map(({ message }) => message)).toEqual(
      [2, 5, 9, 12, 14].map((line) => `Line ${line} of .env cannot be read; write NAME=value, and close its quotes.`),
    );
  });

  test('a secret can come from a file, and the variable itself wins over the file', () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'admin'), 'from-a-file-0123456789\n');
    expect(readConfig({ TILLSYNC_ADMIN_KEY_FILE: 'admin' }, folder).adminKey).toBe('from-a-file-0123456789');
    const both = { TILLSYNC_ADMIN_KEY_FILE: 'admin', TILLSYNC_ADMIN_KEY: 'from-the-environment' };
    expect(readConfig(both, folder).adminKey).toBe('from-the-environment');
  });

  test('a secret file that is absent is refused by the name of its variable', () => {
    const error = refusal({ TILLSYNC_ENCRYPTION_KEY_FILE: 'nowhere' });
    expect(error.code).toBe('config_invalid');
    expect(error.message).toBe('The file named by TILLSYNC_ENCRYPTION_KEY_FILE cannot be read (ENOENT).');
  });

  test.each([
    ['TILLSYNC_PORT', 'abc', 'TILLSYNC_PORT must be a whole number from 0 to 65535, but it is "abc".'],
    ['TILLSYNC_PORT', '70000', 'TILLSYNC_PORT must be a whole number from 0 to 65535, but it is "70000".'],
    ['TILLSYNC_LEASE_SECONDS', '0', 'TILLSYNC_LEASE_SECONDS must be a whole number from 1 to 3600, but it is "0".'],
    ['TILLSYNC_MAX_BODY_MB', '1.5', 'TILLSYNC_MAX_BODY_MB must be a whole number from 1 to 65536, but it is "1.5".'],
    ['TILLSYNC_ALLOW_PRIVATE_HOSTS', 'maybe', 'TILLSYNC_ALLOW_PRIVATE_HOSTS must be 1 or 0, but it is "maybe".'],
    ['TILLSYNC_LOG_LEVEL', 'loud', 'TILLSYNC_LOG_LEVEL must be silent, error, warn, info or debug, but it is "loud".'],
    [
      'TILLSYNC_CORS_ORIGINS',
      '*',
      'TILLSYNC_CORS_ORIGINS must be a list of origins such as https://admin.example, without paths and without *, but it is "*".',
    ],
  ])('%s=%s is refused with a sentence', (name, text, message) => {
    const error = refusal({ [name]: text });
    expect(error.message).toBe(message);
    expect([error.code, error.exitCode, error.facts.variable]).toEqual(['config_invalid', 2, name]);
  });

  test('a bad secret is refused without showing it', () => {
    const error = refusal({ DATABASE_URL: 'mysql://user:hunter2@host/db' });
    expect(error.message).toBe('DATABASE_URL must be a postgresql:// URL.');
    expect(JSON.stringify({ ...error })).not.toContain('hunter2');
  });

  test('an unknown TILLSYNC_ variable and a short admin key are warned about, others are not', () => {
    const { warnings } = readConfig(
      { TILLSYNC_PROT: '1', TILLSYNC_TEST_PG: '15', PATH: '/bin', TILLSYNC_ADMIN_KEY: 'short' },
      emptyFolder(),
    );
    expect(warnings.map(({ message }) => message)).toEqual([
      'TILLSYNC_PROT is set, but tillsync knows no such variable.',
      'TILLSYNC_ADMIN_KEY is shorter than 16 characters and easy to guess.',
    ]);
  });

  test('origins are separated by commas and lose a closing slash', () => {
    const environment = { TILLSYNC_CORS_ORIGINS: 'https://a.example/, http://localhost:3000' };
    expect(readConfig(environment, emptyFolder()).corsOrigins).toEqual(['https://a.example', 'http://localhost:3000']);
  });

  test('each setting tells its text and where it comes from, a secret only that it is set', () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, '.env'), 'TILLSYNC_HOST=0.0.0.0\nTILLSYNC_PORT=5000\n');
    writeFileSync(join(folder, 'admin'), 'canary-0123456789');
    const environment = {
      TILLSYNC_PORT: '5001',
      TILLSYNC_ADMIN_KEY_FILE: 'admin',
      DATABASE_URL: 'postgresql://ada:canary@db.example/x',
      SUPABASE_URL: 'https://ada:canary@project.example',
    };
    const config = withOptions(readConfig(environment, folder), { workerSlots: 8, dataDir: undefined });
    const of = (name: string) => config.settings.find((setting) => setting.name === name);
    expect(config.settings).toHaveLength(Object.keys(variables).length);
    expect(of('TILLSYNC_HOST')).toMatchObject({ value: '0.0.0.0', source: '.env', is_set: true });
    expect(of('TILLSYNC_PORT')).toMatchObject({ value: '5001', source: 'environment' });
    expect(of('TILLSYNC_ADMIN_KEY')).toEqual({
      name: 'TILLSYNC_ADMIN_KEY',
      value: null,
      is_secret: true,
      is_set: true,
      source: 'file',
    });
    expect(of('SUPABASE_URL')?.value).toBe('https://ada:[redacted]@project.example');
    expect(of('TILLSYNC_LEASE_SECONDS')).toMatchObject({ value: '15', source: 'default', is_set: false });
    expect(of('TILLSYNC_DATA_DIR')).toMatchObject({ value: join(folder, '.tillsync'), source: 'default' });
    expect([config.workerSlots, of('TILLSYNC_WORKER_SLOTS')]).toMatchObject([8, { value: '8', source: 'option' }]);
    expect(JSON.stringify(config.settings)).not.toContain('canary');
  });
});
