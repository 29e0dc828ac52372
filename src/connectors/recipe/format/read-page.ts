// Reads one page of a recipe as a whole: bytes to JSON, within a stated size, without losing a digit.
import { documentError } from '../../../catalog/document-error.ts';
import { ValueScanner } from '../../../catalog/scan-value.ts';
import { TillsyncError } from '../../../errors.ts';
import { type Json, parseJson } from '../../../json.ts';
import { excerpt } from '../../../net/redact.ts';

/** Most bytes of one page: it is held in memory, beside what is made of it. */
const mostPageBytes = 64 * 1024 * 1024;

/** Parsers recurse; no catalog is nested deeper. */
const mostDepth = 1_000;

type Redact = ((text: string) => string) | undefined;

/** All bytes of a page. Throws TillsyncError recipe_page_too_large. */
export async function wholePage(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > mostPageBytes) throw pageTooLarge();
    // Copied: the sender may reuse its buffer.
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces);
}

/** The document of a page. Throws TillsyncError body_empty, body_not_utf8, body_truncated, body_not_json, body_wrong_shape. */
export function parsePage(bytes: Buffer, redact: Redact): Json {
  const shown = () => excerpt(bytes.subarray(0, 1_000).toString('utf8'), redact);
  const text = utf8Of(bytes);
  if (text === null) throw documentError('body_not_utf8', { excerpt: shown() });
  if (text.trim() === '') throw documentError('body_empty', { excerpt: '' });
  const { end, depth, hasLossyNumber } = scan(bytes);
  if (depth > mostDepth) {
    throw documentError('body_wrong_shape', {
      excerpt: shown(),
      detail: `it is nested deeper than ${mostDepth} levels`,
    });
  }
  try {
    // The lossless parser takes ten times as long; the scan has seen whether any number needs it.
    return end === -1 || hasLossyNumber ? parseJson(text) : (JSON.parse(text) as Json);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw documentError(/^\s*[[{]/.test(text) && end === -1 ? 'body_truncated' : 'body_not_json', { excerpt: shown() });
  }
}

function scan(bytes: Buffer): { end: number; depth: number; hasLossyNumber: boolean } {
  const scanner = new ValueScanner();
  const begin = bytes.findIndex((byte) => byte === 0x7b || byte === 0x5b);
  const end = begin === -1 ? -1 : scanner.scan(bytes, begin);
  return { end, depth: scanner.depth, hasLossyNumber: scanner.hasLossyNumber };
}

function utf8Of(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function pageTooLarge(): TillsyncError {
  const megabytes = mostPageBytes / 1024 / 1024;
  return new TillsyncError(`One page of the POS is larger than ${megabytes} MiB, the most that a recipe reads.`, {
    code: 'recipe_page_too_large',
    step: 'fetch',
    hint: 'Let the recipe ask for smaller pages (pages.size), or for one part of the catalog.',
  });
}
