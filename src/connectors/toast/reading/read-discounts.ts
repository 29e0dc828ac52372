// All pages of a restaurant's discounts, held until the last has come: a publication in between makes Toast ask for a new start.
import { TillsyncError } from '../../../errors.ts';
import { notACatalog, type Toast } from './ask-toast.ts';

/** Bytes of one page, and of all: a discount has about 500. */
const mostPageBytes = 16 * 1024 * 1024;
const mostBytes = 64 * 1024 * 1024;
const mostPages = 1_000;
const mostStarts = 4;

/**
 * The JSON text of each page, an array. Throws TillsyncError (step 'fetch'), upstream_status after four starts that a
 * publication broke off.
 */
export async function readDiscounts(toast: Toast): Promise<string[]> {
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

async function readPages(toast: Toast): Promise<string[]> {
  const pages: string[] = [];
  const seen = new Set<string>();
  let size = 0;
  for (let next: string | null = null; ; ) {
    const answer = await toast.ask('/config/v2/discounts', next === null ? {} : { pageToken: next });
    const text = await answer.text(Math.min(mostPageBytes, mostBytes - size));
    if (!text.trimStart().startsWith('[')) throw notACatalog(toast.origin, 'sent no list of discounts', text);
    size += Buffer.byteLength(text);
    pages.push(text);
    next = answer.headers.get('toast-next-page-token');
    if (next === null || next === '') return pages;
    if (seen.has(next) || pages.length === mostPages) {
      throw notACatalog(toast.origin, `came to no end of its discounts after ${pages.length} pages`);
    }
    seen.add(next);
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
