// All pages of a restaurant's discounts, held until the last has come: a publication in between makes Toast ask for a new start.
import { TillsyncError } from '../../../errors.ts';
import { notACatalog, type Toast } from './ask-toast.ts';

/** Bytes of one page, and of all: a discount has about 500. */
const mostPageBytes = 16 * 1024 * 1024;
const mostBytes = 64 * 1024 * 1024;
const mostPages = 1_000;
const mostStarts = 4;

/**
 * The bytes of each page, which are a JSON array. Throws TillsyncError (step 'fetch'), upstream_status after four starts that a
 * publication broke off.
 */
export async function readDiscounts(toast: Toast): Promise<Buffer[]> {
  for (let start = 1; ; start++) {
    try {
      return await readPages(toast);
    } catch (error) {
      const isMoved = error instanceof TillsyncError && error.facts.status === 409;
      if (!isMoved) throw error;
      if (start === mostStarts) throw neverStill(toast, error);
    }
  }
}

async function readPages(toast: Toast): Promise<Buffer[]> {
  const pages: Buffer[] = [];
  const seen = new Set<string>();
  let size = 0;
  for (let next: string | null = null; ; ) {
    const answer = await toast.ask('/config/v2/discounts', next === null ? {} : { pageToken: next });
    const page = await readPage(toast, answer.body, Math.min(mostPageBytes, mostBytes - size));
    size += page.length;
    pages.push(page);
    next = answer.headers.get('toast-next-page-token');
    if (next === null || next === '') return pages;
    if (seen.has(next) || pages.length === mostPages) {
      throw notACatalog(toast.origin, `came to no end of its discounts after ${pages.length} pages`);
    }
    seen.add(next);
  }
}

// The bytes as they came: what is no UTF-8 in them is flagged where it is formatted.
async function readPage(toast: Toast, body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > mostBytes) throw notACatalog(toast.origin, 'sent more discounts than any restaurant can have');
    pieces.push(piece);
  }
  const page = Buffer.concat(pieces);
  // It becomes a member of a document, so it has to be one whole list and nothing else.
  if (!isList(page.toString('utf8')))
    throw notACatalog(toast.origin, 'sent no list of discounts', page.toString('utf8', 0, 1_000));
  return page;
}

function isList(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function neverStill(toast: Toast, cause: TillsyncError): TillsyncError {
  return new TillsyncError(
    `The POS at ${toast.origin} broke off the reading of its discounts ${mostStarts} times, because they changed meanwhile (HTTP 409).`,
    {
      code: 'upstream_status',
      step: 'fetch',
      retry: 'later',
      hint: 'Nothing needs to be done: it is tried again.',
      facts: cause.facts,
      cause,
    },
  );
}
