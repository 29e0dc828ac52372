// The one place where COPY runs: it waits for ReadyForQuery, since two in a row hang under Deno's node layer otherwise.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { Connection } from './database.ts';
import { databaseError } from './database-error.ts';

/**
 * Runs `copy (…) to stdout` and hands over the bytes in pieces, in order. `onBytes` is synchronous: the backend waits.
 * COPY takes no parameters: only constants that were validated (uuids, fixed names) may stand in the statement.
 */
export async function copyOut(
  connection: Connection,
  statement: string,
  onBytes: (bytes: Buffer) => void,
): Promise<void> {
  await connection.announce(statement);
  const stream = copyTo(statement) as ReturnType<typeof copyTo> & { handleReadyForQuery?: () => void };
  const original = stream.handleReadyForQuery?.bind(stream);
  const ready = new Promise<void>((resolve) => {
    stream.handleReadyForQuery = () => {
      original?.();
      resolve();
    };
  });
  try {
    connection.client.query(stream);
    for await (const bytes of stream) onBytes(bytes as Buffer);
    await ready;
  } catch (error) {
    throw databaseError(error);
  }
}

/**
 * Runs `copy … from stdin` with back-pressure and returns the number of rows stored.
 * Throws what `rows` throws after ending the COPY, so that the connection stays usable for its rollback.
 */
export async function copyIn(
  connection: Connection,
  statement: string,
  rows: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): Promise<number> {
  await connection.announce(statement);
  const stream = connection.client.query(copyFrom(statement));
  try {
    await pipeline(Readable.from(rows, { objectMode: true, highWaterMark: 1 }), stream);
  } catch (error) {
    throw databaseError(error);
  }
  return stream.rowCount;
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

const special = /[\\\n\r\t]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeCopyText(value: string): string {
  return special.test(value) ? value.replace(/[\\\n\r\t]/g, (character) => escapes[character] ?? character) : value;
}
