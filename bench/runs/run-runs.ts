// --runs: what workers sustain over one queue, how fast a dead one's run goes on, and what the API feels of a large sync.
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createKey } from '../../src/access/create-key.ts';
import { type App, openApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { identityOf } from '../../src/connectors/identity.ts';
import { startFakeQu } from '../../src/connectors/qu/fake.ts';
import { makeCatalog } from '../../src/connectors/qu/fake-catalog.ts';
import { installQueue } from '../../src/queue/install-queue.ts';
import { requestSync } from '../../src/sync/request-sync.ts';
import { requestDue } from '../../src/sync/schedule/request-due.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { median } from '../measure/statistics.ts';
import type { Cluster } from '../server/open-cluster.ts';
import { type Command, startCommand } from './start-command.ts';

/** One figure of --runs. */
export interface RunsResult {
  what: string;
  value: number;
  unit: 'per s' | 'x' | 's' | 'ms';
}

export interface RunsOptions {
  rounds: number;
  /** Items of the sync beside which the API is asked. */
  items: number;
  log: (line: string) => void;
}

const sources = 40;
const slots = 4;
const dueConfigs = 10_000;
const workerCounts = [1, 2, 4] as const;

interface Bench {
  app: App;
  pos: Awaited<ReturnType<typeof startFakeQu>>;
  configIds: string[];
  /** Starts the command over the bench's database. */
  start(...words: string[]): Promise<Command>;
}

/** All of them, one after the other, over one database. */
export async function runRuns(cluster: Cluster, of: RunsOptions): Promise<RunsResult[]> {
  const database = await cluster.makeDatabase('bench_runs', { trigger: true });
  const environment = {
    TILLSYNC_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    TILLSYNC_ALLOW_PRIVATE_HOSTS: '1',
  };
  const config = readConfig({ DATABASE_URL: database.url, TILLSYNC_LOG_LEVEL: 'silent', ...environment }, '/');
  const app = await openApp({ config });
  await installQueue(app.database);
  const pos = await startFakeQu({ products: 425, modifiers: 685, discounts: 10, repeated: 0 });
  const start: Bench['start'] = (...words) => startCommand(words, { url: database.url, environment });
  try {
    const configIds: string[] = [];
    for (let n = 0; n < sources; n++) configIds.push(await newConfig(app, pos.url, n));
    const bench = { app, pos, configIds, start };
    const sustained = await throughput(bench, of);
    const rest = [await afterKill(bench), ...(await apiBeside(bench, of))];
    return [...sustained, ...rest, await enqueueDue(bench, of)];
  } finally {
    await pos.stop();
    await app.close();
    await cluster.dropDatabase(database);
  }
}

async function newConfig(app: App, baseUrl: string, n: number): Promise<string> {
  const config = await addConfig(app.deps, {
    connectorId: 'qu',
    name: `bench ${n}`,
    params: { brand: 'bench', establishment: String(n), base_url: baseUrl },
    secrets: {},
  });
  return config.id;
}

/** Unchanged catalogs of 1,120 items, from the request to the last end, by 1, 2 and 4 worker processes. */
async function throughput(bench: Bench, of: RunsOptions): Promise<RunsResult[]> {
  const results: RunsResult[] = [];
  for (const count of workerCounts) {
    const workers = await Promise.all(
      Array.from({ length: count }, () => bench.start('worker', '--slots', String(slots))),
    );
    // Everybody's first sync, and compiled code, are not counted.
    await syncAll(bench);
    const taken: number[] = [];
    for (let round = 0; round < of.rounds; round++) taken.push(sources / (await syncAll(bench)));
    await Promise.all(workers.map((worker) => worker.stop()));
    const perSecond = median(taken);
    const one = results[0]?.value ?? perSecond;
    of.log(`${count} workers: ${perSecond.toFixed(1)} syncs per second`);
    results.push({ what: `unchanged syncs by ${count} workers`, value: perSecond, unit: 'per s' });
    if (count > 1) results.push({ what: `${count} workers against one`, value: perSecond / one, unit: 'x' });
  }
  return results;
}

/** Asks for every source and waits for the last end; returns the seconds. */
async function syncAll({ app, configIds }: Bench): Promise<number> {
  const begun = performance.now();
  const waiting = [...configIds];
  const ask = async () => {
    for (let configId = waiting.pop(); configId !== undefined; configId = waiting.pop()) {
      await requestSync(app.deps, { configId, trigger: 'api', requestedBy: 'bench', enqueue: true });
    }
  };
  await Promise.all(Array.from({ length: 4 }, ask));
  await untilNone(app);
  return (performance.now() - begun) / 1000;
}

async function untilNone(app: App): Promise<void> {
  while ((await countRuns(app, `status in ('queued', 'in_progress')`)) > 0) await pause(10);
  const failed = await countRuns(app, `status = 'failed'`);
  if (failed > 0) throw new Error(`${failed} runs failed`);
}

async function countRuns(app: App, condition: string): Promise<number> {
  const { rows } = await app.database.query<{ count: number }>(
    `select count(*)::int as count from integration_sync_history where ${condition}`,
  );
  return rows[0]?.count ?? 0;
}

/** Seconds from kill -9 of the worker until another one works on the run again; the lease is the default, 15 s. */
async function afterKill(bench: Bench): Promise<RunsResult> {
  const { app, pos, configIds } = bench;
  const doomed = await bench.start('worker', '--slots', '1');
  pos.answer('hang', 1);
  const { run } = await requestSync(app.deps, {
    configId: configIds[0] ?? '',
    trigger: 'api',
    requestedBy: 'bench',
    enqueue: true,
  });
  const asked = pos.requests.length;
  while (pos.requests.length === asked) await pause(10);
  const heir = await bench.start('worker', '--slots', '1');
  const begun = performance.now();
  doomed.child.kill('SIGKILL');
  while ((await countRuns(app, `retry_of_run_id = '${run.id}' and started_at is not null`)) === 0) await pause(50);
  const seconds = (performance.now() - begun) / 1000;
  await untilNone(app);
  await heir.stop();
  return { what: 'from kill -9 of a worker to the next one at work', value: seconds, unit: 's' };
}

/** 10,000 configs that are due at one moment, a minute ago: from the first look to the last request. */
async function enqueueDue({ app, pos }: Bench, of: RunsOptions): Promise<RunsResult> {
  const connector = await app.deps.connectors.get('qu');
  if (connector === undefined) throw new Error('no such connector');
  const made = Array.from({ length: dueConfigs }, (_, n) => {
    const params = { brand: 'due', establishment: String(n), base_url: pos.url };
    return { params: JSON.stringify(params), found: identityOf(connector, params) };
  });
  await app.database.query(
    `with given as (
       select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as g(params, origin, identity, identity_key)),
     made as (
       insert into wand_integration_sources (name, integration_type, origin, identity, identity_key)
       select 'due', 'qu', origin, identity::jsonb, identity_key from given returning id, identity_key)
     insert into integration_source_configs
       (config_name, connector_id, application_level, config_params, wand_source_id, sync_frequency_minutes, next_due_at)
     select 'due', 'qu', 'site', g.params::jsonb, m.id, 15, now() - interval '1 minute'
       from given g join made m using (identity_key)`,
    [
      made.map(({ params }) => params),
      made.map(({ found }) => found?.origin ?? null),
      made.map(({ found }) => JSON.stringify(found?.identity)),
      made.map(({ found }) => found?.key ?? null),
    ],
  );
  const begun = performance.now();
  // The database's time as it stands now: what takes longer than two minutes would be put off as after a downtime.
  const counts = await requestDue(app.deps, { now: new Date() });
  const seconds = (performance.now() - begun) / 1000;
  of.log(`due: ${JSON.stringify(counts)} in ${seconds.toFixed(1)} s`);
  if (counts.requested !== dueConfigs) throw new Error(`${counts.requested} of ${dueConfigs} were asked for`);
  const what = `runs asked for of ${dueConfigs.toLocaleString('en-US')} due configs`;
  return { what, value: dueConfigs / seconds, unit: 'per s' };
}

/** Latency of a list of runs over HTTP, alone and while the same process syncs a large catalog. */
async function apiBeside(bench: Bench, of: RunsOptions): Promise<RunsResult[]> {
  const { app, pos, configIds } = bench;
  const server = await bench.start('start', '--port', '0');
  const { key } = await createKey(app.database, { name: 'bench', createdBy: 'bench', access: 'admin' });
  const url = `${String(server.said.url)}/api/v1/runs?limit=20`;
  const alone = await latencies(url, key, async () => false);
  const share = of.items / 1120;
  pos.setCatalog(
    makeCatalog({
      products: Math.round(425 * share),
      modifiers: Math.round(685 * share),
      discounts: Math.round(10 * share),
      repeated: 0,
    }),
  );
  await requestSync(app.deps, {
    configId: configIds[1] ?? '',
    trigger: 'api',
    requestedBy: 'bench',
    enqueue: true,
    dryRun: true,
  });
  const busy = await latencies(url, key, async () => (await countRuns(app, `status in ('queued', 'in_progress')`)) > 0);
  await server.stop();
  const what = `API p99 beside a sync of ${of.items.toLocaleString('en-US')} items`;
  return [
    { what: 'API p99 alone', value: p99(alone), unit: 'ms' },
    { what, value: p99(busy), unit: 'ms' },
    { what: `${what}, against alone`, value: p99(busy) / p99(alone), unit: 'x' },
  ];
}

const fewestCalls = 200;

async function latencies(url: string, key: string, goesOn: () => Promise<boolean>): Promise<number[]> {
  const taken: number[] = [];
  while (taken.length < fewestCalls || (await goesOn())) {
    const begun = performance.now();
    const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
    await response.text();
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
    taken.push(performance.now() - begun);
  }
  return taken;
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0;
}
