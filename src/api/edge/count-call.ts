// Which limits a call of a known caller counts against.
import type { LimitName, RateLimits } from './rate-limits.ts';

const starting = /\/(runs|retry|replay|approve|import)$|^\/functions\/v1\/(sync-orchestrator|fetch-integration-data)$/;

export interface CountedCall {
  method: string;
  path: string;
  /** The key or the user. */
  who: string;
}

/** Counts a call of a caller who is known. Throws TillsyncError rate_limited. */
export function countCall(limits: RateLimits | undefined, call: CountedCall): void {
  limits?.take('call', call.who);
  const special = specialLimit(call);
  if (special !== null) limits?.take(special, call.who);
}

function specialLimit({ method, path }: CountedCall): LimitName | null {
  if (/\/(export|diagnostics)$/.test(path)) return 'export';
  if (method !== 'POST') return null;
  if (path.endsWith('/test')) return 'connection-test';
  // Each costs up to half a second of this process.
  if (path.endsWith('/preview')) return 'preview';
  return starting.test(path) ? 'sync' : null;
}
