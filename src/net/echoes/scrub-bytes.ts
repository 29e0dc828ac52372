// Takes texts out of a stream of bytes, also where they are split over its pieces.
import { censored } from '../../known-secrets.ts';

const replacement = Buffer.from(censored);

/** The same bytes without these texts (as UTF-8, byte for byte). Nothing is held back but what may be the beginning of one. */
export async function* scrubBytes(
  body: AsyncIterable<Uint8Array>,
  texts: () => readonly string[],
): AsyncGenerator<Uint8Array, void, void> {
  const needles = longestFirst(texts());
  if (needles.length === 0) {
    yield* body;
    return;
  }
  const most = Math.max(...needles.map((needle) => needle.length));
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of body) {
    const bytes = rest.length === 0 ? view(piece) : Buffer.concat([rest, piece]);
    const { clean, end } = replaceAll(bytes, needles, bytes.length - most + 1);
    // A copy: whoever gave the piece may use its memory again.
    rest = Buffer.from(bytes.subarray(end));
    if (clean.length > 0) yield clean;
  }
  const { clean } = replaceAll(rest, needles, rest.length);
  if (clean.length > 0) yield clean;
}

function longestFirst(texts: readonly string[]): Buffer[] {
  const needles = [...new Set(texts)].filter((text) => text !== '').map((text) => Buffer.from(text));
  return needles.sort((a, b) => b.length - a.length);
}

function view(piece: Uint8Array): Buffer {
  return Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
}

/** Replaces what begins before `limit`; `end` is up to where the bytes are done with. */
function replaceAll(bytes: Buffer, needles: readonly Buffer[], limit: number): { clean: Buffer; end: number } {
  const next = needles.map((needle) => bytes.indexOf(needle));
  const parts: Buffer[] = [];
  let from = 0;
  for (;;) {
    const first = earliest(next);
    const at = next[first] ?? -1;
    if (at === -1 || at >= limit) break;
    parts.push(bytes.subarray(from, at), replacement);
    from = at + (needles[first] as Buffer).length;
    for (const [i, needle] of needles.entries()) {
      const found = next[i] as number;
      if (found !== -1 && found < from) next[i] = bytes.indexOf(needle, from);
    }
  }
  const end = Math.max(from, Math.min(Math.max(limit, 0), bytes.length));
  parts.push(bytes.subarray(from, end));
  return { clean: parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts), end };
}

// The longest of those that begin first, since they stand in that order.
function earliest(next: readonly number[]): number {
  let first = -1;
  for (const [i, at] of next.entries()) {
    if (at !== -1 && (first === -1 || at < (next[first] as number))) first = i;
  }
  return first;
}
