// The beginning of a menus document, looked at while it passes: whose it is and when it was published.
import { readJsonStream } from '../../../catalog/read-json-stream.ts';
import { TillsyncError } from '../../../errors.ts';
import { excerpt } from '../../../net/redact.ts';

export interface DocumentHead {
  /** null = not said before the menus begin. */
  restaurantGuid: string | null;
  lastUpdated: string | null;
  /** The first bytes as text, for what is no document at all. */
  opening: string;
}

/** Bytes in which the head must have come; Toast writes it first. */
const headBytes = 64 * 1024;

/** Reads the head, and gives back the whole body, its beginning included; one of `whole` and `leave` must be used. */
export async function readHead(
  body: AsyncIterable<Uint8Array>,
): Promise<{ head: DocumentHead; whole: AsyncGenerator<Uint8Array, void, void>; leave(): Promise<void> }> {
  const pieces = body[Symbol.asyncIterator]();
  const kept: Uint8Array[] = [];
  async function* beginning(): AsyncGenerator<Uint8Array, void, void> {
    for (let size = 0; size < headBytes; ) {
      const next = await pieces.next();
      if (next.done) return;
      kept.push(next.value);
      size += next.value.length;
      yield next.value;
    }
  }
  async function* whole(): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* kept;
      for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
    } finally {
      await pieces.return?.();
    }
  }
  const head = await headOf(beginning());
  const opening = Buffer.concat(kept.map((piece) => piece.subarray(0, 1_000)))
    .subarray(0, 1_000)
    .toString('utf8');
  return { head: { ...head, opening }, whole: whole(), leave: async () => void (await pieces.return?.()) };
}

async function headOf(beginning: AsyncIterable<Uint8Array>): Promise<Omit<DocumentHead, 'opening'>> {
  const found: Record<string, string> = {};
  try {
    for await (const parts of readJsonStream(beginning, { arrays: ['menus'], excerpt })) {
      for (const part of parts) {
        if (part.type === 'member' && typeof part.value === 'string') found[part.member] = part.value;
      }
      const isOver = parts.some(({ member }) => member === 'menus');
      if (isOver || ('restaurantGuid' in found && 'lastUpdated' in found)) break;
    }
  } catch (error) {
    // A head that goes on beyond its bytes, or is no JSON: what is wrong with the document is said where it is formatted.
    if (!(error instanceof TillsyncError) || error.step !== 'format') throw error;
  }
  return { restaurantGuid: found.restaurantGuid ?? null, lastUpdated: found.lastUpdated ?? null };
}
