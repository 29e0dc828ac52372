// One stored answer of the POS, as its bytes: all of it, which is written down, or the beginning for a look.
import type { Queryable } from '../../db/database.ts';
import { inputError } from '../../errors.ts';
import { appendAudit } from '../../records/audit/append-audit.ts';
import { payloadOfPage } from '../../records/payloads/list-run-payloads.ts';
import { readPayload } from '../../records/payloads/read-payload.ts';
import type { Run } from '../../records/runs/run.ts';
import type { Deps } from '../deps.ts';

export interface PayloadExport {
  run: Run;
  page: number;
  /** At most so many bytes, for a look; absent = all, which is an entry of the audit log. */
  bytes?: number | undefined;
  /** The answers as the caller may see them. */
  rows: Queryable;
}

/**
 * The bytes in pieces of at most 1 MiB, as they are stored: secrets that the POS repeated were taken out before. Throws
 * TillsyncError payload_unknown (404); while it yields, payload_incomplete.
 */
export async function exportPayload(
  deps: Pick<Deps, 'database'>,
  of: PayloadExport,
): Promise<AsyncIterable<Uint8Array>> {
  const { run, page, bytes, rows } = of;
  const sourceId = run.source_id;
  const payloadId = sourceId === null ? null : await payloadOfPage(rows, { sourceId, runId: run.id, page });
  if (sourceId === null || payloadId === null) throw payloadGone(page);
  if (bytes === undefined) {
    await deps.database.transaction((q) =>
      appendAudit(q, {
        action: 'run.payload_exported',
        subject: { type: 'run', id: run.id, name: run.source_name },
        place: { sourceId },
        after: { page },
      }),
    );
  }
  return beginning(readPayload(rows, { sourceId, payloadId }), bytes ?? Number.POSITIVE_INFINITY);
}

async function* beginning(pieces: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array, void, void> {
  let left = most;
  for await (const piece of pieces) {
    yield piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) return;
  }
}

function payloadGone(page: number): Error {
  return inputError(
    'payload_unknown',
    `The run has no stored answer with the number ${page}, or it is no longer kept.`,
    'Choose another page, or a newer run: old answers go with time (TILLSYNC_KEEP_PAYLOADS_DAYS).',
  );
}
