// The verbs through the /api/v1 of a server: the same answers as the database would give, without opening one.
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { ShownConnector } from '../../connectors/describe-connector.ts';
import { TillsyncError } from '../../errors.ts';
import type { ApiClient } from '../../net/api-client.ts';
import type { Config } from '../../records/configs/config.ts';
import type { Page } from '../../records/cursor.ts';
import type { ItemName } from '../../records/items/read-items.ts';
import type { RejectGroup } from '../../records/rejects/read-reject-groups.ts';
import type { Run } from '../../records/runs/run.ts';
import type { SourceOverview } from '../../records/sources/source.ts';
import type { CheckReport } from '../../sync/check/check-step.ts';
import { typedParams } from '../config-params.ts';
import { pickConfig } from '../find-config.ts';
import type { Backend, ConnectionToCheck, LevelVerbs, Waiting } from './backend.ts';
import { remoteFiles } from './file-verbs.ts';
import { answered, everyPage, get, patch, post, type Query, remove } from './remote-calls.ts';
import { progressOf } from './run-progress.ts';

const pollMs = 250;
/** So often in a row may the server be away while a run is followed: about half a minute. */
const mostFailures = 100;

/** The backend of a server. */
export function remoteBackend(client: ApiClient): Backend {
  const listConfigs = () => everyPage<Config>(client, '/configs');
  const findConfig = async (named: string) => pickConfig(await listConfigs(), named);
  return {
    ...remoteRuns(client),
    ...remoteLevels(client, findConfig),
    ...remoteFiles(client),
    listConfigs,
    findConfig,
    showConfig: async (named) => get(client, `/configs/${(await findConfig(named)).id}`),
    listConnectors: async () => (await get<Page<ShownConnector>>(client, '/connectors')).data,
    readParams: (connectorId, texts) => paramsThere(client, connectorId, { texts, option: '--param' }),
    checkConnection: (check) => checkThere(client, check),
    listSources: () => everyPage<SourceOverview>(client, '/sources'),
    showSource: (id) => get(client, `/sources/${encodeURIComponent(id)}`),
    async rejectGroups({ sourceId, configId, ...filter }) {
      type Answer = Page<RejectGroup> & { older_left_out: boolean };
      const query = { ...filter, source_id: sourceId, config_id: configId };
      const { data, older_left_out } = await get<Answer>(client, '/rejects', query);
      return { groups: data, older_left_out };
    },
    lintSource: (id) => get(client, `/sources/${encodeURIComponent(id)}/lint`),
    listItems: ({ sourceId, externalId, removed, ...filter }) =>
      get(client, '/items', {
        ...filter,
        source_id: sourceId,
        external_id: externalId,
        removed: removed === undefined ? 'all' : String(removed),
      }),
    showItem: (name) => get(client, `/items/${encodeURIComponent(name.externalId)}`, queryOf(name)),
    async itemHistory(name) {
      const path = `/items/${encodeURIComponent(name.externalId)}/history`;
      return (await get<{ data: Awaited<ReturnType<Backend['itemHistory']>> }>(client, path, queryOf(name))).data;
    },
  };
}

function remoteRuns(client: ApiClient) {
  return {
    listRuns: ({ configId, sourceId, parentId, status, limit, cursor }) =>
      get(client, '/runs', { config_id: configId, source_id: sourceId, parent_id: parentId, status, limit, cursor }),
    showRun: (id) => get(client, `/runs/${encodeURIComponent(id)}`),
    listChanges: (runId, { limit, cursor }) => get(client, `/runs/${runId}/changes`, { limit, cursor }),
    listRejects: (runId) => get(client, `/runs/${runId}/rejects`),
    listDuplicates: (runId) => get(client, `/runs/${runId}/duplicates`),
    async requestSync({ configId, dryRun, full }) {
      const path = `/configs/${configId}/runs`;
      const started = await post<Run & { already_active: boolean }>(client, path, { dry_run: dryRun, full });
      const { already_active: alreadyActive, ...run } = started;
      return { run, alreadyActive, isTaken: true };
    },
    async redoRun({ how, runId, dryRun }) {
      const path = `/runs/${encodeURIComponent(runId)}/${how}`;
      const started = await post<Run & { already_active: boolean }>(client, path, { dry_run: dryRun });
      const { already_active: alreadyActive, ...run } = started;
      return { run, alreadyActive, isTaken: true };
    },
    requestFanOut: ({ level, id, dryRun, full }) =>
      post<Run>(client, `${paths[level]}/${id}/runs`, { dry_run: dryRun, full }),
    workRun: (run, waiting) => follow(client, run.id, waiting),
    followRun: (runId, waiting) => follow(client, runId, waiting),
    async approveRun({ runId, confirm }, waiting) {
      const path = `/runs/${encodeURIComponent(runId)}/approve`;
      const run = await post<Run>(client, path, confirm === undefined ? {} : { confirm });
      return await follow(client, run.id, waiting);
    },
    cancelRun: (runId) => post(client, `/runs/${encodeURIComponent(runId)}/cancel`, {}),
    discardRun: (runId) => post(client, `/runs/${encodeURIComponent(runId)}/discard`, {}),
  } satisfies Partial<Backend>;
}

interface ShownSettings {
  settings: { properties?: Record<string, { type?: unknown }> };
}

async function paramsThere(
  client: ApiClient,
  connectorId: string,
  { texts, option }: { texts: string[] | undefined; option: string },
): Promise<Record<string, unknown>> {
  if (texts === undefined) return {};
  const path = `/connectors/${encodeURIComponent(connectorId)}`;
  const connector = await get<ShownSettings>(client, path).catch((error: unknown) => {
    // What is asked for next says in its own words that there is none.
    if (error instanceof TillsyncError && error.code === 'connector_unknown') return null;
    throw error;
  });
  const properties = connector?.settings.properties ?? {};
  const takesText = (name: string) =>
    !Object.hasOwn(properties, name) || (properties[name]?.type ?? 'string') === 'string';
  return typedParams(texts, { option, takesText });
}

async function checkThere(
  client: ApiClient,
  { target, save, signal, onStep }: ConnectionToCheck,
): Promise<CheckReport & { saved: boolean }> {
  const [path, body] =
    'configId' in target
      ? [`/configs/${target.configId}/test`, { save }]
      : [
          `/connectors/${encodeURIComponent(target.connectorId)}/test`,
          { params: target.params, secrets: target.secrets },
        ];
  const request = { method: 'POST', path: `/api/v1${path}`, body, signal, idempotencyKey: randomUUID() } as const;
  const report = await answered<CheckReport & { saved: boolean }>(client, request);
  for (const step of report.steps) if (!step.skipped) onStep(step);
  return report;
}

const paths = { concept: '/concepts', company: '/companies', site: '/sites' } as const;

function remoteLevels(client: ApiClient, findConfig: Backend['findConfig']): LevelVerbs {
  return {
    listNodes: (level) => everyPage(client, paths[level]),
    addNode(level, { name, above }) {
      const upper = above === undefined ? {} : level === 'company' ? { concept_id: above } : { company_id: above };
      return post(client, paths[level], { name, ...upper });
    },
    changeNode(level, { id, name, above }) {
      const upper = above === undefined ? {} : level === 'company' ? { concept_id: above } : { company_id: above };
      return patch(client, `${paths[level]}/${id}`, { name, ...upper });
    },
    removeNode: (level, id) => remove(client, `${paths[level]}/${id}`),
    removeConfig: async (named) => remove(client, `/configs/${(await findConfig(named)).id}`),
    explainConfig: async (named) => get(client, `/configs/${(await findConfig(named)).id}/explain`),
    async whatIf(named, { set, unset }) {
      const config = await findConfig(named);
      const params = { ...(await paramsThere(client, config.connector_id, { texts: set, option: '--set' })), ...unset };
      return await post(client, `/configs/${config.id}/what-if`, { params });
    },
    retireSource: (id) => post(client, `/sources/${encodeURIComponent(id)}/retire`, {}),
    deleteSource: (id) => remove(client, `/sources/${encodeURIComponent(id)}`),
  };
}

/** The run at its end. A server that is away for a moment (a restart) is waited for. */
async function follow(client: ApiClient, runId: string, { signal, onProgress }: Waiting): Promise<Run> {
  let failures = 0;
  for (;;) {
    try {
      const run = await answered<Run>(client, { method: 'GET', path: `/api/v1/runs/${runId}`, signal });
      failures = 0;
      if (run.status !== 'queued' && run.status !== 'in_progress') return run;
      onProgress(progressOf(run));
    } catch (error) {
      failures++;
      const isPassing = error instanceof TillsyncError && error.retry !== 'no' && failures <= mostFailures;
      if (!isPassing) throw error;
    }
    await wait(pollMs, undefined, { signal });
  }
}

function queryOf({ sourceId, kind, pathId }: ItemName): Query {
  return { source_id: sourceId, kind, path_id: pathId ?? undefined };
}
