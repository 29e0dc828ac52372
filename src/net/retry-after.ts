// How long a POS asks us to wait: Retry-After in seconds or as a date, and the vendors' reset headers.

interface HeaderReader {
  get(name: string): string | null;
}

const resetHeaders = ['ratelimit-reset', 'x-ratelimit-reset', 'x-toast-ratelimit-reset', 'x-rate-limit-reset'];

/**
 * Seconds to wait, or null when the answer does not say (or says nonsense). Dates are measured against the answer's own
 * Date header where there is one, so that a clock that is wrong on either side does not matter.
 */
export function secondsToWait(headers: HeaderReader, now: Date): number | null {
  const sentAt = Date.parse(headers.get('date') ?? '');
  const reference = Number.isNaN(sentAt) ? now.getTime() : sentAt;
  const asked = headers.get('retry-after')?.trim();
  if (asked !== undefined) {
    if (/^\d{1,9}(\.\d+)?$/.test(asked)) return Number(asked);
    const date = /[a-z]/i.test(asked) ? Date.parse(asked) : Number.NaN;
    if (!Number.isNaN(date)) return Math.max(0, (date - reference) / 1_000);
  }
  for (const name of resetHeaders) {
    const value = headers.get(name)?.trim();
    if (value === undefined || !/^\d{1,13}(\.\d+)?$/.test(value)) continue;
    return untilReset(Number(value), reference);
  }
  return null;
}

// Vendors send seconds from now, epoch seconds or epoch milliseconds under the same name: the size tells them apart.
function untilReset(value: number, reference: number): number {
  if (value < 1e8) return value;
  const at = value < 1e11 ? value * 1_000 : value;
  return Math.max(0, (at - reference) / 1_000);
}
