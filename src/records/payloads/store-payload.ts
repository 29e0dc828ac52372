// Puts one raw answer into the payload vault: compressed pieces, addressed by content, so an unchanged answer costs 0 bytes.
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Database, Queryable } from '../../db/database.ts';
import { openContentAddress } from './content-address.ts';

export interface PayloadToStore {
  sourceId: string;
  runId: string;
  /** Position among the run's pages, from 0. */
  page: number;
  /** 'connector': a raw answer of the POS; 'formatted': a body of save-integration-data. */
  form: 'connector' | 'formatted';
  volatileFields: readonly string[];
  body: AsyncIterable<Uint8Array>;
  meta: Readonly<Record<string, unknown>>;
  /** Told the raw bytes read so far, after each piece. */
  onBytes?: (total: number) => void;
}

export interface StoredPayload {
  payloadId: string;
  rawBytes: number;
  /** Compressed bytes written by this call; 0 when the same content was there already. */
  storedBytes: number;
}

// Raw pieces leave 1 KiB for what gzip adds to bytes that cannot be compressed, so that no stored piece passes 1 MiB.
const pieceBytes = 1_048_576 - 1_024;
// Up to so many compressed bytes wait in memory for the address; beyond, pieces are written under a provisional id.
const memoryBytes = 32 * 1_048_576;

interface Writer {
  payloadId: string;
  waiting: Buffer[];
  waitingBytes: number;
  storedBytes: number;
  chunks: number;
}

/** Stores the body and its reference from the run. The body never becomes one string or one bytea. */
export async function storePayload(database: Database, payload: PayloadToStore): Promise<StoredPayload> {
  await dropOrphans(database, payload.sourceId);
  const address = openContentAddress(payload.volatileFields);
  const writer: Writer = { payloadId: randomUUID(), waiting: [], waitingBytes: 0, storedBytes: 0, chunks: 0 };
  let rawBytes = 0;
  for await (const piece of pieces(payload.body)) {
    address.update(piece);
    rawBytes += piece.length;
    payload.onBytes?.(rawBytes);
    const compressed = gzipSync(piece, { level: 3 });
    writer.waiting.push(compressed);
    writer.waitingBytes += compressed.length;
    if (writer.waitingBytes > memoryBytes) await flush(database, payload.sourceId, writer);
  }
  const contentHash = address.digest();
  const { rows } = await database.query<{ id: string }>(
    'select id from integration_payloads where wand_source_id = $1 and content_hash = $2',
    [payload.sourceId, contentHash],
  );
  const known = rows[0]?.id;
  if (known !== undefined) {
    if (writer.chunks > 0) await dropChunks(database, payload.sourceId, writer.payloadId);
    await refer(database, payload, known);
    return { payloadId: known, rawBytes, storedBytes: 0 };
  }
  await database.transaction(async (connection) => {
    await flush(connection, payload.sourceId, writer);
    await connection.query(
      `insert into integration_payloads (wand_source_id, id, content_hash, raw_bytes, stored_bytes, chunks)
       values ($1, $2, $3, $4, $5, $6)`,
      [payload.sourceId, writer.payloadId, contentHash, rawBytes, writer.storedBytes, writer.chunks],
    );
    await refer(connection, payload, writer.payloadId);
  });
  return { payloadId: writer.payloadId, rawBytes, storedBytes: writer.storedBytes };
}

async function refer(queryable: Queryable, payload: PayloadToStore, payloadId: string): Promise<void> {
  await queryable.query(
    `insert into integration_run_payloads (wand_source_id, run_id, page, payload_id, form, meta, fetched_at)
     values ($1, $2, $3, $4, $5, $6, now())`,
    [payload.sourceId, payload.runId, payload.page, payloadId, payload.form, JSON.stringify(payload.meta)],
  );
}

async function flush(queryable: Queryable, sourceId: string, writer: Writer): Promise<void> {
  for (const bytes of writer.waiting) {
    await queryable.query(
      'insert into integration_payload_chunks (wand_source_id, payload_id, seq, bytes) values ($1, $2, $3, $4)',
      [sourceId, writer.payloadId, writer.chunks, bytes],
    );
    writer.chunks += 1;
    writer.storedBytes += bytes.length;
  }
  writer.waiting = [];
  writer.waitingBytes = 0;
}

/** Pieces of a body that was never finished (a killed process); one active run per source makes this safe. */
async function dropOrphans(database: Database, sourceId: string): Promise<void> {
  await database.query(
    `delete from integration_payload_chunks c where c.wand_source_id = $1 and not exists
       (select from integration_payloads p where p.wand_source_id = c.wand_source_id and p.id = c.payload_id)`,
    [sourceId],
  );
}

async function dropChunks(database: Database, sourceId: string, payloadId: string): Promise<void> {
  await database.query('delete from integration_payload_chunks where wand_source_id = $1 and payload_id = $2', [
    sourceId,
    payloadId,
  ]);
}

/** Cuts any stream of bytes into pieces of equal size, so that equal bodies give equal pieces. */
async function* pieces(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of body) {
    let rest = bytes;
    while (size + rest.length >= pieceBytes) {
      const take = pieceBytes - size;
      yield Buffer.concat([...waiting, rest.subarray(0, take)]);
      rest = rest.subarray(take);
      waiting = [];
      size = 0;
    }
    if (rest.length > 0) {
      waiting.push(rest);
      size += rest.length;
    }
  }
  if (size > 0) yield Buffer.concat(waiting);
}
