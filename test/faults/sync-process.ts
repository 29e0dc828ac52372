// Run as a process of its own: syncs a config, says so at the chosen place, and stands there until it is killed.
import { connector as qu } from '../../src/connectors/qu/index.ts';
import { openDatabase } from '../../src/db/database.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { requestSync } from '../../src/sync/request-sync.ts';
import { runSync } from '../../src/sync/run-sync.ts';
import { depsOver } from '../support/deps-over.ts';

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
  ...(await depsOver(database, new Map([['qu', qu]]))),
  worker: `child:${process.pid}`,
  leaseSeconds: Number(leaseSeconds),
};
const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'child' });
runId = run.id;
if (place === '') arrive();
await runSync(deps, runId);
