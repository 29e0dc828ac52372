// The command around the sync: the database, the server, the keys, and how it speaks.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import type { Run } from '../src/records/runs/run.ts';
import { addConfig, encryptionKey, openStory } from './support/cli-story.ts';
import { openCli } from './support/run-cli.ts';
import { until } from './support/until.ts';

let pos: FakeQu;

beforeAll(async () => {
  pos = await startFakeQu({ products: 30, modifiers: 40, discounts: 5, repeated: 3 });
});
afterAll(() => pos.stop());

describe('the database', () => {
  test('a database that was never migrated is refused with the command (exit 2); migrate and verify make it ready', async () => {
    const { cli } = await openStory({ migrated: false });
    const refused = await cli.run(['runs', 'list']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('tillsync migrate');
    const rehearsed = await cli.json(['migrate', '--dry-run']);
    expect(rehearsed).toMatchObject({ code: 0, answer: { dry_run: true, applied: expect.any(Array) } });
    expect((await cli.run(['verify'])).code).toBe(1);
    expect(await cli.json(['migrate'])).toMatchObject({ code: 0, answer: { dry_run: false } });
    const verified = await cli.run(['verify']);
    expect(verified.code).toBe(0);
    expect(verified.stdout).toMatch(/integration_products: 0\/0 records have wand_source_id\n/);
    expect(verified.stdout).toContain('All unique constraints in place with NULLS NOT DISTINCT');
    expect(verified.stdout.trimEnd()).toMatch(/Ready for sync operations$/);
  });

  test('a dropped key stops the sync before the fetch (exit 1) with its SQL; verify --fix mends it', async () => {
    const { cli, database } = await openStory();
    await addConfig(cli, pos.url);
    const dropped = 'integration_modifiers_source_external_path_unique';
    await database.query(`alter table integration_modifiers drop constraint ${dropped}`);
    const asked = pos.requests.length;
    const sync = await cli.json<Run>(['sync', 'QU POS']);
    expect(sync).toMatchObject({ code: 1, answer: { status: 'failed' } });
    expect(sync.answer.error?.message).toContain('integration_modifiers');
    expect(sync.answer.error?.sql).toContain(dropped);
    expect(pos.requests.length).toBe(asked);
    const report = await cli.json<{ ok: boolean; findings: { sql: string }[] }>(['verify']);
    expect(report.code).toBe(1);
    expect(report.answer.ok).toBe(false);
    expect(report.answer.findings[0]?.sql).toContain(dropped);
    const mended = await cli.json(['verify', '--fix']);
    expect(mended).toMatchObject({
      code: 0,
      answer: {
        ok: true,
        server_version: expect.anything(),
        tables: expect.any(Array),
        findings: expect.any(Array),
        repairs: expect.arrayContaining([
          expect.objectContaining({ rule: 'key_missing', repaired: true, error: null }),
        ]),
      },
    });
    expect((await cli.run(['sync', 'QU POS'])).code).toBe(0);
  });

  test('a sync with the wrong key is failed in history (exit 1); configs show needs no key', async () => {
    const { cli, url } = await openStory();
    await addConfig(cli, pos.url);
    const secret = ['--param', 'auth=api_key', '--secret', 'api_key=-'];
    expect((await cli.run(['configs', 'set', 'QU POS', ...secret], 'k-1234567890')).code).toBe(0);
    const other = openCli({
      DATABASE_URL: url,
      TILLSYNC_ENCRYPTION_KEY: Buffer.from(encryptionKey, 'base64').reverse().toString('base64'),
    });
    const sync = await other.run(['sync', 'QU POS']);
    expect(sync.code).toBe(1);
    expect(sync.stdout + sync.stderr).toContain('TILLSYNC_ENCRYPTION_KEY_PREVIOUS to the key ');
    expect(await other.json(['runs', 'list'])).toMatchObject({
      answer: { data: [{ status: 'failed', error: { code: 'encryption_key_unknown' } }] },
    });
    expect(await other.json(['configs', 'show', 'QU POS'])).toMatchObject({ code: 0, answer: { missing: [] } });
  });

  test('sql prints a table or JSON, reads stdin, and says what is wrong without a stack', async () => {
    const { cli } = await openStory();
    const query = "select 1 as one, 'a' || chr(27) as text, null as nothing union all select 20, 'b', null order by 1";
    expect((await cli.run(['sql', query])).stdout).toBe('one  text   nothing\n  1  a\\x1b\n 20  b\n');
    expect(await cli.json(['sql'], 'select 12345678901234567890.10::numeric as n')).toMatchObject({
      code: 0,
      answer: { data: [{ n: '12345678901234567890.10' }], next: null },
    });
    const wrong = await cli.run(['sql', 'selec 1']);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('PostgreSQL refuses this statement: syntax error');
    expect(wrong.stderr).not.toMatch(/\bat .*\.ts:\d+/);
  });

  test('sql shows every column, every result of several statements, and refuses a COPY before it runs (exit 2)', async () => {
    const { cli, database } = await openStory();
    const twins = "select 1 as count, 'x' as count, date '2026-03-04' as day";
    expect((await cli.run(['sql', twins])).stdout).toBe('count  count  day\n    1  x      2026-03-04\n');
    const several = await cli.run([
      'sql',
      `${twins}; create table t (n int); insert into t values (1), (2); select 7 as n`,
    ]);
    expect(several.stdout).toBe('count  count  day\n    1  x      2026-03-04\nn\n7\n');
    expect(several.stderr).toBe('(1 row)\n(done)\n(2 rows affected)\n(1 row)\n');
    const both = await cli.json(['sql', `${twins}; select 2 as b`]);
    expect(both.answer).toEqual({
      results: [
        { data: [{ count: 1, count_2: 'x', day: '2026-03-04' }], row_count: 1 },
        { data: [{ b: 2 }], row_count: 1 },
      ],
    });
    const copy = await cli.json(['sql', 'delete from t; copy t to stdout']);
    expect(copy).toMatchObject({ code: 2, answer: { error: { code: 'copy_not_possible' } } });
    expect((await database.query('select n from t')).rows).toHaveLength(2);
  });

  test('Ctrl-C ends a statement that still runs (exit 130), and the process with it', async () => {
    const { cli, database } = await openStory();
    const asking = cli.start(['sql', 'select pg_sleep(600)']);
    const sleeping =
      "select count(*) from pg_stat_activity where query = 'select pg_sleep(600)' and datname = current_database()";
    await until(
      'the statement runs',
      async () => (await database.query<{ count: string }>(sleeping)).rows[0]?.count === '1',
    );
    asking.child.kill('SIGINT');
    expect((await asking.ended).code).toBe(130);
  });

  test('a server that cannot be reached is one sentence, and worth trying again (exit 75)', async () => {
    const cli = openCli({
      DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
      TILLSYNC_ENCRYPTION_KEY: encryptionKey,
    });
    const result = await cli.run(['runs', 'list']);
    expect(result.code).toBe(75);
    expect(result.stderr).toContain('Fix: ');
    expect(result.stderr).not.toMatch(/\bat .*\.ts:\d+/);
  });
});

describe('start and keys', () => {
  test('start prints its address and, once, the first key; it serves the functions; SIGTERM ends it with 0', async () => {
    const { cli } = await openStory({ migrated: false });
    const server = cli.start(['start', '--port', '0']);
    const url = await until('the address', () => /http:\/\/127\.0\.0\.1:\d+/.exec(server.stdout())?.[0]);
    const key = await until('the first key', () => /ts_[\w-]{43}/.exec(server.stdout())?.[0]);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true });
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ ready: true, checks: { database: 'ok', schema: 'ok', keys: 'ok' } });
    const { id } = await addConfig(cli, pos.url);
    const post = (name: string, body: object, authorization: string) =>
      fetch(`${url}/functions/v1/${name}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await post('sync-orchestrator', { config_id: id }, `Bearer ${key}`)).status).toBe(200);
    const made = await cli.json<{ key: string }>(['keys', 'create', '--name', 'kiosk', '--access', 'sync']);
    expect((await post('fetch-integration-data', { config_id: id }, `Bearer ${made.answer.key}`)).status).toBe(200);
    expect((await post('sync-orchestrator', { config_id: id }, 'Bearer ts_wrong')).status).toBe(401);
    server.child.kill('SIGTERM');
    const ended = await server.ended;
    expect(ended.code).toBe(0);
    expect(ended.stderr).not.toContain(key);
    const again = cli.start(['start', '--port', '0']);
    await until('the address', () => /http:\/\/127/.exec(again.stdout()));
    await until('the end of its greeting', () => again.stderr().includes('Ctrl-C'));
    expect(again.stdout()).not.toContain('ts_');
    again.child.kill('SIGINT');
    expect((await again.ended).code).toBe(0);
  });

  test('a port that is taken is said in one sentence (exit 2), and the server of a broken key is not ready', async () => {
    const { cli, database } = await openStory({ env: { TILLSYNC_ADMIN_KEY: 'an-admin-key-of-the-test' } });
    const server = cli.start(['start', '--port', '0', '--json']);
    const { url, first_key } = await until('the address', () =>
      server.stdout().endsWith('}\n') ? (JSON.parse(server.stdout()) as { url: string; first_key: null }) : null,
    );
    expect(first_key).toBeNull();
    const taken = await cli.run(['start', '--port', new URL(url).port]);
    expect(taken.code).toBe(2);
    expect(taken.stderr).toContain('already in use');
    await database.query(
      'alter table integration_discounts drop constraint integration_discounts_source_external_unique',
    );
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({
      ready: false,
      checks: { database: 'ok', schema: 'ok', keys: 'Run `tillsync verify`.' },
    });
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
  });

  test('a server that is stopped during a sync ends that run as cancelled, and answers its caller', async () => {
    const { cli, database } = await openStory({ env: { TILLSYNC_ADMIN_KEY: 'an-admin-key-of-the-test' } });
    const { id } = await addConfig(cli, pos.url);
    const server = cli.start(['start', '--port', '0']);
    const url = await until('the address', () => /http:\/\/127\.0\.0\.1:\d+/.exec(server.stdout())?.[0]);
    const before = pos.requests.length;
    pos.answer('hang', 1);
    const call = fetch(`${url}/functions/v1/sync-orchestrator`, {
      method: 'POST',
      headers: { authorization: 'Bearer an-admin-key-of-the-test', 'content-type': 'application/json' },
      body: JSON.stringify({ config_id: id }),
    });
    await until('the POS is asked', () => pos.requests.length > before);
    server.child.kill('SIGTERM');
    expect(await (await call).json()).toMatchObject({ success: false, error_code: 'SYNC_ERROR' });
    expect((await server.ended).code).toBe(0);
    const { rows } = await database.query('select status from integration_sync_history');
    expect(rows).toEqual([{ status: 'cancelled' }]);
  });
});

describe('the embedded database', () => {
  test('a killed server leaves it running, stop ends it; a command starts it for itself and leaves none behind', async () => {
    const cli = openCli({ TILLSYNC_DATA_DIR: 'data' });
    const server = cli.start(['start', '--port', '0']);
    await until('the address', () => /http:\/\/127/.exec(server.stdout()));
    server.child.kill('SIGKILL');
    await server.ended;
    expect(await cli.json(['stop'])).toMatchObject({ code: 0, answer: { stopped: true } });
    expect(await cli.json(['stop'])).toMatchObject({ code: 0, answer: { stopped: false } });
    const { code, answer } = await cli.json(['sql', 'select 1 as one']);
    expect(code).toBe(0);
    expect(answer).toMatchObject({ data: [{ one: 1 }] });
    expect(await cli.json(['stop'])).toMatchObject({ code: 0, answer: { stopped: false } });
  });
});

test('stop takes the database from no living server: it names the process, and nothing is stopped (exit 2)', async () => {
  const cli = openCli({ TILLSYNC_DATA_DIR: 'data' });
  const server = cli.start(['start', '--port', '0']);
  const url = await until('the address', () => /http:\/\/127\.0\.0\.1:\d+/.exec(server.stdout())?.[0]);
  const refused = await cli.run(['stop']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(`in use by tillsync process ${server.child.pid}.`);
  expect(refused.stderr).toContain('Nothing was stopped.');
  expect(refused.stderr).toContain(`\`kill ${server.child.pid}\``);
  expect(await cli.json(['stop'])).toMatchObject({ code: 2, answer: { error: { code: 'embedded_in_use' } } });
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  // As the fix says: the server that ends takes its database with it.
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
  expect(await cli.json(['stop'])).toMatchObject({ code: 0, answer: { stopped: false } });
});

describe('the command itself', () => {
  test('help of every verb has an example and exits 0; wrong usage exits 2 and names the fault', async () => {
    const { cli } = await openStory();
    const top = await cli.run(['--help']);
    expect(top.code).toBe(0);
    const verbs = [...top.stdout.matchAll(/^ {2}([a-z]+) {2,}[A-Z]/gm)].map(([, verb]) => verb as string);
    expect(verbs).toEqual(
      expect.arrayContaining(['demo', 'start', 'worker', 'stop', 'migrate', 'verify', 'sync', 'save', 'sql']),
    );
    const subverbs: Record<string, string[]> = {
      configs: ['add', 'set', 'list', 'show'],
      sources: ['list', 'show', 'split', 'assign'],
      runs: ['list', 'show', 'approve', 'discard', 'cancel'],
      items: ['list', 'show', 'history'],
      keys: ['create'],
    };
    const calls = verbs
      .filter((verb) => verb !== 'help')
      .flatMap((verb) => ['', ...(subverbs[verb] ?? [])].map((sub) => [verb, sub]));
    const helps = await Promise.all(calls.map((words) => cli.run([...words.filter((word) => word !== ''), '--help'])));
    for (const [i, help] of helps.entries()) {
      expect(help.code, calls[i]?.join(' ')).toBe(0);
      expect(help.stdout, calls[i]?.join(' ')).toMatch(/Examples:\n {2}\$ tillsync /);
    }
    for (const verb of Object.keys(subverbs)) {
      const alone = await cli.run([verb]);
      expect(alone.code, verb).toBe(2);
      expect(alone.stderr, verb).toMatch(new RegExp(`Examples:\\n {2}\\$ tillsync ${verb} `));
    }
    const wrong: [string[], string][] = [
      [['snyc'], 'Did you mean sync?'],
      [['sync'], 'Say what to sync'],
      [['runs', 'show'], "missing required argument 'run'"],
      [['sync', 'x', '--wiat'], 'Did you mean --wait?'],
      [['runs', 'list', '--limit', 'many'], 'whole number'],
      [['save', 'x', '--mode', 'wipe'], 'merge'],
      [[], 'Usage: tillsync'],
    ];
    for (const [words, sentence] of wrong) {
      const result = await cli.run(words);
      expect(result.code, words.join(' ')).toBe(2);
      expect(result.stderr, words.join(' ')).toContain(sentence);
    }
    expect((await cli.run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('an unknown TILLSYNC variable is warned about on stderr, and stdout stays one JSON document', async () => {
    const { cli } = await openStory({ env: { TILLSYNC_COLOUR: 'red' } });
    const { answer, stderr } = await cli.json(['runs', 'list']);
    expect(answer).toEqual({ data: [], next: null });
    expect(stderr).toContain('TILLSYNC_COLOUR');
  });

  test('with --json an error is one JSON document too', async () => {
    const { cli } = await openStory();
    const { code, answer, stderr } = await cli.json(['runs', 'show', 'nothing']);
    expect(code).toBe(2);
    expect(answer).toEqual({
      error: expect.objectContaining({ code: 'run_unknown', message: expect.any(String), hint: expect.any(String) }),
    });
    expect(stderr).toContain('No run has the id nothing.');
  });
});
