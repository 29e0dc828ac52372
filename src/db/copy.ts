// The one place where COPY runs; it works on Node and on Deno, and one after another on the same connection.
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import type { Submittable } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Connection } from './database.ts';
import { databaseError } from './database-error.ts';
import { socketOf } from './lend.ts';

/** The driver's protocol reader calls these on the query that it works on. */
interface CopyOutQuery extends Submittable {
  handleCopyData(message: { chunk: Buffer }): void;
  handleCommandComplete(): void;
  handleError(error: Error): void;
  handleReadyForQuery(): void;
}

// One message per row: they are handed over together, or each row would cost a call and a decode. The first few in a small
// buffer: most answers have some hundred rows, and buffers that stay empty are work for the collector.
const firstBytes = 4_096;
const bufferBytes = 65_536;

/**
 * Runs `copy (…) to stdout` and hands over the bytes in pieces, in order; a piece may be kept.
 * COPY takes no parameters: only constants that were validated (uuids, fixed names) may stand in the statement.
 *
 * Not pg-copy-streams' reader: it takes the socket's events away from the driver, which hangs on Deno. This one stays
 * with the driver's own reader, waits for ReadyForQuery, and is as fast (1 M rows of 58 bytes: 2.0 s, the stream 2.1 s).
 */
export async function copyOut(
  connection: Connection,
  statement: string,
  onBytes: (bytes: Buffer) => void,
): Promise<void> {
  await connection.announce(statement);
  const silence = watchSilence(connection);
  try {
    await new Promise<void>((resolve, reject) => {
      const done = (error: Error | null) => (error ? reject(error) : resolve());
      connection.client.query(copyOutQuery(statement, { onBytes, onWord: silence.heard, done }));
    });
  } catch (error) {
    throw databaseError(error);
  } finally {
    silence.end();
  }
}

/** Ends a connection on which the server says nothing for as long as it has patience: one that is open on one side only. */
function watchSilence(connection: Connection): { heard(): void; end(): void } {
  const { client, patience } = connection;
  if (patience === undefined) return { heard: () => undefined, end: () => undefined };
  let isSilent = true;
  // Words are only noted, one for each row; so it takes up to twice as long.
  const timer = setInterval(() => {
    if (isSilent) socketOf(client).destroy();
    isSilent = true;
  }, patience);
  return {
    heard() {
      isSilent = false;
    },
    end: () => clearInterval(timer),
  };
}

interface CopyOutCalls {
  onBytes(bytes: Buffer): void;
  /** With each message of the server. */
  onWord(): void;
  done(error: Error | null): void;
}

function copyOutQuery(statement: string, { onBytes, onWord, done }: CopyOutCalls): CopyOutQuery {
  let buffer = Buffer.allocUnsafe(firstBytes);
  let used = 0;
  let failure: Error | null = null;
  // Thrown in here it would end in the driver's socket handler; so the rest is read past, and told at the end.
  const give = (bytes: Buffer) => {
    if (failure !== null || bytes.length === 0) return;
    try {
      onBytes(bytes);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
  };
  const flush = () => {
    give(buffer.subarray(0, used));
    used = 0;
  };
  return {
    submit: (driver) => driver.query(statement),
    handleCopyData({ chunk }) {
      onWord();
      if (chunk.length > buffer.length - used) {
        flush();
        // What was handed over may be kept.
        buffer = Buffer.allocUnsafe(Math.min(bufferBytes, buffer.length * 4));
      }
      // The driver writes over its own buffer, of which a large row is a slice.
      if (chunk.length > buffer.length) give(Buffer.from(chunk));
      else used += chunk.copy(buffer, used);
    },
    handleCommandComplete: () => undefined,
    handleError: (error) => done(error),
    handleReadyForQuery() {
      flush();
      done(failure);
    },
  };
}

/** A `copy … from stdin` under way; until it ends, nothing else can run on its connection. */
export interface CopyIn {
  /** Hands over whole lines; resolves when the socket takes more. Throws TillsyncError when the server refused a line. */
  write(lines: string | Uint8Array): Promise<void>;
  /** Ends it; returns the number of rows stored. Throws TillsyncError. */
  end(): Promise<number>;
  /** Gives it up, so that the connection stays usable for its rollback. Never throws. */
  abort(reason: Error): Promise<void>;
}

// Enough to keep the server busy while the next lines are made.
const aheadBytes = 4_194_304;

// Takes everything and keeps nothing.
const nowhere = { stream: { write: () => true, once: () => undefined }, sendCopyFail: () => undefined };

/** Begins `copy … from stdin`. */
export async function openCopyIn(connection: Connection, statement: string): Promise<CopyIn> {
  await connection.announce(statement);
  const stream = connection.client.query(copyFrom(statement, { highWaterMark: aheadBytes }));
  let failure: unknown = null;
  stream.on('error', (error) => {
    failure ??= error;
    // The stream lets go of its connection now, and what it still buffers would be written to none: an exception that
    // nobody can catch, seen when a server without room for its log died under a COPY.
    queueMicrotask(() => Object.assign(stream, { connection: nowhere }));
  });
  const patiently = async (step: Promise<unknown>) => {
    const silence = watchSilence(connection);
    try {
      await step;
    } catch (error) {
      throw databaseError(error);
    } finally {
      silence.end();
    }
  };
  return {
    async write(lines) {
      if (failure !== null) throw databaseError(failure);
      const hasRoom = stream.write(lines);
      // The socket takes what it can at once; the rest goes out only when this thread lets the event loop turn.
      if (hasRoom) return await turn();
      await patiently(once(stream, 'drain'));
    },
    async end() {
      if (failure !== null) throw databaseError(failure);
      stream.end();
      await patiently(finished(stream));
      return stream.rowCount;
    },
    async abort(reason) {
      if (failure !== null) return;
      stream.destroy(reason);
      await patiently(finished(stream)).catch(() => undefined);
    },
  };
}

/**
 * Runs `copy … from stdin` with back-pressure and returns the number of rows stored. `rows` are whole lines, all text or
 * all bytes. Throws what `rows` throws after ending the COPY, so that the connection stays usable for its rollback.
 */
export async function copyIn(
  connection: Connection,
  statement: string,
  rows: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): Promise<number> {
  const copy = await openCopyIn(connection, statement);
  try {
    let piece = '';
    for await (const lines of rows) {
      if (typeof lines !== 'string') {
        await copy.write(lines);
        continue;
      }
      piece += lines;
      if (piece.length < bufferBytes) continue;
      await copy.write(piece);
      piece = '';
    }
    if (piece !== '') await copy.write(piece);
  } catch (error) {
    await copy.abort(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
  return await copy.end();
}

/** One line of COPY's text format. Values are text or null; bytea is written as '\x' and hex by the caller. */
export function copyLine(values: readonly (string | null)[]): string {
  let line = '';
  for (let i = 0; i < values.length; i++) {
    if (i > 0) line += '\t';
    const value = values[i];
    line += value === null || value === undefined ? '\\N' : escapeCopyText(value);
  }
  return `${line}\n`;
}

/** JSON text as COPY wants it: it holds no tab and no line end, only backslashes. */
export function escapeCopyJson(json: string): string {
  return json.includes('\\') ? json.replaceAll('\\', '\\\\') : json;
}

const special = /[\\\n\r\t]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Any text as COPY wants it. */
export function escapeCopyText(value: string): string {
  return special.test(value) ? value.replace(/[\\\n\r\t]/g, (character) => escapes[character] ?? character) : value;
}
