// How much a caller may ask for in a time: token buckets in this process, per caller and kind of call.
import { TillsyncError } from '../../errors.ts';

/** A bucket holds `burst` calls and is filled again by `perMinute`. */
interface Limit {
  burst: number;
  perMinute: number;
  /** What is counted, for the sentence. */
  what: string;
}

/** The limits; docs/reference/limits.md lists them and is held against this table. */
export const rateLimits = {
  call: { burst: 600, perMinute: 1200, what: 'calls' },
  sync: { burst: 120, perMinute: 120, what: 'syncs' },
  'connection-test': { burst: 20, perMinute: 20, what: 'connection tests' },
  preview: { burst: 60, perMinute: 120, what: 'previews of recipes' },
  export: { burst: 10, perMinute: 10, what: 'exports' },
  'sign-in': { burst: 20, perMinute: 10, what: 'tries to sign in' },
  page: { burst: 120, perMinute: 120, what: 'pages without a key' },
  unproven: { burst: 60, perMinute: 60, what: 'calls without a valid key' },
  hook: { burst: 1200, perMinute: 2400, what: 'webhooks' },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof rateLimits;

export interface RateLimits {
  /** Counts one call of `who`. Throws TillsyncError rate_limited (429) with the seconds until the next one. */
  take(name: LimitName, who: string): void;
}

// Beyond this many callers at once, who was seen longest ago is forgotten: by then the bucket is mostly full again.
const mostBuckets = 20_000;

/** Buckets of this process. `now` gives milliseconds that never go back; default the process's own clock. */
export function openRateLimits({ now = () => performance.now() }: { now?: () => number } = {}): RateLimits {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    take(name, who) {
      const { burst, perMinute, what }: Limit = rateLimits[name];
      const key = `${name} ${who}`;
      const at = now();
      const known = buckets.get(key) ?? { left: burst, at };
      const left = Math.min(burst, known.left + ((at - known.at) * perMinute) / 60_000);
      // Last in the order of the map: the first is then who was seen longest ago.
      buckets.delete(key);
      buckets.set(key, { left: left >= 1 ? left - 1 : left, at });
      if (buckets.size > mostBuckets) buckets.delete(buckets.keys().next().value as string);
      if (left < 1) throw limited(what, perMinute, Math.ceil(((1 - left) * 60) / perMinute));
    },
  };
}

/** Counts nothing, for TILLSYNC_RATE_LIMIT=off. */
export const noRateLimits: RateLimits = { take: () => undefined };

/** The limits as they are shown; null = none are in force. */
export function shownLimits(isOn: boolean): { name: string; at_once: number; per_minute: number }[] | null {
  if (!isOn) return null;
  return Object.entries(rateLimits).map(([name, { burst, perMinute }]) => ({
    name,
    at_once: burst,
    per_minute: perMinute,
  }));
}

function limited(what: string, perMinute: number, seconds: number): TillsyncError {
  return new TillsyncError(`Too many ${what}: ${perMinute} a minute are possible.`, {
    code: 'rate_limited',
    step: 'validation',
    status: 429,
    retry: { afterSeconds: seconds },
    effect: 'Nothing was changed.',
    hint: `Call again in ${seconds} s; the limits are listed in docs/reference/limits.md.`,
  });
}
