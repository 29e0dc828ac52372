// Where words go: data to stdout, talk to stderr.
import { once } from 'node:events';

/** Data for a person or a pipe. */
export function writeOut(text: string): void {
  process.stdout.write(text);
}

/** All pieces on stdout, one after another: a reader that is slow is waited for. */
export async function writeBytes(pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  for await (const piece of pieces) {
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
  }
}

/** Talk: progress, advice, errors. */
export function writeTalk(text: string): void {
  process.stderr.write(text);
}

/** One JSON document on stdout; numbers kept as text are written verbatim. */
export function writeJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
