// --ui: what people wait for who look at a fleet with a million runs and a million items.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createKey } from '../../src/access/create-key.ts';
import { addKey } from '../../src/access/manage-keys.ts';
import { openApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { startFakeQu } from '../../src/connectors/qu/fake.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { type Command, startCommand } from '../runs/start-command.ts';
import type { BenchDatabase, Cluster } from '../server/open-cluster.ts';
import { type FleetSize, fillDatabase, quickFleet, wholeFleet } from './fill-database.ts';
import { type FirstChangeResult, measureFirstChange } from './first-change.ts';
import { measureViewers, type ViewersResult, type Watched } from './live-viewers.ts';
import { measurePages, type PageLatency } from './measure-pages.ts';

export interface UiResult {
  size: FleetSize;
  pages: PageLatency[];
  viewers: ViewersResult;
  /** null = only the viewers were measured. */
  firstChange: FirstChangeResult | null;
}

export interface UiOptions {
  quick: boolean;
  /** Leaves out the lists and the click. */
  onlyViewers: boolean;
  /** Calls of each list. */
  samples: number;
  log: (line: string) => void;
}

const watchedConfigs = 8;

/** Fills a database, starts the command over it, and measures through the front door. */
export async function runUi(cluster: Cluster, of: UiOptions): Promise<UiResult> {
  execFileSync(process.execPath, [join(import.meta.dirname, '../../scripts/build-web.ts')]);
  const size = of.quick ? quickFleet : wholeFleet;
  const database = await cluster.makeDatabase('bench_ui', { trigger: true });
  const environment = {
    TILLSYNC_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    TILLSYNC_ALLOW_PRIVATE_HOSTS: '1',
    TILLSYNC_RATE_LIMIT: 'off',
  };
  await fillDatabase(database.admin, size, of.log);
  const pos = await startFakeQu({ products: 425, modifiers: 685, discounts: 10, repeated: 0 });
  const config = readConfig({ DATABASE_URL: database.url, TILLSYNC_LOG_LEVEL: 'silent', ...environment }, '/');
  const app = await openApp({ config });
  let server: Command | undefined;
  try {
    const watched = await makeConfigs(app, pos.url);
    server = await startCommand(['start', '--port', '0'], { url: database.url, environment });
    const url = String(server.said.url);
    const { key } = await createKey(app.database, { name: 'viewers', createdBy: 'bench', access: 'admin' });
    if (of.onlyViewers) {
      const viewers = await looks({ of, url, key, database, server, watched });
      return { size, pages: [], viewers, firstChange: null };
    }
    const pages = await measurePages({ database: app.database, url, size, samples: of.samples, log: of.log });
    const firstChange = await measureFirstChange({
      firstLink: String(server.said.first_admin),
      url,
      configId: watched[0]?.configId ?? '',
      clicks: of.quick ? 5 : 20,
    });
    of.log(`Sync now: ${firstChange.change.toFixed(0)} ms to the first change`);
    const viewers = await looks({ of, url, key, database, server, watched });
    return { size, pages, viewers, firstChange };
  } finally {
    await server?.stop();
    await pos.stop();
    await app.close();
    await cluster.dropDatabase(database);
  }
}

async function looks(given: {
  of: UiOptions;
  url: string;
  key: string;
  database: BenchDatabase;
  server: Command;
  watched: readonly Watched[];
}): Promise<ViewersResult> {
  const { of, url, key, database, server, watched } = given;
  const [viewers, seconds] = of.quick && !of.onlyViewers ? [50, 10] : [200, 60];
  const serverPid = server.child.pid ?? 0;
  return await measureViewers({ url, key, database, serverPid, watched, viewers, seconds, log: of.log });
}

// At the first sites, which are of one company: keys for everything, for a concept and a company see all of them.
async function makeConfigs(app: Awaited<ReturnType<typeof openApp>>, baseUrl: string): Promise<Watched[]> {
  const keyAt = async (level: 'all' | 'concept' | 'company' | 'site', levelId: string | null) =>
    (await addKey(app.database, { name: `viewers ${level}`, by: 'bench', access: 'read', level, levelId })).key;
  const shared = [await keyAt('all', null), await keyAt('concept', '1'), await keyAt('company', '1')];
  const watched: Watched[] = [];
  for (let n = 1; n <= watchedConfigs; n++) {
    const config = await addConfig(app.deps, {
      connectorId: 'qu',
      name: `watched ${n}`,
      siteId: n,
      params: { brand: 'watched', establishment: String(n), base_url: baseUrl },
      secrets: {},
    });
    const keys = [...shared, await keyAt('site', String(n))];
    watched.push({ configId: config.id, sourceId: config.source_id ?? '', keys });
  }
  return watched;
}
