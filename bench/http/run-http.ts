// --http: a large body through save-integration-data, end to end, against the same items saved from the library.
import { randomBytes, randomUUID } from 'node:crypto';
import { createKey } from '../../src/access/create-key.ts';
import { startServer } from '../../src/api/start-server.ts';
import { type App, openApp } from '../../src/app.ts';
import { type Item, type Kind, kinds } from '../../src/catalog/item.ts';
import { readConfig } from '../../src/config.ts';
import type { Json } from '../../src/json.ts';
import { saveFormatted } from '../../src/sync/save-formatted.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { changeOnePercent, makeCatalog } from '../catalog.ts';
import { byKind } from '../contender.ts';
import { median } from '../measure/statistics.ts';
import { seeded, shuffled } from '../random.ts';
import type { Cluster } from '../server/open-cluster.ts';

const steps = ['first', 'unchanged', 'changed'] as const;
type Step = (typeof steps)[number];
type Way = 'http' | 'library';

export interface HttpResult {
  step: Step;
  httpMs: number;
  libraryMs: number;
  /** Speed over HTTP by speed from the library. */
  ratio: number;
  bodyMb: number;
}

type Bodies = Record<Kind, Json[]>;

/** Saves `items` items `rounds` times on both ways, in turns; each round into sources of its own. */
export async function runHttp(
  cluster: Cluster,
  of: { items: number; rounds: number; log: (line: string) => void },
): Promise<HttpResult[]> {
  const database = await cluster.makeDatabase('bench_http', { trigger: true });
  const app = await openApp({ config: configFor(database.url) });
  const server = await startServer({ deps: app.deps, config: app.config }, { host: '127.0.0.1', port: 0 });
  const { key } = await createKey(app.database, { name: 'bench', createdBy: 'bench', access: 'admin' });
  const random = seeded(of.items);
  const catalog = makeCatalog(of.items);
  const taken: { way: Way; step: Step; ms: number; bytes: number }[] = [];
  try {
    for (let round = 1; round <= of.rounds; round++) {
      for (const way of shuffled<Way>(random, ['http', 'library'])) {
        const configId = await newConfig(app);
        for (const step of steps) {
          const data = bodiesOf(step === 'changed' ? changeOnePercent(catalog, round) : catalog);
          const done =
            way === 'http' ? await post(server.url, { key, configId, data }) : await save(app, configId, data);
          taken.push({ way, step, ...done });
          of.log(`${way}, ${step}: ${Math.round(done.ms)} ms`);
        }
      }
    }
  } finally {
    await server.stop();
    await app.close();
    await cluster.dropDatabase(database);
  }
  return steps.map((step) => {
    const middle = (way: Way) => median(taken.filter((t) => t.way === way && t.step === step).map(({ ms }) => ms));
    const [httpMs, libraryMs] = [middle('http'), middle('library')];
    const bodyMb = Math.max(...taken.map(({ bytes }) => bytes)) / 1024 ** 2;
    return { step, httpMs, libraryMs, ratio: libraryMs / httpMs, bodyMb };
  });
}

function configFor(url: string) {
  const encryption = randomBytes(32).toString('base64');
  return readConfig({ DATABASE_URL: url, TILLSYNC_ENCRYPTION_KEY: encryption, TILLSYNC_LOG_LEVEL: 'silent' }, '/');
}

async function newConfig(app: App): Promise<string> {
  const config = await addConfig(app.deps, {
    connectorId: 'qu',
    name: 'bench',
    params: { brand: 'bench', establishment: randomUUID(), base_url: 'https://pos.example' },
    secrets: {},
  });
  return config.id;
}

/** Items as callers send them: the POS's own fields and ours in one object, which is then the stored `data`. */
function bodiesOf(items: readonly Item[]): Bodies {
  const sorted = byKind(items);
  const body = (kind: Kind) =>
    sorted[kind].map((item): Json => {
      const { id: _id, itemPathKey: _path, ...rest } = item.data as { [key: string]: Json };
      return {
        ...rest,
        mappingId: item.externalId,
        ...(item.pathId === null ? {} : { pathId: item.pathId }),
        ...(item.modifierGroupName === null ? {} : { category: item.modifierGroupName }),
      };
    });
  return { products: body('products'), modifiers: body('modifiers'), discounts: body('discounts') };
}

/** The text is made before the clock; its way over loopback, reading, parsing and the answer are on it. */
async function post(
  url: string,
  { key, configId, data }: { key: string; configId: string; data: Bodies },
): Promise<{ ms: number; bytes: number }> {
  const body = Buffer.from(JSON.stringify({ config_id: configId, formatted_data: data, mode: 'full' }));
  const start = performance.now();
  const response = await fetch(`${url}/functions/v1/save-integration-data`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body,
  });
  const text = await response.text();
  const ms = performance.now() - start;
  if (response.status !== 200)
    throw new Error(`save-integration-data answered ${response.status}: ${text.slice(0, 300)}`);
  return { ms, bytes: body.length };
}

async function save({ deps }: App, configId: string, formattedData: Bodies): Promise<{ ms: number; bytes: number }> {
  const start = performance.now();
  const { run, stored } = await saveFormatted(deps, { configId, formattedData, mode: 'full', requestedBy: 'bench' });
  const ms = performance.now() - start;
  const saved = kinds.every((kind) => stored[kind] === formattedData[kind].length);
  if (run.status !== 'success' || !saved)
    throw new Error(`the save ended as ${run.status}: ${run.error?.message ?? ''}`);
  return { ms, bytes: 0 };
}
