// Reads raw answers back out of the payload vault, one piece at a time.
import { gunzipSync } from 'node:zlib';
import type { Queryable } from '../../db/database.ts';
import { TillsyncError } from '../../errors.ts';

/** No stored piece is longer, raw or compressed. */
export const mostPieceBytes = 1_048_576;
const fewBytes = 65_536;

export interface RunPage {
  page: number;
  payloadId: string;
  form: 'connector' | 'formatted';
  /** Address of the body, 64 hex digits: equal but for the connector's volatile fields. */
  contentHash: string;
}

/** The pages that a run refers to, in order. */
export async function listRunPages(queryable: Queryable, of: { sourceId: string; runId: string }): Promise<RunPage[]> {
  const { rows } = await queryable.query<{
    page: number;
    payload_id: string;
    form: RunPage['form'];
    hash: string | null;
  }>(
    `select r.page, r.payload_id, r.form, encode(p.content_hash, 'hex') as hash
       from integration_run_payloads r
            left join integration_payloads p on p.wand_source_id = r.wand_source_id and p.id = r.payload_id
      where r.wand_source_id = $1 and r.run_id = $2 order by r.page`,
    [of.sourceId, of.runId],
  );
  return rows.map((row) => ({
    page: row.page,
    payloadId: row.payload_id,
    form: row.form,
    contentHash: row.hash ?? row.payload_id,
  }));
}

/** Lets a run refer to all pages of another run of the source (approve, replay). */
export async function copyRunPages(
  queryable: Queryable,
  of: { sourceId: string; from: string; to: string },
): Promise<void> {
  await queryable.query(
    `insert into integration_run_payloads (wand_source_id, run_id, page, payload_id, form, meta, fetched_at)
     select wand_source_id, $3, page, payload_id, form, meta, fetched_at
       from integration_run_payloads where wand_source_id = $1 and run_id = $2
     on conflict do nothing`,
    [of.sourceId, of.from, of.to],
  );
}

/**
 * The bytes of one stored body, in pieces of at most 1 MiB; one small query each, so that nothing is held open.
 * Throws TillsyncError payload_incomplete when a piece of it is gone.
 */
export async function* readPayload(
  queryable: Queryable,
  of: { sourceId: string; payloadId: string },
): AsyncGenerator<Uint8Array, void, void> {
  const { rows } = await queryable.query<{ chunks: number }>(
    'select chunks from integration_payloads where wand_source_id = $1 and id = $2',
    [of.sourceId, of.payloadId],
  );
  const chunks = rows[0]?.chunks;
  if (chunks === undefined) throw incomplete(of.payloadId);
  for (let seq = 0; seq < chunks; seq++) {
    const piece = await queryable.query<{ bytes: Buffer }>(
      'select bytes from integration_payload_chunks where wand_source_id = $1 and payload_id = $2 and seq = $3',
      [of.sourceId, of.payloadId, seq],
    );
    const bytes = piece.rows[0]?.bytes;
    if (bytes === undefined) throw incomplete(of.payloadId);
    // Room for all of it: what zlib makes in parts it copies together, and the parts are garbage.
    yield gunzipSync(bytes, { chunkSize: bytes.length < fewBytes ? fewBytes : mostPieceBytes });
  }
}

function incomplete(payloadId: string): TillsyncError {
  return new TillsyncError('A part of the stored answer of the POS is missing in the database.', {
    code: 'payload_incomplete',
    step: 'format',
    hint: 'Sync again: the answer is fetched anew.',
    facts: { payload: payloadId },
  });
}

/** Forgets the pages of a run whose fetch begins again; bodies stay for runs that refer to them. */
export async function dropRunPages(queryable: Queryable, of: { sourceId: string; runId: string }): Promise<void> {
  await queryable.query('delete from integration_run_payloads where wand_source_id = $1 and run_id = $2', [
    of.sourceId,
    of.runId,
  ]);
}
