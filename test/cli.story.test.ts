// The command as people and scripts use it: a real process, a real database, a pretend POS.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import type { Run } from '../src/records/runs/run.ts';
import { requestSync } from '../src/sync/request-sync.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { addConfig, openStory } from './support/cli-story.ts';
import { depsOver } from './support/deps-over.ts';
import { openCli } from './support/run-cli.ts';
import { until } from './support/until.ts';

let pos: FakeQu;

beforeAll(async () => {
  pos = await startFakeQu({ products: 30, modifiers: 40, discounts: 5, repeated: 3 });
});
afterAll(() => pos.stop());

describe('configs', () => {
  test('a config that lacks settings says which, cannot be synced (exit 2), and gets its source when it has them', async () => {
    const { cli } = await openStory();
    const half = ['configs', 'add', '--connector', 'qu', '--name', 'QU POS', '--param', 'brand=acme'];
    const added = await cli.json(half);
    expect(added).toMatchObject({ code: 0, answer: { source_id: null, missing: ['establishment', 'base_url'] } });
    const sync = await cli.run(['sync', 'QU POS', '--wait']);
    expect(sync.code).toBe(2);
    expect(sync.stderr).toContain('establishment');
    expect(sync.stderr).toContain('Fix: ');
    const set = await cli.json([
      ...['configs', 'set', 'QU POS', '--param', 'establishment=17'],
      ...['--param', `base_url=${pos.url}`],
    ]);
    expect(set).toMatchObject({
      code: 0,
      answer: { source_id: expect.stringMatching(/^[0-9a-f-]{36}$/), missing: [] },
    });
    const list = await cli.json<{ data: unknown[]; next: null }>(['configs', 'list']);
    expect(list.answer).toMatchObject({ data: [{ name: 'QU POS', connector_id: 'qu' }], next: null });
    expect((await cli.run(['sources', 'list'])).stdout).toContain('QU POS');
    expect((await cli.run(['sync', 'qu pos'])).stderr).toContain('Did you mean "QU POS"?');
  });

  test('a secret comes from stdin or a file, is shown nowhere, and lies encrypted in the database', async () => {
    const { cli, database } = await openStory();
    const { id } = await addConfig(cli, pos.url);
    const words = ['configs', 'set', id, '--param', 'auth=api_key', '--secret', 'api_key=-'];
    const set = await cli.run([...words, '--json'], 'hunter2-from-stdin\n');
    expect(set.code).toBe(0);
    const shown = await cli.run(['configs', 'show', id]);
    expect(shown.stdout).toContain('api_key');
    for (const text of [set.stdout, set.stderr, shown.stdout]) expect(text).not.toContain('hunter2');
    const { rows } = await database.query<{ all: string }>(
      'select config_params::text || credentials::text || credentials_encrypted::text as all from integration_source_configs',
    );
    expect(rows[0]?.all).not.toContain('hunter2');
    expect(rows[0]?.all).toContain('v1.');
    const inFlag = await cli.run(['configs', 'set', id, '--secret', 'api_key=hunter2']);
    expect(inFlag.code).toBe(2);
    expect(inFlag.stderr).not.toContain('hunter2');
  });

  test('another identity asks what becomes of the rows (exit 2)', async () => {
    const { cli } = await openStory();
    const { id, source_id } = await addConfig(cli, pos.url);
    const change = ['configs', 'set', id, '--param', 'establishment=18'];
    const refused = await cli.json(change);
    expect(refused).toMatchObject({ code: 2, answer: { error: { code: 'identity_change_needs_choice' } } });
    expect((await cli.json(['configs', 'show', id])).answer.source_id).toBe(source_id);
    const moved = await cli.json([...change, '--new-source']);
    expect(moved.code).toBe(0);
    expect(moved.answer.source_id).not.toBe(source_id);
  });
});

describe('a command line that says too little', () => {
  test('configs set without a change, or taking away what does not exist, is exit 2 and named', async () => {
    const { cli } = await openStory();
    await addConfig(cli, pos.url);
    const cases: [string[], string][] = [
      [[], 'nothing_to_change'],
      [['--unset', 'curency'], 'param_unknown'],
      [['--unset-secret', 'api_kee'], 'secret_unknown'],
    ];
    for (const [words, code] of cases) {
      expect(await cli.json(['configs', 'set', 'QU POS', ...words])).toMatchObject({
        code: 2,
        answer: { error: { code } },
      });
    }
    expect((await cli.run(['configs', 'set', 'QU POS', '--unset', 'currency'])).code).toBe(0);
  });

  test('what cannot be read is one JSON document too where --json was asked for (exit 2)', async () => {
    const cli = openCli({});
    const cases: [string[], string][] = [
      [['runs', 'list', '--nope'], "unknown option '--nope'"],
      [['nope'], "unknown command 'nope'"],
      [['diff'], "missing required argument 'run'"],
      [[], 'No command was given.'],
    ];
    for (const [words, message] of cases) {
      expect(await cli.json(words)).toMatchObject({ code: 2, answer: { error: { code: 'usage', message } } });
    }
  });
});

describe('sync, diff and the history', () => {
  test('the first sync creates, the second changes nothing, an edited price and a dropped product are named by diff', async () => {
    const { cli } = await openStory();
    const own = await startFakeQu({ products: 30, modifiers: 40, discounts: 5, repeated: 3 });
    try {
      await addConfig(cli, own.url);
      const first = await cli.json<Run>(['sync', 'QU POS', '--wait']);
      expect(first.code).toBe(0);
      expect(first.answer).toMatchObject({
        status: 'success',
        trigger: 'cli',
        counts: {
          products: { received: 30, created: 30 },
          modifiers: { received: 43, created: 40, duplicates: 3 },
          discounts: { received: 5, created: 5 },
        },
      });
      expect(first.answer.requested_by).toMatch(/^cli:./);
      const second = await cli.run(['sync', 'QU POS']);
      expect(second.code).toBe(0);
      expect(second.stdout).toContain('SUCCESS     No changes: 75 items checked.');
      expect(second.stderr).toBe('');
      const control = await fetch(`${own.url}/control`, { method: 'POST', body: '{"change": 1, "drop": 1}' });
      const { changed, dropped } = (await control.json()) as Record<'changed' | 'dropped', [string]>;
      const [edited] = changed;
      const third = await cli.json<Run>(['sync', 'QU POS', '--wait']);
      expect(third.answer.counts?.products).toMatchObject({ created: 0, updated: 1, removed: 1 });
      const diff = await cli.json<{
        data: { operation: string; external_id: string; fields: Record<string, string[]> }[];
      }>(['diff', third.answer.id]);
      const updated = diff.answer.data.find((change) => change.operation === 'updated');
      expect(updated?.external_id).toBe(edited);
      const [old, now] = updated?.fields.price ?? [];
      expect(old).toMatch(/^\d+(\.\d+)?$/);
      expect(now).not.toBe(old);
      const text = await cli.run(['diff', third.answer.id]);
      expect(text.stdout).toContain(`    price         ${old} → ${now}\n`);
      expect(text.stdout).toContain(`- product  ${dropped[0]}  `);
      const history = await cli.json<{ data: { events: object[] }[] }>(['items', 'history', edited]);
      expect(history.answer.data[0]?.events).toMatchObject([{ operation: 'created' }, { operation: 'updated' }]);
      expect((await cli.run(['items', 'list', '--removed'])).stdout).toContain('removed');
      expect((await cli.run(['items', 'show', edited, '--kind', 'products'])).stdout).toContain(now);
      const runs = await cli.json<{ data: Run[]; next: string | null }>(['runs', 'list', '--limit', '2']);
      expect(runs.answer.data).toHaveLength(2);
      const rest = await cli.json<{ data: Run[] }>(['runs', 'list', '--cursor', runs.answer.next ?? '']);
      expect(rest.answer.data.map((run) => run.id)).toEqual([first.answer.id]);
    } finally {
      await own.stop();
    }
  });

  test('an empty answer is held (exit 4); diff lists what would go, approve applies it, a second approve is stale', async () => {
    const { cli, database } = await openStory();
    await addConfig(cli, pos.url);
    await cli.run(['sync', 'QU POS']);
    const live = async () => {
      const { rows } = await database.query<{ count: string }>('select count(*) from integration_products_current');
      return rows[0]?.count;
    };
    pos.answer('empty', 1);
    const held = await cli.run(['sync', 'QU POS', '--wait']);
    expect(held.code).toBe(4);
    expect(held.stdout).toContain('HELD');
    expect(held.stdout).toContain('Nothing was written.');
    const id = /runs approve ([0-9a-f-]{36})/.exec(held.stderr)?.[1] ?? '';
    expect(await live()).toBe('30');
    const shown = await cli.json(['runs', 'show', id]);
    expect(shown.answer).toMatchObject({ status: 'held', hold: { resolution: null } });
    const diff = await cli.json<{ data: { operation: string }[] }>(['diff', id]);
    expect(diff.answer.data).toHaveLength(75);
    expect(new Set(diff.answer.data.map((change) => change.operation))).toEqual(new Set(['removed']));
    expect(await cli.json(['runs', 'approve', id])).toMatchObject({
      code: 0,
      answer: { status: 'success', trigger: 'approve', applies_run_id: id },
    });
    expect(await live()).toBe('0');
    const again = await cli.run(['runs', 'approve', id]);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/stale|already|approved/i);
  });

  test('a dry run writes nothing and can be discarded or applied', async () => {
    const { cli, database } = await openStory();
    await addConfig(cli, pos.url);
    const count = async () => (await database.query('select count(*) from integration_products')).rows;
    const planned = await cli.json<Run>(['sync', 'QU POS', '--dry-run']);
    expect(planned).toMatchObject({ code: 0, answer: { status: 'planned', dry_run: true } });
    expect(await count()).toEqual([{ count: '0' }]);
    expect((await cli.run(['runs', 'discard', planned.answer.id])).code).toBe(0);
    const other = await cli.json<Run>(['sync', 'QU POS', '--dry-run']);
    expect((await cli.run(['runs', 'approve', other.answer.id])).code).toBe(0);
    expect(await count()).toEqual([{ count: '30' }]);
    expect((await cli.run(['runs', 'discard', '00000000-0000-0000-0000-000000000000'])).code).toBe(2);
  });

  test('O15: while a sync runs, a second one is told so (exit 5), and --wait follows that run to its end', async () => {
    const { cli, database } = await openStory();
    const { id } = await addConfig(cli, pos.url);
    const deps = await depsOver(database);
    const { run } = await requestSync(deps, { configId: id, trigger: 'manual', requestedBy: 'cli:ada' });
    const refused = await cli.json<Run>(['sync', 'QU POS']);
    expect(refused.code).toBe(5);
    expect(refused.answer.id).toBe(run.id);
    expect(refused.stderr).toContain('already running');
    expect(refused.stderr).toContain('cli:ada');
    const follower = cli.start(['sync', 'QU POS', '--wait', '--json']);
    await until('the follower says that it follows', () => follower.stderr().includes('Following run'));
    await runSync(deps, run.id);
    const followed = await follower.ended;
    expect(followed.code).toBe(0);
    expect(JSON.parse(followed.stdout)).toMatchObject({ id: run.id, status: 'success' });
  });

  test('Ctrl-C cancels the sync of this process: nothing is written, and history says cancelled', async () => {
    const { cli, database } = await openStory();
    await addConfig(cli, pos.url);
    const before = pos.requests.length;
    pos.answer('hang', 1);
    const sync = cli.start(['sync', 'QU POS', '--wait']);
    await until('the POS is asked', () => pos.requests.length > before);
    sync.child.kill('SIGINT');
    expect((await sync.ended).code).toBe(1);
    const { rows } = await database.query(
      'select status, phase is null or true as ended from integration_sync_history',
    );
    expect(rows).toMatchObject([{ status: 'cancelled' }]);
  });

  test('a refusal of the POS is exit 1 with its fix, a POS that is down is exit 75, and no stack is shown', async () => {
    const { cli } = await openStory();
    await addConfig(cli, pos.url);
    pos.answer('401', 1);
    const refused = await cli.run(['sync', 'QU POS']);
    pos.answer('500', 5);
    const down = await cli.run(['sync', 'QU POS']);
    pos.answer('catalog');
    expect(refused.code).toBe(1);
    expect(down.code).toBe(75);
    for (const { stdout, stderr } of [refused, down]) {
      expect(stdout).toContain('FAILED');
      expect(stderr).toMatch(
        / {2}Your catalog was not changed\.\n {2}Fix: .+\n {2}More: docs\/reference\/errors\.md#\w+\n$/,
      );
      expect(stdout + stderr).not.toMatch(/\bat .*\.ts:\d+/);
    }
    const list = await cli.run(['runs', 'list', '--status', 'failed']);
    expect(list.stdout.match(/failed/g)?.length).toBeGreaterThanOrEqual(2);
  });
});

describe('save', () => {
  test('the same file twice changes nothing, a bad item makes it partial (exit 3), and --json is the function’s answer', async () => {
    const { cli } = await openStory();
    const { source_id } = await addConfig(cli, pos.url);
    const file = join(cli.folder, 'menu.json');
    const products = [
      { id: '1', name: 'Tea', price: 2.5 },
      { id: '2', name: 'evil \u001b[31mred', price: '3.10' },
    ];
    await writeFile(file, `\ufeff${JSON.stringify({ products })}`);
    const first = await cli.json(['save', 'menu.json', '--config', 'QU POS']);
    expect(first).toMatchObject({
      code: 0,
      answer: { success: true, source_id, counts: { products: 2, total: 2 }, changes: { products: { created: 2 } } },
    });
    const second = await cli.run(['save', file, '--source', source_id]);
    expect(second.code).toBe(0);
    expect(second.stdout).toContain('No changes: 2 items checked.');
    const listed = await cli.run(['items', 'list', '--config', 'QU POS']);
    expect(listed.stdout).toContain('evil \\x1b[31mred');
    expect(listed.stdout).not.toContain('\u001b[31m');
    const partial = await cli.json(['save', '-', '--config', 'QU POS'], '{"products":[{"name":"no id"},{"id":"1"}]}');
    expect(partial).toMatchObject({ code: 3, answer: { success: true, changes: { products: { rejected: 1 } } } });
    const emptied = await cli.json(
      ['save', '-', '--config', 'QU POS', '--mode', 'full'],
      '{"formatted_data":{"products":[{"id":"1"}]}, "metadata": {}}',
    );
    expect(emptied.code).toBe(0);
    expect(emptied.answer).toMatchObject({ changes: { products: { removed: 1 } } });
  });

  test('a file that is none, or holds nothing to save, is exit 2 and named', async () => {
    const { cli } = await openStory();
    await addConfig(cli, pos.url);
    const deep = (inner: string) => `${'['.repeat(100_000)}${inner}${']'.repeat(100_000)}`;
    const cases: [string, string][] = [
      [`{"products": [{"id": 1, "x": ${deep('1.10')}}]}`, 'nested too deeply'],
      [`{"products": [{"id": 1}], "metadata": {"x": ${deep('')}}}`, 'metadata is nested deeper than 100 levels'],
      ['{"products": [', 'not valid JSON'],
      ['{"menu": []}', 'no products, modifiers or discounts'],
      ['{"products": {}}', 'products is not a list'],
    ];
    for (const [text, sentence] of cases) {
      const result = await cli.run(['save', '-', '--config', 'QU POS'], text);
      expect(result.code).toBe(2);
      expect(result.stderr).toContain(sentence);
    }
    const partial = await cli.json(
      ['save', '-', '--config', 'QU POS'],
      `{"products": [{"id": 2}, {"id": 1, "x": ${deep('')}}]}`,
    );
    expect([partial.code, partial.answer.changes]).toMatchObject([3, { products: { rejected: 1 } }]);
    expect((await cli.run(['save', 'nowhere.json', '--config', 'QU POS'])).code).toBe(2);
    expect((await cli.run(['save', '-'], '{"products":[]}')).stderr).toContain('--config');
    for (const words of [
      ['--source', 'nope'],
      ['--source', 'nope', '--config', 'QU POS'],
    ]) {
      const foreign = await cli.run(['save', '-', ...words], '{"products":[]}');
      expect(foreign.code).toBe(2);
      expect(foreign.stderr).toContain('No source has the id nope.');
    }
  });
});
