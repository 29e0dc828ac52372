// The beginning of a file, looked at before it is read: its encoding, and what is in it.
import { fileMalformed } from '../file-error.ts';

export type FileForm = 'csv' | 'ndjson' | 'json' | 'xlsx';
export type FileEncoding = 'utf-8' | 'windows-1252';

/** A body whose first bytes are known; `whole` gives all of it, once. */
export interface Peeked {
  beginning: Buffer;
  whole: AsyncGenerator<Uint8Array, void, void>;
}

/** Bytes that are looked at to tell form and delimiter. */
const beginningBytes = 64 * 1024;
/** Bytes of a piece that is read at once. */
const evenBytes = 16 * 1024;

/** Reads until at least `size` bytes or the end have come, however small the pieces are; `beginning` has at most `size`. */
async function peek(body: AsyncIterable<Uint8Array>, size: number): Promise<Peeked> {
  const iterator = body[Symbol.asyncIterator]();
  const pieces: Uint8Array[] = [];
  let held = 0;
  let ended = false;
  while (held < size && !ended) {
    const next = await iterator.next();
    if (next.done) ended = true;
    else {
      pieces.push(Buffer.from(next.value));
      held += next.value.length;
    }
  }
  const first = Buffer.concat(pieces);
  async function* whole(): AsyncGenerator<Uint8Array, void, void> {
    try {
      if (first.length > 0) yield first;
      for (;;) {
        const next = ended ? { done: true as const, value: undefined } : await iterator.next();
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { beginning: first.subarray(0, size), whole: whole() };
}

/**
 * The file as UTF-8 without a byte order mark: UTF-16 is told by its mark, Windows-1252 only by the setting. A workbook stays as
 * it is. Throws TillsyncError file_malformed for what is no text.
 */
export async function openText(body: AsyncIterable<Uint8Array>, encoding: FileEncoding): Promise<Peeked> {
  const { beginning, whole } = await peek(inEvenPieces(body), 4);
  const mark = beginning.toString('hex');
  if (mark === 'd0cf11e0') {
    await whole.return();
    throw fileMalformed('it is a workbook in the old form (.xls)', 'Save it as .xlsx or CSV.');
  }
  if (mark.startsWith('efbbbf')) return await peek(without(whole, 3), beginningBytes);
  if (mark.startsWith('fffe')) return await peek(transcoded(whole, 'utf-16le'), beginningBytes);
  if (mark.startsWith('feff')) return await peek(transcoded(whole, 'utf-16be'), beginningBytes);
  if (isWorkbook(beginning) || encoding === 'utf-8') return await peek(whole, beginningBytes);
  return await peek(transcoded(whole, encoding), beginningBytes);
}

/** What the beginning of the text says it is. Throws TillsyncError file_malformed for what is none of the forms. */
export function formOf(beginning: Buffer): FileForm {
  if (isWorkbook(beginning)) return 'xlsx';
  if (beginning[0] === 0 || beginning[1] === 0) {
    throw fileMalformed(
      'it holds NUL bytes: UTF-16 without a byte order mark, or no text',
      'Save it as UTF-8 or as UTF-16 with a byte order mark.',
    );
  }
  const text = beginning.toString('utf8').trimStart();
  if (/^<(!doctype|html|\?xml)/i.test(text)) {
    throw fileMalformed('it is a web page or XML', 'Bring CSV, NDJSON, JSON or XLSX; a login page may stand there.');
  }
  if (text.startsWith('[')) return 'json';
  if (!text.startsWith('{')) return 'csv';
  const [line = '', ...others] = text.split('\n');
  // One object alone is a document, and has to look like one: an error's body must not pass for an item.
  return isObjectText(line) && others.some((other) => other.trim() !== '') ? 'ndjson' : 'json';
}

function isWorkbook(beginning: Buffer): boolean {
  return beginning.toString('latin1', 0, 4) === 'PK\u0003\u0004';
}

function isObjectText(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

// Rows are small: of a piece of 1 MiB, as payloads are kept in, some ten thousand would be in memory at once; a few hundred at most
// are gone before the garbage collector takes them for old. And whoever sends a byte at a time would have each unfinished row read
// again with each byte: small pieces wait for each other.
async function* inEvenPieces(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let waiting: Buffer[] = [];
  let held = 0;
  for await (const bytes of body) {
    const isSmall = bytes.length < evenBytes;
    if (isSmall) {
      // Copied: the sender may use its piece again.
      waiting.push(Buffer.from(bytes));
      held += bytes.length;
      if (held < evenBytes) continue;
    }
    if (held > 0) yield Buffer.concat(waiting);
    [waiting, held] = [[], 0];
    if (isSmall) continue;
    for (let at = 0; at < bytes.length; at += evenBytes) yield bytes.subarray(at, at + evenBytes);
  }
  if (held > 0) yield Buffer.concat(waiting);
}

async function* without(body: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array, void, void> {
  let left = count;
  for await (const bytes of body) {
    if (bytes.length > left) yield bytes.subarray(left);
    left = Math.max(0, left - bytes.length);
  }
}

async function* transcoded(
  body: AsyncIterable<Uint8Array>,
  encoding: 'utf-16le' | 'utf-16be' | 'windows-1252',
): AsyncGenerator<Uint8Array, void, void> {
  const decoder = new TextDecoder(encoding);
  const encoder = new TextEncoder();
  for await (const bytes of body) {
    const text = decoder.decode(bytes, { stream: true });
    if (text !== '') yield encoder.encode(text);
  }
  const last = decoder.decode();
  if (last !== '') yield encoder.encode(last);
}
