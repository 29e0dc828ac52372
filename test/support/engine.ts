// The engine as app.ts wires it, on a test database: real rooms, private hosts allowed, a silent log.
import { randomBytes } from 'node:crypto';
import { loadConnectors } from '../../src/connectors/load-connectors.ts';
import type { Database } from '../../src/db/database.ts';
import { openLog } from '../../src/log.ts';
import { openHttp } from '../../src/net/http-client.ts';
import { queueOf } from '../../src/queue/queue-of.ts';
import type { Run } from '../../src/records/runs/run.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { requestSync, type SyncRequest } from '../../src/sync/request-sync.ts';
import { runSync } from '../../src/sync/run-sync.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { type FreshDatabaseOptions, freshDatabase } from './database.ts';

/** Deps over a fresh migrated database; overrides win. */
export async function openEngine(
  options: FreshDatabaseOptions & { deps?: Partial<Deps> } = {},
): Promise<Deps & { url: string }> {
  const { deps, ...databaseOptions } = options;
  const { database, url } = await freshDatabase(databaseOptions);
  return { ...(await depsOver(database)), url, ...deps };
}

/** Deps over any database. */
export async function depsOver(database: Database): Promise<Deps> {
  return {
    database,
    queue: queueOf(database).queue,
    connectors: await loadConnectors(),
    vault: openVault({ active: randomBytes(32).toString('base64') }),
    openHttp: () =>
      openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 30, maxBytes: 512 * 1_048_576 }),
    log: openLog('silent'),
    worker: `test:${process.pid}`,
    leaseSeconds: 15,
    lastSynced: 'row',
    fullReadHours: 24,
    hookDebounceSeconds: 30,
    planMemoryChanges: 50_000,
    keep: { runsDays: 0, runsPerSource: 0, logsDays: 0, payloadsDays: 0, payloadsPerSource: 0 },
  };
}

/** A runnable Qu config against a base URL; returns its id and source. */
export async function addQuConfig(
  deps: Deps,
  baseUrl: string,
  params: Record<string, unknown> = {},
): Promise<{ configId: string; sourceId: string }> {
  const config = await addConfig(deps, {
    connectorId: 'qu',
    name: 'QU POS',
    params: { brand: 'acme', establishment: '17', base_url: baseUrl, ...params },
    secrets: {},
  });
  if (config.source_id === null) throw new Error(`not runnable: ${config.missing.join(', ')}`);
  return { configId: config.id, sourceId: config.source_id };
}

/** Sync now, to its end. */
export async function syncNow(deps: Deps, configId: string, request: Partial<SyncRequest> = {}): Promise<Run> {
  const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test', ...request });
  return await runSync(deps, run.id);
}

/** Counts of a run as short text, e.g. 'products +425 ~0 =0 -0'; restored, rejected and duplicates only when there are any. */
export function countsText(run: Run): string {
  return Object.entries(run.counts ?? {})
    .map(([kind, c]) => {
      const rest = [
        ['restored', c.restored],
        ['rejected', c.rejected],
        ['duplicates', c.duplicates],
        ['filtered', c.filtered],
      ].filter(([, count]) => count !== 0);
      return `${kind} +${c.created} ~${c.updated} =${c.unchanged} -${c.removed}${rest.map(([name, count]) => ` ${name} ${count}`).join('')}`;
    })
    .join(', ');
}
