// An engine on a test database, and the shortest way to a config and a sync.
import type { Run } from '../../src/records/runs/run.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { requestSync, type SyncRequest } from '../../src/sync/request-sync.ts';
import { runSync } from '../../src/sync/run-sync.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { type FreshDatabaseOptions, freshDatabase } from './database.ts';
import { depsOver } from './deps-over.ts';

/** Deps over a fresh migrated database; overrides win. */
export async function openEngine(
  options: FreshDatabaseOptions & { deps?: Partial<Deps> } = {},
): Promise<Deps & { url: string }> {
  const { deps, ...databaseOptions } = options;
  const { database, url } = await freshDatabase(databaseOptions);
  return { ...(await depsOver(database)), url, ...deps };
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
