// Run as a process of its own: syncs a config, says so at the chosen place, and stands there until it is killed.
import { randomBytes } from 'node:crypto';
import { loadConnectors } from '../../src/connectors/load-connectors.ts';
import { openDatabase } from '../../src/db/database.ts';
import { openLog } from '../../src/log.ts';
import { openHttp } from '../../src/net/http-client.ts';
import { queueOf } from '../../src/queue/queue-of.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { requestSync } from '../../src/sync/request-sync.ts';
import { runSync } from '../../src/sync/run-sync.ts';
import { openVault } from '../../src/vault/open-vault.ts';

// argv: url, config id, seconds of the lease, and the statement (a pattern) before which it stands still.
const [, , url = '', configId = '', leaseSeconds = '1', place = ''] = process.argv;

let runId = '';
let isThere = false;
const arrive = () => {
  isThere = true;
  process.stdout.write(`${JSON.stringify({ runId })}\n`);
};

const database = await openDatabase({
  url,
  onStatement: async (statement) => {
    if (isThere || place === '' || !new RegExp(place).test(statement)) return;
    arrive();
    await new Promise(() => undefined);
  },
});
const deps: Deps = {
  database,
  queue: queueOf(database).queue,
  connectors: await loadConnectors(),
  vault: openVault({ active: randomBytes(32).toString('base64') }),
  openHttp: () => openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 60, maxBytes: 10_000_000 }),
  log: openLog('silent'),
  worker: `child:${process.pid}`,
  leaseSeconds: Number(leaseSeconds),
  lastSynced: 'row',
  fullReadHours: 24,
  hookDebounceSeconds: 30,
  planMemoryChanges: 50_000,
  keep: { runsDays: 0, runsPerSource: 0, logsDays: 0, payloadsDays: 0, payloadsPerSource: 0 },
};
const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'child' });
runId = run.id;
if (place === '') arrive();
await runSync(deps, runId);
