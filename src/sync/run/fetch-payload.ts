// The fetch of a run: every page of the POS goes straight into the payload vault; no transaction is open meanwhile.
import type { FetchEnd } from '../../connectors/connector.ts';
import { withRetries } from '../../net/retries.ts';
import { dropRunPages } from '../../records/payloads/read-payload.ts';
import { storePayload } from '../../records/payloads/store-payload.ts';
import { markFetchStarted } from '../../records/runs/lease-run.ts';
import type { Deps } from '../deps.ts';
import type { ResolvedConfig } from '../resolve-config.ts';
import { openFetch } from '../upstream/open-fetch.ts';
import type { Lease } from './keep-lease.ts';

export interface FetchOfRun {
  resolved: ResolvedConfig;
  sourceId: string;
  lease: Lease;
}

/**
 * Fetches all pages. A connector tries again by itself until an answer begins; an answer that breaks off in its body
 * is fetched again here, from the first page. Throws TillsyncError (step 'fetch').
 */
export async function fetchPayload(deps: Deps, of: FetchOfRun): Promise<FetchEnd> {
  const { signal, claim } = of.lease;
  const outcome = await withRetries(
    async (attempt) => {
      if (attempt > 1) await dropRunPages(deps.database, { sourceId: of.sourceId, runId: claim.runId });
      of.lease.note({ phase: 'fetch' });
      if (attempt > 1)
        of.lease.runLog.add({ event: 'retry', message: `fetches anew, try ${attempt}`, facts: { attempt } });
      return await fetchOnce(deps, of);
    },
    { signal, onWait: noteWait(of.lease) },
  );
  if ('failed' in outcome) throw outcome.failed;
  return outcome;
}

function noteWait(lease: Lease): (milliseconds: number, error: Error) => void {
  return (milliseconds, error) => {
    lease.note({ phase: 'waiting' });
    lease.runLog.waits(milliseconds, error);
  };
}

/** One try. Errors of the body are thrown, to be tried again; others come back as `failed`: the connector has tried enough. */
async function fetchOnce(deps: Deps, of: FetchOfRun): Promise<FetchEnd | { failed: unknown }> {
  const { connector, params, secrets } = of.resolved;
  const { claim, signal } = of.lease;
  await markFetchStarted(deps.database, claim);
  const onWait = noteWait(of.lease);
  const way = await openFetch(deps, of.resolved, { signal, onWait });
  const pages = connector.fetch({ settings: { params, secrets }, ...way, signal, now: new Date(), onWait });
  try {
    let before = 0;
    for (let page = 0; ; page++) {
      const asked = performance.now();
      const next = await pages.next().catch((failed: unknown) => ({ failed }));
      if ('failed' in next) return next;
      if (next.done) return next.value;
      signal.throwIfAborted();
      of.lease.note({ phase: 'fetch' });
      const stored = await storePayload(deps.database, {
        sourceId: of.sourceId,
        runId: claim.runId,
        page,
        form: 'connector',
        volatileFields: connector.volatileFields,
        body: next.value.body,
        meta: next.value.meta,
        onBytes: (bytes) => of.lease.note({ bytes: before + bytes }),
      });
      before += stored.rawBytes;
      of.lease.runLog.page({ page, bytes: stored.rawBytes, milliseconds: performance.now() - asked });
    }
  } finally {
    await way.http.close();
  }
}
