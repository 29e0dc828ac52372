// The fetch of a run: every page of the POS goes straight into the payload vault; no transaction is open meanwhile.
import type { FetchEnd } from '../../connectors/connector.ts';
import { storePayload } from '../../records/payloads/store-payload.ts';
import { markFetchStarted } from '../../records/runs/lease-run.ts';
import type { Deps } from '../deps.ts';
import type { ResolvedConfig } from '../resolve-config.ts';
import type { Lease } from './keep-lease.ts';

/** Fetches all pages. Throws TillsyncError (step 'fetch'); what the vault took before stays referenced by the run. */
export async function fetchPayload(
  deps: Deps,
  of: { resolved: ResolvedConfig; sourceId: string; lease: Lease },
): Promise<FetchEnd> {
  const { connector, params, secrets } = of.resolved;
  const { claim, signal } = of.lease;
  await markFetchStarted(deps.database, claim);
  const http = deps.openHttp();
  try {
    const pages = connector.fetch({ settings: { params, secrets }, http, signal, now: new Date() });
    let before = 0;
    for (let page = 0; ; page++) {
      const next = await pages.next();
      if (next.done) return next.value;
      signal.throwIfAborted();
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
    }
  } finally {
    await http.close();
  }
}
