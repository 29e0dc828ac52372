// The fetch of a run: every page of the POS goes straight into the payload vault; no transaction is open meanwhile.
import type { FetchEnd } from '../../connectors/connector.ts';
import { withRetries } from '../../net/retries.ts';
import { dropRunPages } from '../../records/payloads/read-payload.ts';
import { storePayload } from '../../records/payloads/store-payload.ts';
import { markFetchStarted } from '../../records/runs/lease-run.ts';
import type { Deps } from '../deps.ts';
import type { ResolvedConfig } from '../resolve-config.ts';
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
      return await fetchOnce(deps, of);
    },
    { signal, onWait: () => of.lease.note({ phase: 'waiting' }) },
  );
  if ('failed' in outcome) throw outcome.failed;
  return outcome;
}

/** One try. Errors of the body are thrown, to be tried again; others come back as `failed`: the connector has tried enough. */
async function fetchOnce(deps: Deps, of: FetchOfRun): Promise<FetchEnd | { failed: unknown }> {
  const { connector, params, secrets } = of.resolved;
  const { claim, signal } = of.lease;
  await markFetchStarted(deps.database, claim);
  const http = deps.openHttp();
  const onWait = () => of.lease.note({ phase: 'waiting' });
  const pages = connector.fetch({ settings: { params, secrets }, http, signal, now: new Date(), onWait });
  try {
    let before = 0;
    for (let page = 0; ; page++) {
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
        signal: of.lease.lost,
        onBytes: (bytes) => of.lease.note({ bytes: before + bytes }),
      });
      before += stored.rawBytes;
    }
  } finally {
    await http.close();
  }
}
