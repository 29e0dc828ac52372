// How long a POS asks us to wait: Retry-After in seconds or as a date, and the vendors' reset headers.

interface HeaderReader {
  get(name: string): string | null;
}

/** The longest wait that Retry-After is believed, in seconds: a quota of one day. */
export const mostAsked = 86_400;
/** The longest wait that a reset header is believed, in seconds: its unit is a guess, and the longest known is 15 min. */
export const mostReset = 3_600;

const waitHeaders = ['retry-after', 'x-retry-after'];
const resetHeaders = ['ratelimit-reset', 'x-ratelimit-reset', 'x-toast-ratelimit-reset', 'x-rate-limit-reset'];

/**
 * Seconds to wait, at most `mostAsked`, or null when the answer does not say (or says nonsense). Dates are measured
 * against the answer's own Date header where there is one, so that a clock that is wrong on either side does not matter.
 */
export function secondsToWait(headers: HeaderReader, now: Date): number | null {
  const reference = referenceTime(headers, now);
  for (const name of waitHeaders) {
    const asked = headers.get(name)?.trim();
    if (asked === undefined) continue;
    if (/^\d{1,13}(\.\d+)?$/.test(asked)) return Math.min(mostAsked, Math.max(0, fromNumber(Number(asked), reference)));
    const date = /[a-z]/i.test(asked) ? Date.parse(asked) : Number.NaN;
    if (!Number.isNaN(date)) return Math.min(mostAsked, Math.max(0, (date - reference) / 1_000));
  }
  return null;
}

/**
 * Seconds until a rate limit is reset, at most `mostReset`, or null. Many POS send this with every answer, so it means
 * a wait only in one that says that the limit was passed.
 */
export function secondsToReset(headers: HeaderReader, now: Date): number | null {
  const reference = referenceTime(headers, now);
  for (const name of resetHeaders) {
    const value = headers.get(name)?.trim();
    if (value === undefined || !/^\d{1,13}(\.\d+)?$/.test(value)) continue;
    const seconds = fromNumber(Number(value), reference);
    // A moment that has passed tells nothing of the limit that was passed just now.
    if (seconds >= 0) return Math.min(mostReset, seconds);
  }
  return null;
}

function referenceTime(headers: HeaderReader, now: Date): number {
  const sentAt = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(sentAt) ? now.getTime() : sentAt;
}

// Vendors send seconds from now, epoch seconds or epoch milliseconds under the same name: the size tells them apart.
// Below 1e8 it is a wait (epoch seconds passed that in 1973), from 1e11 on it is milliseconds (in seconds: the year 5138).
function fromNumber(value: number, reference: number): number {
  if (value < 1e8) return value;
  const at = value < 1e11 ? value * 1_000 : value;
  return (at - reference) / 1_000;
}
