// Imports a file that a person brings: its raw bytes are the payload, then the same plan, guard and save as a sync.
import { storePayload } from '../../records/payloads/store-payload.ts';
import type { Run } from '../../records/runs/run.ts';
import { syncRunning } from '../approve-run.ts';
import type { Deps } from '../deps.ts';
import { requestRun } from '../request-sync.ts';
import { resolveSettings } from '../resolve-config.ts';
import type { LeaseOptions } from '../run/keep-lease.ts';
import { runSync } from '../run-sync.ts';
import { fileNotTaken } from './prepare-import.ts';

export interface FileToImport extends LeaseOptions {
  configId: string;
  /** Read once, in pieces. */
  body: AsyncIterable<Uint8Array>;
  /** Kept with the payload; no path. */
  fileName: string;
  /** Default 'merge': nothing is removed. 'full': the file is the whole catalog. */
  mode?: 'merge' | 'full';
  dryRun?: boolean;
  requestedBy: string;
}

/**
 * Runs the import to its end; a failed or held run is returned. Throws config_unknown, config_not_runnable, file_not_taken (the
 * connector reads no files), sync_running.
 */
export async function importFile(deps: Deps, request: FileToImport): Promise<Run> {
  const resolved = await resolveSettings(deps, request.configId);
  const { connector, config } = resolved;
  if (connector.preview === undefined) throw fileNotTaken(config.name, connector);
  const { run, alreadyActive } = await requestRun(deps, resolved, {
    configId: request.configId,
    trigger: 'save',
    requestedBy: request.requestedBy,
    dryRun: request.dryRun ?? false,
    mode: request.mode ?? 'merge',
    file: request.fileName,
  });
  if (alreadyActive) throw syncRunning(run);
  return await runSync(deps, run.id, {
    signal: request.signal,
    onProgress: request.onProgress,
    store: async (lease, sourceId) => {
      await storePayload(deps.database, {
        sourceId,
        runId: lease.claim.runId,
        page: 0,
        form: 'connector',
        volatileFields: connector.volatileFields,
        body: untilAborted(request.body, lease.signal),
        meta: { file: request.fileName },
        signal: lease.lost,
        onBytes: (bytes) => lease.note({ bytes }),
      });
      return request.mode === 'full';
    },
  });
}

// Whoever brings the file may fall silent; a run that was cancelled must not wait for that.
async function* untilAborted(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  let stop: ((reason: unknown) => void) | undefined;
  const onAbort = () => stop?.(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        stop = reject;
        iterator.next().then(resolve, reject);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
