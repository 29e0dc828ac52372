// tillsync itself: one real run per save; making and claiming the run row is off the clock, everything else is on it.
import { hash, randomBytes, randomUUID } from 'node:crypto';
import { type Formatted, type Item, kinds } from '../../src/catalog/item.ts';
import type { DocumentProof } from '../../src/connectors/connector.ts';
import { loadConnectors } from '../../src/connectors/load-connectors.ts';
import { openDatabase } from '../../src/db/database.ts';
import { openLog } from '../../src/log.ts';
import { openHttp } from '../../src/net/http-client.ts';
import { queueOf } from '../../src/queue/queue-of.ts';
import { createRun } from '../../src/records/runs/create-run.ts';
import { claimRun, markFetchStarted } from '../../src/records/runs/lease-run.ts';
import { getRun } from '../../src/records/runs/read-runs.ts';
import type { RunCounts } from '../../src/records/runs/run.ts';
import type { Deps } from '../../src/sync/deps.ts';
import type { ItemStream } from '../../src/sync/draft/collect-items.ts';
import { guardLimits } from '../../src/sync/plan/guard-limits.ts';
import { keepLease, type Lease } from '../../src/sync/run/keep-lease.ts';
import { RunLog } from '../../src/sync/run/log/run-log.ts';
import { saveRun } from '../../src/sync/run/save-run.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { type Contender, type Counts, type Session, scenarios } from '../contender.ts';

/** How the time of the last sync is kept: per row, or once per source; the third without the short cut for equal bytes. */
export type LastSynced = 'row' | 'source' | 'compared';

/** The modes that can be measured. */
export const lastSyncedModes: readonly LastSynced[] = ['row', 'source', 'compared'];

const labels: Readonly<Record<LastSynced, string>> = {
  row: 'tillsync (row)',
  source: 'tillsync (source)',
  compared: 'tillsync (source, every item compared)',
};

/** tillsync in one of its modes. */
export function tillsync(mode: LastSynced): StreamingContender {
  return {
    id: `tillsync_${mode}`,
    label: labels[mode],
    role: 'ours',
    scenarios,
    removes: true,
    rows: 'items',
    open: (url) => openSession(url, mode),
  };
}

/** A session that can also save a stream whose items were never all in memory (--large). */
export interface StreamingSession extends Session {
  saveStream(sourceId: string, stream: ItemStream): Promise<void>;
}

/** For --large, which opens it in a process of its own. */
export interface StreamingContender extends Contender {
  open(url: string): Promise<StreamingSession>;
}

async function openSession(url: string, mode: LastSynced): Promise<StreamingSession> {
  const deps = await openDeps(url, mode === 'row' ? 'row' : 'source');
  let body: Buffer | null = null;
  const configs = new Map<string, { id: string; identityKey: string | null }>();
  let lease: Lease | null = null;
  let lastRun = '';

  const claim = async (sourceId: string): Promise<Lease> => {
    const config = configs.get(sourceId) ?? (await findConfig(deps, sourceId));
    configs.set(sourceId, config);
    return await claimedRun(deps, { sourceId, configId: config.id });
  };

  const saveStream = async (
    sourceId: string,
    stream: ItemStream,
    payloadDigest: string | null = null,
  ): Promise<void> => {
    const held = lease ?? (await claim(sourceId));
    lease = null;
    const config = configs.get(sourceId);
    if (config === undefined) throw new Error(`source ${sourceId} was not begun`);
    try {
      await saveRun(deps, {
        lease: held,
        sourceId,
        configId: config.id,
        conceptId: null,
        companyId: null,
        siteId: null,
        stream,
        dryRun: false,
        removesByAbsence: true,
        identityKey: config.identityKey,
        complete: true,
        reason: null,
        reads: 'all',
        limits: guardLimits({}),
        applies: null,
        requestedBy: 'bench',
        payloadDigest,
        compareAll: mode === 'compared',
      });
    } finally {
      held.stop();
      lastRun = held.claim.runId;
    }
  };

  return {
    begin: async () => {
      const config = await addConfig(deps, {
        connectorId: 'qu',
        name: 'bench',
        params: { brand: 'bench', establishment: randomUUID(), base_url: 'https://pos.example' },
        secrets: {},
      });
      if (config.source_id === null) throw new Error(`not runnable: ${config.missing.join(', ')}`);
      return config.source_id;
    },
    prepare: async ({ sourceId, items }) => {
      lease = await claim(sourceId);
      // The answer as it came from the POS: its bytes exist before a save begins.
      body = Buffer.from(JSON.stringify(items));
    },
    // The address of the bytes is on the clock, as it is while an answer is fetched.
    save: ({ sourceId, items }) => saveStream(sourceId, streamOf(items), body && hash('sha256', body, 'hex')),
    saveStream,
    outcome: async () => {
      const run = await getRun(deps.database, lastRun);
      if (!run?.counts) throw new Error(`the run ended as ${run?.status}`);
      return { counts: totals(run.counts), held: run.status === 'held' };
    },
    close: () => deps.database.close(),
  };
}

async function openDeps(url: string, lastSynced: Deps['lastSynced']): Promise<Deps> {
  const database = await openDatabase({ url, max: 6, applicationName: 'bench tillsync' });
  return {
    database,
    queue: queueOf(database).queue,
    connectors: await loadConnectors(),
    vault: openVault({ active: randomBytes(32).toString('base64') }),
    openHttp: () => openHttp({ allowPrivateHosts: false, connectSeconds: 5, totalSeconds: 30, maxBytes: 1_048_576 }),
    log: openLog('silent'),
    worker: `bench:${process.pid}`,
    about: {
      version: '0.0.0',
      startedAt: '',
      hasOwnDatabase: false,
      keyFrom: 'nowhere',
      settings: [],
      settingWarnings: [],
    },
    leaseSeconds: 600,
    saveStatementSeconds: 0,
    lastSynced,
    fullReadHours: 24,
    hookDebounceSeconds: 30,
    planMemoryChanges: 50_000,
    most: { fetchBytes: 16 * 1024 ** 3, items: 10_000_000 },
    keep: { runsDays: 0, runsPerSource: 0, logsDays: 0, payloadsDays: 0, payloadsPerSource: 0, auditDays: 0 },
  };
}

async function findConfig(deps: Deps, sourceId: string): Promise<{ id: string; identityKey: string | null }> {
  const { rows } = await deps.database.query<{ id: string; identity_key: string | null }>(
    `select c.id, s.identity_key from integration_source_configs c
       join wand_integration_sources s on s.id = c.wand_source_id where c.wand_source_id = $1`,
    [sourceId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`source ${sourceId} has no config`);
  return { id: row.id, identityKey: row.identity_key };
}

/** At most one run per source is active, so the second of two asks again until the first is done. */
async function claimedRun(deps: Deps, of: { sourceId: string; configId: string }): Promise<Lease> {
  for (;;) {
    const { runId, alreadyActive } = await createRun(deps.database, {
      ...of,
      sourceName: 'bench',
      siteId: null,
      trigger: 'save',
      requestedBy: 'bench',
      dryRun: false,
      mode: 'full',
      appliesRunId: null,
      leaseSeconds: deps.leaseSeconds,
    });
    if (alreadyActive) continue;
    const { worker, leaseSeconds } = deps;
    const claim = await claimRun(deps.database, { runId, sourceId: of.sourceId, worker, leaseSeconds });
    if (claim === null) throw new Error('the run was claimed by somebody else');
    await markFetchStarted(deps.database, claim);
    const run = await getRun(deps.database, runId);
    if (run === null) throw new Error('the run is gone');
    const runLog = new RunLog({
      ...{ queryable: deps.database, log: deps.log, run, sourceId: of.sourceId, worker },
      redact: deps.vault.redact,
    });
    return keepLease(deps, claim, { runLog });
  }
}

function streamOf(items: readonly Item[]): ItemStream {
  return async function* formatted(): AsyncGenerator<Formatted[], DocumentProof, void> {
    // As many as a piece of a stored answer holds, more or less.
    for (let from = 0; from < items.length; from += 500) {
      yield items.slice(from, from + 500).map((item) => ({ type: 'item', item, preference: 0 }));
    }
    return { complete: true, kindsPresent: kinds };
  };
}

function totals(counts: RunCounts): Counts {
  const sum = (field: keyof RunCounts['products']) => kinds.reduce((total, kind) => total + counts[kind][field], 0);
  return {
    created: sum('created') + sum('restored'),
    updated: sum('updated'),
    unchanged: sum('unchanged'),
    removed: sum('removed'),
  };
}
