// The fetch of a run: every page of the POS goes straight into the payload vault; no transaction is open meanwhile.
import type { FetchEnd, Remembered } from '../../connectors/connector.ts';
import { TillsyncError } from '../../errors.ts';
import { withRetries } from '../../net/retries.ts';
import { dropRunPages } from '../../records/payloads/read-payload.ts';
import { storePayload } from '../../records/payloads/store-payload.ts';
import type { RunSettings } from '../../records/runs/detail/run-settings.ts';
import { type AskRemembered, markFetchStarted, noteFetchEnd } from '../../records/runs/lease-run.ts';
import type { Reads } from '../../records/runs/run.ts';
import type { Deps } from '../deps.ts';
import type { ResolvedConfig } from '../resolve-config.ts';
import { openFetch } from '../upstream/open-fetch.ts';
import type { Lease } from './keep-lease.ts';
import { rememberKey } from './payload-digest.ts';

export interface FetchOfRun {
  resolved: ResolvedConfig;
  sourceId: string;
  lease: Lease;
  /** Whether what the last saved fetch remembered may be used; null = read everything. */
  asks: AskRemembered | null;
  /** What the run keeps of its settings. */
  settings: RunSettings;
}

/** A POS with more pages than this has none of its own: it makes them up. */
const mostPages = 100_000;

/** What a fetch brought into the vault. */
export interface Fetched extends FetchEnd {
  reads: Reads;
}

/**
 * Fetches all pages. A connector tries again by itself until an answer begins; an answer that breaks off in its body
 * is fetched again here, from the first page. Throws TillsyncError (step 'fetch').
 */
export async function fetchPayload(deps: Deps, of: FetchOfRun): Promise<Fetched> {
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
async function fetchOnce(deps: Deps, of: FetchOfRun): Promise<Fetched | { failed: unknown }> {
  const { connector, params, secrets } = of.resolved;
  const { claim, signal } = of.lease;
  const since = await markFetchStarted(deps.database, claim, { reads: 'all', asks: of.asks, settings: of.settings });
  const onWait = noteWait(of.lease);
  const way = await openFetch(deps, of.resolved, { signal, onWait });
  const pages = connector.fetch({ settings: { params, secrets }, ...way, signal, now: new Date(), since, onWait });
  try {
    let before = 0;
    for (let page = 0; ; page++) {
      const asked = performance.now();
      const next = await pages.next().catch((failed: unknown) => ({ failed }));
      if ('failed' in next) return next;
      if (next.done) return await ended(deps, of, { end: next.value, since, pages: page });
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
      if (before > deps.most.fetchBytes || page >= mostPages) {
        // Nobody will ever format a part of what has no end.
        await dropRunPages(deps.database, { sourceId: of.sourceId, runId: claim.runId });
        throw endless(connector.title, { pages: page + 1, bytes: before });
      }
      of.lease.runLog.page({ page, bytes: stored.rawBytes, milliseconds: performance.now() - asked });
    }
  } finally {
    await way.http.close();
  }
}

function endless(title: string, { pages, bytes }: { pages: number; bytes: number }): TillsyncError {
  const size = Math.ceil(bytes / 1024 / 1024);
  return new TillsyncError(`${title} came to no end of its pages: ${pages} of them with ${size} MB were read.`, {
    code: 'fetch_endless',
    step: 'fetch',
    hint: 'If the catalog is as large as that, raise TILLSYNC_MAX_FETCH_MB; else tell the vendor that its pages go on for ever.',
    facts: { pages, bytes },
  });
}

interface Ended {
  end: FetchEnd;
  since: Remembered | null;
  pages: number;
}

/** What the end of a fetch means, noted with the run: only its save moves what the source remembers. */
async function ended(deps: Deps, of: FetchOfRun, { end, since, pages }: Ended): Promise<Fetched> {
  const { connector, params } = of.resolved;
  const reads: Reads = end.unchanged ? 'nothing' : end.delta ? 'changes' : 'all';
  if (reads !== 'all' && (since === null || connector.incremental === undefined)) {
    throw new Error(`the connector ${connector.id} had nothing remembered to begin from`);
  }
  if (end.unchanged && (pages > 0 || !end.complete)) {
    throw new Error(`the connector ${connector.id} says that nothing changed, and brings ${pages} pages`);
  }
  if (reads !== 'all' || end.remember !== undefined) {
    const remember = end.remember ? { ...end.remember, key: rememberKey({ connector, params }) } : null;
    await noteFetchEnd(deps.database, of.lease.claim, { reads, remember });
  }
  return { ...end, reads };
}
