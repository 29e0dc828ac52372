// The verbs on the database that this process opened itself, as local admin.
import type { App } from '../../app.ts';
import { inputError, type TillsyncError } from '../../errors.ts';
import { listConfigs } from '../../records/configs/read-configs.ts';
import { listItems } from '../../records/items/list/list-items.ts';
import { itemHistory } from '../../records/items/read-item-history.ts';
import { getItem } from '../../records/items/read-items.ts';
import { isSomeWorkerAlive } from '../../records/owners/workers.ts';
import { readRejectGroups } from '../../records/rejects/read-reject-groups.ts';
import { listChanges } from '../../records/runs/read-changes.ts';
import { listDuplicates, listRejects } from '../../records/runs/read-rejects.ts';
import { getRun, listRuns } from '../../records/runs/read-runs.ts';
import type { Run } from '../../records/runs/run.ts';
import { listSources } from '../../records/sources/read-sources.ts';
import { findConfig } from '../find-config.ts';
import { readParams } from '../parse-params.ts';
import { writeTalk } from '../print/write.ts';
import { askedHere, requestedBy } from '../with-app.ts';
import type { Backend } from './backend.ts';
import { localFiles } from './file-verbs.ts';
import { localLevels } from './local-levels.ts';
import { progressOf } from './run-progress.ts';

type Opened = Pick<App, 'database' | 'deps'>;

/** The backend of an opened app. */
export function localBackend(app: Opened): Backend {
  const { database } = app;
  return {
    ...localRuns(app),
    ...localLevels(app),
    ...localFiles(app),
    findConfig: (named) => findConfig(database, named),
    listConfigs: () => listConfigs(database),
    async showConfig(named) {
      const config = await findConfig(database, named);
      const { resolveSettings } = await import('../../sync/resolve-config.ts');
      const { missing, params, sourceId } = await resolveSettings(app.deps, config.id);
      return { ...config, source_id: sourceId, missing, merged_params: params };
    },
    async listConnectors() {
      const { listConnectors } = await import('../../sync/recipes/find-connector.ts');
      const { describeConnector } = await import('../../connectors/describe-connector.ts');
      return (await listConnectors(database, app.deps)).map(describeConnector);
    },
    readParams: (connectorId, texts) => readParams(app, { connectorId, texts, option: '--param' }),
    async checkConnection(check) {
      const { checkToEnd } = await import('../../sync/check/check-connection.ts');
      return await checkToEnd(askedHere(app), check);
    },
    listSources: () => listSources(database),
    async showSource(id) {
      const [source] = await listSources(database, { id });
      if (source !== undefined) return source;
      throw inputError('source_unknown', `No source has the id ${id}.`, 'List them with `tillsync sources list`.');
    },
    async lintSource(id) {
      const { lintSource } = await import('../../sync/check/lint-source.ts');
      return await lintSource(app.deps, id);
    },
    listItems: (filter) => listItems(database, filter),
    async showItem(name) {
      const item = await getItem(database, name);
      if (item === null) throw itemUnknown(name.externalId);
      return item;
    },
    async itemHistory(name) {
      const histories = await itemHistory(database, name);
      if (histories.length === 0) throw itemUnknown(name.externalId);
      return histories;
    },
  };
}

type RunVerbs = Pick<
  Backend,
  | 'listRuns'
  | 'showRun'
  | 'rejectGroups'
  | 'listChanges'
  | 'listRejects'
  | 'listDuplicates'
  | 'requestSync'
  | 'requestFanOut'
  | 'workRun'
  | 'followRun'
  | 'approveRun'
  | 'discardRun'
  | 'redoRun'
  | 'cancelRun'
>;

function localRuns(app: Opened): RunVerbs {
  const { database, deps } = app;
  return {
    listRuns: (filter) => listRuns(database, filter),
    showRun: (id) => existingRun(app, id),
    rejectGroups: (filter) => readRejectGroups(database, filter),
    listChanges: (runId, page) => listChanges(database, runId, page),
    listRejects: (runId) => listRejects(database, runId),
    listDuplicates: (runId) => listDuplicates(database, runId),
    async requestSync({ configId, dryRun, full }) {
      const { requestSync } = await import('../../sync/request-sync.ts');
      const asked = { configId, dryRun, compareAll: full, trigger: 'cli', requestedBy: requestedBy() } as const;
      // Whether what is queued will be taken; a worker says so each third of its lease.
      const enqueue = await isSomeWorkerAlive(database, deps.leaseSeconds);
      const { run, alreadyActive } = await requestSync(deps, { ...asked, mode: 'full', enqueue });
      return { run, alreadyActive, isTaken: alreadyActive || enqueue };
    },
    async requestFanOut({ full, ...request }) {
      const { requestFanOut } = await import('../../sync/requests/request-fan-out.ts');
      return await requestFanOut(deps, { ...request, compareAll: full, trigger: 'cli', requestedBy: requestedBy() });
    },
    async workRun(run, waiting) {
      const { runSync } = await import('../../sync/run-sync.ts');
      return await runSync(deps, run.id, waiting);
    },
    async followRun(runId, { signal, onProgress }) {
      const { followRun } = await import('../../sync/follow-run.ts');
      return await followRun(deps, runId, {
        signal,
        onProgress: (run) => onProgress(progressOf(run)),
        takeOver: { onTake: () => writeTalk('No worker lives any more; the sync runs in this process.\n') },
      });
    },
    async approveRun(approval, waiting) {
      const { approveRun } = await import('../../sync/approve-run.ts');
      return await approveRun(deps, { ...approval, requestedBy: requestedBy(), ...waiting });
    },
    async discardRun(runId) {
      const { discardRun } = await import('../../sync/approve-run.ts');
      return await discardRun(deps, { runId, requestedBy: requestedBy() });
    },
    async redoRun({ how, runId, dryRun }) {
      const { requestReplayOf, requestRetryOf } = await import('../../sync/requests/redo-run.ts');
      const enqueue = await isSomeWorkerAlive(database, deps.leaseSeconds);
      const request = how === 'retry' ? requestRetryOf : requestReplayOf;
      const { run, alreadyActive } = await request(deps, { runId, dryRun, requestedBy: requestedBy(), enqueue });
      return { run, alreadyActive, isTaken: alreadyActive || enqueue };
    },
    async cancelRun(runId) {
      const { cancelRun } = await import('../../sync/requests/cancel-run.ts');
      return await cancelRun(deps, { runId, requestedBy: requestedBy() });
    },
  };
}

async function existingRun({ database }: Opened, id: string): Promise<Run> {
  const run = await getRun(database, id);
  if (run !== null) return run;
  throw inputError('run_unknown', `No run has the id ${id}.`, 'List them with `tillsync runs list`.');
}

function itemUnknown(externalId: string): TillsyncError {
  return inputError(
    'item_unknown',
    `No item has the external id ${externalId}.`,
    'Look for it with `tillsync items list`, also with --removed.',
  );
}
