// Puts one raw answer into the payload vault: compressed pieces, addressed by content, so an unchanged answer costs 0 bytes.
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Connection, Database, Queryable } from '../../db/database.ts';
import { leaseLost } from '../runs/finish-run.ts';
import { openContentAddress } from './content-address.ts';
import { payloadsLockKey } from './payloads-lock.ts';
import { mostPieceBytes } from './read-payload.ts';

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
  /** Ends the transaction that stores it, whether the database answers or not. */
  signal?: AbortSignal;
}

export interface StoredPayload {
  payloadId: string;
  rawBytes: number;
  /** Compressed bytes written by this call; 0 when the same content was there already. */
  storedBytes: number;
}

// Raw pieces leave 1 KiB for what gzip adds to bytes that cannot be compressed, so that no stored piece passes 1 MiB.
const pieceBytes = mostPieceBytes - 1_024;
const fewBytes = 16_384;
// Up to so many raw bytes wait in memory for the address; beyond, pieces are written under a provisional id. An answer that is
// there already, the usual case, is then never compressed: that costs more than all else that is done with it. Once some are
// written, the others have nothing to wait for.
const memoryBytes = 32 * 1_048_576;

interface Writer {
  payloadId: string;
  /** Raw pieces. */
  waiting: Buffer[];
  waitingBytes: number;
  storedBytes: number;
  chunks: number;
}

/**
 * Stores the body and its reference from the run. The body never becomes one string or one bytea.
 * Throws TillsyncError lease_lost when another run of the source began meanwhile and took the early pieces for orphans.
 */
export async function storePayload(database: Database, payload: PayloadToStore): Promise<StoredPayload> {
  await dropOrphans(database, payload.sourceId);
  const ending = payload.signal ? { signal: payload.signal } : {};
  const address = openContentAddress(payload.volatileFields);
  const writer: Writer = { payloadId: randomUUID(), waiting: [], waitingBytes: 0, storedBytes: 0, chunks: 0 };
  let rawBytes = 0;
  for await (const piece of pieces(payload.body)) {
    address.update(piece);
    rawBytes += piece.length;
    payload.onBytes?.(rawBytes);
    writer.waiting.push(piece);
    writer.waitingBytes += piece.length;
    if (writer.chunks > 0 || writer.waitingBytes > memoryBytes) await flush(database, payload.sourceId, writer);
  }
  const contentHash = address.digest();
  const known = await findPayload(database, payload.sourceId, contentHash);
  if (known?.isWhole) {
    if (writer.chunks > 0) await dropChunks(database, payload.sourceId, writer.payloadId);
    await refer(database, payload, known.id);
    return { payloadId: known.id, rawBytes, storedBytes: 0 };
  }
  await database.transaction(async (connection) => {
    // Also tells the sweep whose transaction this is: the next sync of the same answer waits for its unique key, for ever
    // where the process that holds it was stopped.
    await connection.query(`select pg_advisory_xact_lock_shared(${payloadsLock})`, [payload.sourceId]);
    if (writer.chunks > 0) await proveChunks(connection, payload.sourceId, writer);
    await flush(connection, payload.sourceId, writer);
    if (known) await replacePayload(connection, { sourceId: payload.sourceId, from: known.id, to: writer.payloadId });
    await connection.query(
      `insert into integration_payloads (wand_source_id, id, content_hash, raw_bytes, stored_bytes, chunks)
       values ($1, $2, $3, $4, $5, $6)`,
      [payload.sourceId, writer.payloadId, contentHash, rawBytes, writer.storedBytes, writer.chunks],
    );
    await refer(connection, payload, writer.payloadId);
  }, ending);
  return { payloadId: writer.payloadId, rawBytes, storedBytes: writer.storedBytes };
}

/** A body that retention is about to delete counts as one that has lost pieces: it is stored anew in its place. */
async function findPayload(
  queryable: Queryable,
  sourceId: string,
  contentHash: Buffer,
): Promise<{ id: string; isWhole: boolean } | null> {
  const { rows } = await queryable.query<{ id: string; whole: boolean }>(
    `select p.id, p.unreferenced_since is null and p.chunks =
              (select count(*) from integration_payload_chunks c
                where c.wand_source_id = p.wand_source_id and c.payload_id = p.id) as whole
       from integration_payloads p where p.wand_source_id = $1 and p.content_hash = $2`,
    [sourceId, contentHash],
  );
  return rows[0] ? { id: rows[0].id, isWhole: rows[0].whole } : null;
}

/** Makes way for a whole copy of a stored body that has lost pieces; runs that referred to it refer to the copy. */
async function replacePayload(queryable: Queryable, of: { sourceId: string; from: string; to: string }): Promise<void> {
  await queryable.query(
    `with gone as (delete from integration_payloads where wand_source_id = $1 and id = $2)
     update integration_run_payloads set payload_id = $3 where wand_source_id = $1 and payload_id = $2`,
    [of.sourceId, of.from, of.to],
  );
}

async function refer(queryable: Queryable, payload: PayloadToStore, payloadId: string): Promise<void> {
  await queryable.query(
    `insert into integration_run_payloads (wand_source_id, run_id, page, payload_id, form, meta, fetched_at)
     values ($1, $2, $3, $4, $5, $6, now())`,
    [payload.sourceId, payload.runId, payload.page, payloadId, payload.form, JSON.stringify(payload.meta)],
  );
}

async function flush(queryable: Queryable, sourceId: string, writer: Writer): Promise<void> {
  // Let go one by one: what is written is not kept for those that follow.
  for (let piece = writer.waiting.shift(); piece !== undefined; piece = writer.waiting.shift()) {
    const bytes = gzipSync(piece, { level: 3, chunkSize: Math.max(fewBytes, piece.length >> 1) });
    await queryable.query(
      'insert into integration_payload_chunks (wand_source_id, payload_id, seq, bytes) values ($1, $2, $3, $4)',
      [sourceId, writer.payloadId, writer.chunks, bytes],
    );
    writer.chunks += 1;
    writer.storedBytes += bytes.length;
  }
  writer.waitingBytes = 0;
}

const orphans = `c.wand_source_id = $1 and not exists
  (select from integration_payloads p where p.wand_source_id = c.wand_source_id and p.id = c.payload_id)`;

/**
 * Pieces of a body that was never finished, because its process was killed or comes late. They are deleted under the lock
 * under which proveChunks() counts them; a body that is just being finished is left for the next time.
 */
async function dropOrphans(database: Database, sourceId: string): Promise<void> {
  const found = await database.query(`select from integration_payload_chunks c where ${orphans} limit 1`, [sourceId]);
  if (found.rowCount === 0) return;
  await database.transaction(async (connection) => {
    const { rows } = await connection.query<{ locked: boolean }>(
      `select pg_try_advisory_xact_lock(${payloadsLock}) as locked`,
      [sourceId],
    );
    if (rows[0]?.locked) {
      await connection.query(`delete from integration_payload_chunks c where ${orphans}`, [sourceId]);
    }
  });
}

/** Proves, under the lock, that the pieces written so far are all there; it keeps them until the payload's row is committed. */
async function proveChunks(connection: Connection, sourceId: string, writer: Writer): Promise<void> {
  const { rows } = await connection.query<{ count: number }>(
    `select count(*)::int as count from integration_payload_chunks where wand_source_id = $1 and payload_id = $2`,
    [sourceId, writer.payloadId],
  );
  if (rows[0]?.count !== writer.chunks) throw leaseLost();
}

const payloadsLock = payloadsLockKey('$1');

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
