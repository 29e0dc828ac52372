// The command through a server: the same answers and exit codes as on the database itself.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey } from '../src/access/create-key.ts';
import { type Server, startServer } from '../src/api/start-server.ts';
import type { Backend } from '../src/cli/backend/backend.ts';
import { localBackend } from '../src/cli/backend/local-backend.ts';
import { remoteBackend } from '../src/cli/backend/remote-backend.ts';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { changePrices } from '../src/connectors/qu/fake-catalog.ts';
import { type ApiClient, openApiClient } from '../src/net/api-client.ts';
import type { Run } from '../src/records/runs/run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { followRun } from '../src/sync/follow-run.ts';
import { storeRecipe } from '../src/sync/recipes/store-recipe.ts';
import { addQuConfig, openEngine, syncNow } from './support/engine.ts';
import { openWorker } from './support/open-worker.ts';
import { type Cli, openCli } from './support/run-cli.ts';

let deps: Deps & { url: string };
let pos: FakeQu;
let server: Server;
let client: ApiClient;
let remote: Cli;
let config: { configId: string; sourceId: string };

const recipe = `recipe: 1
id: till-by-data
title: Till by data
params: { shop: {} }
identity: [shop]
removal: absence
requests: [{ path: '/{shop}', products: { each: [{ path: items }], key: id } }]
`;

beforeAll(async () => {
  deps = await openEngine();
  await openWorker(deps);
  pos = await startFakeQu({ products: 30, modifiers: 40, discounts: 5, repeated: 3 });
  config = await addQuConfig(deps, pos.url);
  await storeRecipe(deps, recipe, { by: 'test' });
  const apiKey = (await createKey(deps.database, { name: 'laptop', createdBy: 'test', access: 'admin' })).key;
  server = await startServer({ deps, config: { adminKey: null, corsOrigins: [] } }, { host: '127.0.0.1', port: 0 });
  client = await openApiClient({ url: server.url, apiKey });
  remote = openCli({ TILLSYNC_SERVER: server.url, TILLSYNC_API_KEY: apiKey });
});
afterAll(async () => {
  await client.close();
  await server.stop();
  await pos.stop();
});

describe('a command with --server', () => {
  test('syncs there, shows what the run did, and ends with the code of the run: held 4, refused 2, approved 0', async () => {
    const synced = await remote.json<Run>(['sync', 'QU POS', '--wait']);
    expect(synced).toMatchObject({
      code: 0,
      answer: { status: 'success', trigger: 'api', requested_by: 'key:laptop' },
    });
    expect(synced.answer).toMatchObject({ counts: { products: { created: 30 } } });
    pos.answer('empty', 1);
    const held = await remote.json<Run>(['sync', config.configId, '--wait']);
    expect(held).toMatchObject({ code: 4, answer: { status: 'held' } });
    const [diff, wrong] = await Promise.all([
      remote.run(['diff', held.answer.id]),
      remote.json<{ error: { message: string } }>(['runs', 'approve', held.answer.id, '--confirm', '3']),
    ]);
    expect(diff.code).toBe(0);
    expect(diff.stdout.match(/^- /gm)).toHaveLength(75);
    expect(wrong).toMatchObject({ code: 2, answer: { error: { code: 'confirm_mismatch' }, run_id: held.answer.id } });
    expect(wrong.answer.error.message).toContain('makes 75 changes (75 of them removals), not 3');
    const applied = await remote.run(['runs', 'approve', held.answer.id, '--confirm', '75']);
    expect(applied.code).toBe(0);
    expect(applied.stdout).toContain('75 changes');
    const queued = await remote.json<Run>(['sync', config.configId, '--dry-run']);
    expect(queued).toMatchObject({ code: 0, answer: { dry_run: true }, stderr: expect.stringMatching(/ is queued/) });
    expect(await followRun(deps, queued.answer.id)).toMatchObject({ status: 'planned' });
  });

  test('imports a file there: previewed here, mapped, uploaded in pieces, its rejects told, and refused in the same words', {
    timeout: 240_000,
  }, async () => {
    const rows = (count: number) => Array.from({ length: count }, (_, n) => `P${n};Gericht ${n};${n + 1},50`);
    const csv = (...lines: string[]) => `Nr;Bezeichnung;Preis\r\n${lines.join('\r\n')}\r\n`;
    const words = ['import', '-', '--new', 'Karte', '--map', 'external_id=Nr'];
    const preview = await remote.run([...words, '--preview'], csv(...rows(3)));
    expect(preview.stdout).toMatch(/Nr +external_id +P0 {2}P1 {2}P2/);
    expect(
      (await deps.database.query("select from integration_source_configs where config_name = 'Karte'")).rowCount,
    ).toBe(0);
    const first = await remote.json<Run>(words, csv(...rows(8)));
    expect(first).toMatchObject({ code: 0, answer: { status: 'success', counts: { products: { created: 8 } } } });
    const renamed = csv(...rows(8)).replace('Bezeichnung', 'Text');
    const mapped = ['import', '-', '--config', 'Karte', '--map', 'name=Text'];
    const bad = await remote.run(mapped, `${renamed}P99;Kaputt;1,234\r\n`);
    expect(bad.code).toBe(3);
    expect(bad.stderr).toContain('Set aside: line 10: The column “Preis”: "1,234" can be 1234 or 1.234');
    const shown = await remote.json<{ params: { columns: object } }>(['configs', 'show', 'Karte']);
    expect(shown.answer.params.columns).toEqual({ external_id: 'Nr', name: 'Text', price: 'Preis' });
    const whole = await remote.json<Run>(
      ['import', '-', '--config', 'Karte', '--full'],
      renamed.replace(/P0;.*\r\n/, ''),
    );
    expect(whole).toMatchObject({
      code: 0,
      answer: { mode: 'full', counts: { products: { unchanged: 7, removed: 1 } } },
    });
    const large = csv(...Array.from({ length: 60_000 }, (_, n) => `L${n};${'x'.repeat(40)};1`)).replace(
      'Bezeichnung',
      'Text',
    );
    const dry = await remote.json<Run>(['import', '-', '--config', 'Karte', '--dry-run'], large);
    expect(dry).toMatchObject({ code: 0, answer: { status: 'planned', counts: { products: { received: 60_000 } } } });
    const refused = await remote.run(['import', '-', '--config', 'QU POS'], csv(...rows(1)));
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('which takes no files') });
    const missing = await remote.run(['import', 'nowhere.csv', '--config', 'Karte']);
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('nowhere.csv cannot be read') });
  });

  test('refuses what needs the database, no key, and a server that is not there', async () => {
    const [verify, keyless, away, both] = await Promise.all([
      remote.run(['verify']),
      openCli({}).run(['runs', 'list', '--server', server.url]),
      openCli({ TILLSYNC_API_KEY: 'ts_x' }).run(['runs', 'list', '--server', 'http://127.0.0.1:1']),
      remote.run(['runs', 'list', '--server', server.url, '--data-dir', 'x']),
    ]);
    expect(verify.code).toBe(2);
    expect(verify.stderr).toContain('`tillsync verify` works on the database itself and cannot go through a server.');
    expect(keyless).toMatchObject({ code: 2, stderr: expect.stringContaining('Set TILLSYNC_API_KEY') });
    expect(away).toMatchObject({ code: 75, stderr: expect.stringContaining('127.0.0.1:1 does not answer') });
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('--server excludes') });
  });
});

describe('the two backends', () => {
  test('give the same answers and the same refusals, field by field', async () => {
    const run = await syncNow(deps, config.configId);
    changePrices(pos.catalog, 3);
    const priced = await syncNow(deps, config.configId);
    const local = localBackend({ database: deps.database, deps });
    const far = remoteBackend(client);
    const [item] = (await local.listItems({ kind: 'products', limit: 1, sourceId: config.sourceId })).data;
    const name = { externalId: item!.external_id, kind: 'products' as const, sourceId: config.sourceId };
    const check = { save: false, signal: new AbortController().signal, onStep: () => undefined };
    const asked: ((backend: Backend) => Promise<unknown>)[] = [
      (of) => of.findConfig('QU POS'),
      (of) => of.findConfig('qu pos'),
      (of) => of.listConfigs(),
      (of) => of.showConfig('QU POS'),
      (of) => of.showConfig('nobody'),
      (of) => of.listConnectors(),
      (of) => of.readParams('till-by-data', ['shop=7', 'exclude_categories=["a"]', 'base_url=https://x.example']),
      (of) => of.readParams('qu', ['establishment=17', 'exclude_categories=["a"]', 'nobody=[1]']),
      (of) => of.readParams('nobody', ['a=[1]']),
      (of) => of.checkConnection({ target: { configId: config.configId }, ...check }),
      (of) => of.checkConnection({ target: { connectorId: 'nobody', params: {}, secrets: {} }, ...check }),
      (of) => of.lintSource(config.sourceId),
      (of) => of.lintSource('x'),
      (of) => of.redoRun({ how: 'retry', runId: run.id }),
      (of) => of.redoRun({ how: 'replay', runId: 'x' }),
      (of) => of.listSources(),
      (of) => of.showSource(config.sourceId),
      (of) => of.showSource('x'),
      (of) => of.listRuns({ configId: config.configId, limit: 2 }),
      (of) => of.listRuns({ status: 'held', sourceId: config.sourceId }),
      (of) => of.showRun(run.id),
      (of) => of.showRun('x/../y'),
      (of) => of.listChanges(priced.id, { limit: 10 }),
      (of) => of.listRejects(run.id),
      (of) => of.listDuplicates(run.id),
      (of) => of.listItems({ removed: false, limit: 5 }),
      (of) => of.listItems({ kind: 'modifiers', sourceId: config.sourceId, externalId: 'x' }),
      (of) => of.showItem(name),
      (of) => of.showItem({ externalId: 'a/b ?%' }),
      (of) => of.itemHistory(name),
      (of) => of.discardRun(run.id),
    ];
    for (const ask of asked) {
      const [here, there] = await Promise.all([outcome(ask(local)), outcome(ask(far))]);
      expect(there, String(ask)).toEqual(here);
    }
  });
});

/** What was answered, or the error as the command shows it. */
async function outcome(asked: Promise<unknown>): Promise<unknown> {
  try {
    return { answer: await asked };
  } catch (error) {
    const { message, code, step, effect, exitCode, retry } = error as Error & Record<string, unknown>;
    return { message, code, step, effect, exitCode, retry };
  }
}
