// tillsync demo: the life of a sync in four acts, on a PostgreSQL and a pretend POS of its own.
import { join } from 'node:path';
import { type App, migrateApp, openApp } from '../../app.ts';
import { kinds } from '../../catalog/item.ts';
import { type Config, readConfig } from '../../config.ts';
import type { Connector, ConnectorDemo } from '../../connectors/connector.ts';
import { allConnectors } from '../../connectors/load-connectors.ts';
import { deleteDataFolder } from '../../db/embedded/stop-embedded.ts';
import { formatReport } from '../../db/verify/format-report.ts';
import { type VerifyReport, verify } from '../../db/verify/verify.ts';
import { listChanges } from '../../records/runs/read-changes.ts';
import { listRuns } from '../../records/runs/read-runs.ts';
import type { KindCounts, Run } from '../../records/runs/run.ts';
import { requestSync } from '../../sync/request-sync.ts';
import { runSync } from '../../sync/run-sync.ts';
import { addConfig } from '../../sync/set-config.ts';
import { exitCodes } from '../exit-code.ts';
import { changeText } from '../print/diff-text.ts';
import { receipt } from '../print/receipt.ts';
import { writeJson, writeOut, writeTalk } from '../print/write.ts';
import { runTable } from '../verbs/runs/runs.ts';
import { startWorkerOf } from '../verbs/server/worker.ts';
import { requestedBy } from '../with-app.ts';
import { type PretendPos, startPretendPos } from './pretend-pos.ts';

export interface DemoOptions {
  /** End after the show. */
  once: boolean;
  json: boolean;
  /** The demo lives in the folder `demo` below it; default: the configured data folder. */
  dataDir: string | undefined;
}

interface Stage {
  app: App;
  pos: PretendPos;
  configId: string;
  json: boolean;
}

/** Runs the demo and returns the exit code: 0 when every act ended as announced. */
export async function demo(options: DemoOptions): Promise<number> {
  const config = demoConfig(options.dataDir);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  await deleteDataFolder(config.dataDir);
  const app = await openApp({ config, applicationName: 'tillsync demo', notice: (line) => writeTalk(`${line}\n`) });
  let pos: PretendPos | undefined;
  try {
    await migrateApp(app);
    const { connector, demo: tried } = await tryable(app);
    pos = await startPretendPos(tried);
    writeTalk(`PostgreSQL ${app.embedded?.major} runs in ${config.dataDir}, a pretend POS answers on ${pos.url}.\n\n`);
    const { id } = await addConfig(app.deps, {
      connectorId: connector.id,
      name: tried.configName,
      params: tried.params(pos.url),
      secrets: {},
    });
    const stage = { app, pos, configId: id, json: options.json };
    const asAnnounced = await play(stage, stop.signal);
    const report = await epilogue(stage);
    if (!options.once && !stop.signal.aborted) await serve(stage, stop.signal);
    return asAnnounced && report.ok ? exitCodes.ok : exitCodes.failed;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    await pos?.stop();
    await app.close();
  }
}

// Settings as everywhere, but always the embedded database, and private hosts for this process alone.
function demoConfig(dataDir: string | undefined): Config {
  const config = readConfig();
  return {
    ...config,
    databaseUrl: null,
    encryptionKey: null,
    previousKeys: [],
    allowPrivateHosts: true,
    logLevel: 'silent',
    dataDir: join(dataDir ?? config.dataDir, 'demo'),
  };
}

async function tryable(app: App): Promise<{ connector: Connector; demo: ConnectorDemo }> {
  for (const connector of (await allConnectors(app.deps.connectors)).values()) {
    if (connector.demo) return { connector, demo: connector.demo };
  }
  throw new Error('no connector can be tried without its POS');
}

interface Act {
  title: string;
  /** What the POS is told before the sync. */
  command?: Readonly<Record<string, unknown>>;
  /** Whether the run is what the title says. */
  holds(run: Run): boolean;
  /** Changes to show under the receipt, 0 = none. */
  shown: number;
}

const sum = (run: Run, field: keyof KindCounts) =>
  kinds.reduce((total, kind) => total + (run.counts?.[kind][field] ?? 0), 0);
const products = (run: Run) => run.counts?.products;

const acts: readonly Act[] = [
  {
    title: 'The first sync creates every item.',
    holds: (run) => run.status === 'success' && sum(run, 'created') === sum(run, 'received') - sum(run, 'duplicates'),
    shown: 0,
  },
  {
    title: 'The second finds nothing to change.',
    holds: (run) => run.status === 'success' && sum(run, 'created') + sum(run, 'updated') + sum(run, 'removed') === 0,
    shown: 0,
  },
  {
    title: 'The POS changes 12 prices, adds 3 products and drops 5: the third shows exactly that.',
    command: { change: 12, add: 3, drop: 5 },
    holds: (run) =>
      run.status === 'success' &&
      products(run)?.updated === 12 &&
      products(run)?.created === 3 &&
      products(run)?.removed === 5 &&
      sum(run, 'updated') + sum(run, 'created') + sum(run, 'removed') === 20,
    shown: 20,
  },
  {
    title: 'The POS answers with an empty menu: the guard holds it, and nothing is written.',
    command: { answer: 'empty', times: 1 },
    holds: (run) => run.status === 'held' && run.items_synced === 0,
    shown: 3,
  },
];

async function play(stage: Stage, signal: AbortSignal): Promise<boolean> {
  let asAnnounced = true;
  for (const [index, act] of acts.entries()) {
    if (act.command) await stage.pos.command(act.command);
    const { run } = await requestSync(stage.app.deps, {
      configId: stage.configId,
      trigger: 'demo',
      requestedBy: requestedBy(),
    });
    const ended = await runSync(stage.app.deps, run.id, { signal });
    const holds = act.holds(ended);
    asAnnounced &&= holds;
    if (stage.json) continue;
    writeOut(`${index + 1}. ${act.title}\n\n${receipt(ended)}\n`);
    if (act.shown > 0) await showChanges(stage, ended, act.shown);
    if (!holds) writeTalk(`This is not what was announced: ${ended.error?.message ?? ended.status}\n\n`);
  }
  return asAnnounced;
}

async function showChanges({ app }: Stage, run: Run, most: number): Promise<void> {
  const { data, next } = await listChanges(app.database, run.id, { limit: most });
  for (const change of data) {
    // One line per change is enough here: the price; `tillsync diff` has every field.
    const { price } = change.fields;
    writeOut(
      `  ${changeText({ ...change, fields: price ? { price } : {} })
        .replaceAll('\n', '\n  ')
        .trimEnd()}\n`,
    );
  }
  writeOut(
    next === null ? '\n' : `  … and ${sum(run, 'removed') + sum(run, 'created') + sum(run, 'updated') - most} more\n\n`,
  );
}

async function epilogue({ app, json }: Stage): Promise<VerifyReport> {
  const { data } = await listRuns(app.database, { limit: 20 });
  const report = await app.database.withConnection((connection) => verify(connection));
  if (json) writeJson({ runs: data, verify: report });
  else writeOut(`Sync History\n\n${runTable(data)}\ntillsync verify\n\n${formatReport(report)}\n`);
  return report;
}

// An operator looks, syncs and decides; only an admin would have to set up a second factor first.
async function visitorLink(app: App, serverUrl: string): Promise<string> {
  const { addUser } = await import('../../access/people/accounts/change-users.ts');
  const { linkUrl } = await import('../../access/people/links/make-link.ts');
  const actor = { who: requestedBy(), id: null, address: null, requestId: null };
  const roles = [{ role: 'operator' as const, level: 'all' as const, level_id: null }];
  const { link } = await addUser(app.deps, { actor, email: 'you@example.com', name: 'You', roles });
  return linkUrl(serverUrl, link.token);
}

async function serve({ app }: Stage, signal: AbortSignal): Promise<void> {
  const { startServer } = await import('../../api/start-server.ts');
  const { createFirstKey } = await import('../../access/create-key.ts');
  // Takes what a visitor asks for with Sync now.
  const worker = await startWorkerOf(app, 2);
  const server = await startServer({ deps: app.deps, config: app.config }, { host: '127.0.0.1', port: 0 });
  const key = await createFirstKey(app.database, requestedBy());
  writeTalk(`Look at it in a browser (the link works once):\n\n  ${await visitorLink(app, server.url)}\n\n`);
  writeTalk(`It keeps running on ${server.url}${key ? ` (API key ${key.key})` : ''}. In another terminal:\n\n`);
  const tillsync = `TILLSYNC_ALLOW_PRIVATE_HOSTS=1 ./bin/tillsync --data-dir ${app.config.dataDir}`;
  writeTalk(
    `  ${tillsync} items list\n  ${tillsync} runs list\n  ${tillsync} sync "QU POS · Main St"\n\nCtrl-C stops it.\n`,
  );
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await Promise.all([server.stop(), worker.stop()]);
}
