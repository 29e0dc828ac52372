// Which failed runs are tried again without anybody asking, and after how long: by the class of their error only.
import type { ErrorRecord } from '../../errors.ts';
import type { Run } from '../../records/runs/run.ts';

// The first try and three more: after 1, 4 and 16 minutes. The schedule goes on beside them.
const mostAttempts = 4;
const firstDelaySeconds = 60;
const longestDelaySeconds = 3600;
// A person who asked looks at the answer and asks again; nobody looks at these.
const unattended = new Set(['schedule', 'webhook', 'retry']);

/**
 * Seconds until the next try, or null for none: nobody waits for the run, its error passes by itself, and it has tries
 * left. Never sooner than the POS asked for; spread by a tenth, by the run's id, so that a POS that comes back meets its
 * sources one after the other.
 */
export function retryDelay(run: Run, error: ErrorRecord): number | null {
  const mayRetry = run.enqueued && unattended.has(run.trigger) && !run.dry_run && run.config_id !== null;
  if (!mayRetry || run.attempt >= mostAttempts || error.retry === 'no') return null;
  const asked = typeof error.retry === 'object' ? error.retry.afterSeconds : 0;
  const grown = Math.min(longestDelaySeconds, firstDelaySeconds * 4 ** (run.attempt - 1));
  const spread = (Number.parseInt(run.id.slice(-4), 16) / 0xffff) * 0.1;
  return Math.ceil(Math.max(asked, grown) * (1 + spread));
}
