// A POS that repeats the secrets everywhere, a server, and the command: nothing that is kept, told or shown has them.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { queueSchema } from '../../src/queue/queue-names.ts';
import { freshDatabase } from '../support/database.ts';
import { type Cli, openCli, type RunningCli } from '../support/run-cli.ts';
import { until } from '../support/until.ts';
import { type CanaryPos, catalogs, type EchoCase, nonsense, refusals, startCanaryPos } from './canary-pos.ts';
import { traceIn, tracesInDatabase } from './find-traces.ts';

const pair = (username: string, password: string) => Buffer.from(`${username}:${password}`).toString('base64');
const [username, password] = ['canary-user wxyz', 'canary:pa55/+"w0rd-wxyz'];

/** Each way to authenticate with its secrets, and the one that the POS repeats. */
const logins: readonly { auth: string; secrets: Record<string, string>; echoed: string }[] = [
  { auth: 'api_key', secrets: { api_key: `canary-KEY/+ "<&>'%5C\\b-wxyz` }, echoed: `canary-KEY/+ "<&>'%5C\\b-wxyz` },
  { auth: 'bearer', secrets: { token: 'canary.tok~EN_123/+==wxyz' }, echoed: 'canary.tok~EN_123/+==wxyz' },
  { auth: 'basic', secrets: { username, password }, echoed: password },
  { auth: 'basic', secrets: { username, password }, echoed: pair(username, password) },
  {
    auth: 'headers',
    secrets: { headers_json: '{"X-Shop":"canary-shop-value-wxyz"}' },
    echoed: 'canary-shop-value-wxyz',
  },
];

let pos: CanaryPos;
let database: Database;
let cli: Cli;
let server: RunningCli;
let url = '';
let key = '';
/** Everything that anybody saw: answers, output, files. */
const seen: { where: string; text: string }[] = [];

beforeAll(async () => {
  pos = await startCanaryPos();
  const fresh = await freshDatabase();
  database = fresh.database;
  cli = openCli({
    DATABASE_URL: fresh.url,
    TILLSYNC_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    TILLSYNC_ALLOW_PRIVATE_HOSTS: '1',
    TILLSYNC_LOG_LEVEL: 'debug',
  });
  server = cli.start(['start', '--port', '0']);
  url = await until('the address', () => /http:\/\/127\.0\.0\.1:\d+/.exec(server.stdout())?.[0]);
  key = await until('the first key', () => /ts_[\w-]{43}/.exec(server.stdout())?.[0]);
}, 300_000);
afterAll(() => pos.stop());

async function call(
  request: string,
  body?: unknown,
  authorization = `Bearer ${key}`,
): Promise<{ status: number; text: string }> {
  const [method = 'GET', path = ''] = request.split(' ', 2);
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await answer.text();
  seen.push({ where: request, text: `${text} ${JSON.stringify([...answer.headers])}` });
  return { status: answer.status, text };
}

async function command(words: string[], stdin?: string): Promise<void> {
  const { stdout, stderr } = await cli.run(words, stdin);
  seen.push({ where: words.join(' '), text: stdout + stderr });
}

const params = (auth: string, establishment: string) => ({ brand: 'acme', establishment, base_url: pos.url, auth });

async function addConfig({ auth, secrets }: (typeof logins)[number], at: number): Promise<string> {
  const config = { connector_id: 'qu', name: `QU ${at}`, params: params(auth, String(at)), secrets };
  const { status, text } = await call('POST /api/v1/configs', config);
  expect(status).toBe(201);
  return JSON.parse(text).id;
}

/** Says where the canaries were found; an empty list is what is wanted. */
async function allTraces(): Promise<{ where: string; trace: string }[]> {
  const told = [...seen, { where: 'the log', text: server.stderr() }, { where: 'stdout', text: server.stdout() }];
  const found = told.flatMap(({ where, text }) => {
    const trace = traceIn(text);
    return trace === null ? [] : [{ where, trace }];
  });
  return [...found, ...(await tracesInDatabase(database))];
}

describe('S41: secrets that a POS repeats', () => {
  test.each(logins)(
    'S41: are nowhere after syncs and tests with auth $auth',
    async (login) => {
      const at = logins.indexOf(login);
      const id = await addConfig(login, at);
      const sync = async (echo: EchoCase) => {
        pos.answers([echo.answer], login.echoed);
        const { status, text } = await call('POST /functions/v1/sync-orchestrator', { config_id: id });
        expect(text, `${echo.name}: ${status}`).toMatch(/"(sync_id|run_id)"/);
      };
      for (const echo of [...refusals, ...nonsense, ...catalogs]) await sync(echo);
      for (const echo of [refusals[1], nonsense[0], catalogs[0]] as EchoCase[]) {
        pos.answers([echo.answer], login.echoed);
        await call(`POST /api/v1/configs/${id}/test`, {});
        await call('POST /api/v1/connectors/qu/test', { params: params(login.auth, '99'), secrets: login.secrets });
        await call('POST /functions/v1/fetch-integration-data', { config_id: id });
      }
      // A wait before another try is told in the run's log.
      const busy: EchoCase['answer'] = (response, text) =>
        void response.writeHead(503, { 'retry-after': '0' }).end(text);
      pos.answers([busy, (catalogs[1] as EchoCase).answer], login.echoed);
      await call('POST /functions/v1/sync-orchestrator', { config_id: id });
      expect(await allTraces()).toEqual([]);
    },
    300_000,
  );

  test('S41: are not in lists, logs, metrics, and in no answer to a wrong request', async () => {
    const runs = JSON.parse((await call('GET /api/v1/runs?limit=200')).text).data as { id: string; status: string }[];
    expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(['failed', 'partial', 'held']));
    for (const { id } of runs.slice(0, 40)) {
      for (const part of ['', '/logs', '/changes', '/rejects', '/duplicates'])
        await call(`GET /api/v1/runs/${id}${part}`);
    }
    for (const list of ['configs', 'sources', 'items', 'items?kind=modifier', 'holds', 'connectors']) {
      await call(`GET /api/v1/${list}`);
    }
    await call('GET /metrics');
    await call('GET /api/openapi.json');
    await call('GET /api/v1/runs', undefined, 'Bearer canary-wrong-key');
    await call('GET /api/v1/configs?api_key=canary-in-a-query');
    const wrong = { connector_id: 'qu', name: 'x', params: { api_key: 'canary-as-param' }, secrets: {} };
    await call('POST /api/v1/configs', wrong);
    await call('POST /api/v1/configs', { ...wrong, params: {}, secrets: { api_key: { value: 'canary-as-object' } } });
    await call('POST /api/v1/configs', { ...wrong, params: {}, secrets: { unknown: 'canary-of-no-field' } });
    await call('POST /api/v1/session', { email: 'ada@example.com', password: 'canary-password-wxyz' });
    await call('POST /api/v1/session', { email: 'ada@example.com', password: ['canary-password-wxyz'] });
    await call('POST /api/v1/links/use', { token: 'canary-link-token-wxyz', password: 'canary-password-wxyz' });
    await call('POST /api/v1/configs', '{"secrets": {"api_key": "canary-in-broken-json"');
    expect(await allTraces()).toEqual([]);
  }, 300_000);

  test('S41: are not in what the command says, nor in a recording', async () => {
    const recordings = join(cli.folder, 'recordings');
    mkdirSync(recordings);
    for (const [at, login] of logins.entries()) {
      if (at % 2 === 1) continue;
      pos.answers([(refusals[0] as EchoCase).answer], login.echoed);
      await command(['connectors', 'test', `QU ${at}`]);
      pos.answers([(catalogs[0] as EchoCase).answer], login.echoed);
      await command(['connectors', 'record', `QU ${at}`, '--to', recordings]);
    }
    const login = logins[0] as (typeof logins)[number];
    pos.answers([(nonsense[2] as EchoCase).answer], login.echoed);
    await command(['sync', 'QU 0', '--wait']);
    const { rows } = await database.query<{ id: string }>(
      'select id from integration_sync_history order by created_at desc limit 1',
    );
    for (const { id } of rows) {
      for (const words of [
        ['runs', 'show', id],
        ['runs', 'logs', id],
        ['diff', id],
      ])
        await command(words);
    }
    await command(['configs', 'show', 'QU 0']);
    await command(['items', 'list', '--json']);
    await command(['configs', 'set', 'QU 0', '--secret', 'api_key=canary-in-a-flag-wxyz']);
    const files = readdirSync(recordings, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      seen.push({ where: file.name, text: readFileSync(join(file.parentPath, file.name), 'utf8') });
    }
    expect(await allTraces()).toEqual([]);
  }, 300_000);

  test('S40: jobs of the queue hold ids only', async () => {
    const { rows } = await database.query<{ data: Record<string, unknown> }>(
      `select data from ${queueSchema}.job where data is not null`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { data } of rows) {
      for (const value of Object.values(data)) expect(value).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test('S41: the server wrote a log, each line of which is JSON', () => {
    const lines = server
      .stderr()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    expect(lines.length).toBeGreaterThan(50);
    for (const line of lines) JSON.parse(line);
  });
});
