// The engine as app.ts wires it, for tests and for programs that tests start: real rooms, private hosts allowed, a silent log.
import { randomBytes } from 'node:crypto';
import { loadConnectors } from '../../src/connectors/load-connectors.ts';
import type { Database } from '../../src/db/database.ts';
import { openLog } from '../../src/log.ts';
import { openHttp } from '../../src/net/http-client.ts';
import { queueOf } from '../../src/queue/queue-of.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { openVault } from '../../src/vault/open-vault.ts';

/** Deps over any database, with all connectors unless some are given. */
export async function depsOver(database: Database, connectors?: Deps['connectors']): Promise<Deps> {
  return {
    database,
    queue: queueOf(database).queue,
    connectors: connectors ?? (await loadConnectors()),
    vault: openVault({ active: randomBytes(32).toString('base64') }),
    openHttp: () =>
      openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 30, maxBytes: 512 * 1_048_576 }),
    log: openLog('silent'),
    worker: `test:${process.pid}`,
    leaseSeconds: 15,
    saveStatementSeconds: 3_600,
    lastSynced: 'row',
    fullReadHours: 24,
    hookDebounceSeconds: 30,
    planMemoryChanges: 50_000,
    most: { fetchBytes: 1_000_000_000, items: 10_000_000 },
    keep: { runsDays: 0, runsPerSource: 0, logsDays: 0, payloadsDays: 0, payloadsPerSource: 0, auditDays: 0 },
    about: {
      version: '0.0.0',
      startedAt: new Date().toISOString(),
      hasOwnDatabase: false,
      keyFrom: 'environment',
      settings: [],
      settingWarnings: [],
    },
  };
}
