// Which failures are tried again by themselves, and when.
import { describe, expect, it } from 'vitest';
import type { ErrorRecord, Retry } from '../../errors.ts';
import type { Run } from '../../records/runs/run.ts';
import { retryDelay } from './retry-later.ts';

function delay(part: Partial<Run>, retry: Retry): number | null {
  const run = { id: '00000000-0000-0000-0000-000000000000', enqueued: true, trigger: 'schedule', attempt: 1 };
  return retryDelay({ ...run, dry_run: false, config_id: 'a', ...part } as Run, { retry } as ErrorRecord);
}

describe('a failed run', () => {
  it('is tried again after 1, 4 and 16 minutes, and then no more', () => {
    expect([1, 2, 3, 4].map((attempt) => delay({ attempt }, 'later'))).toEqual([60, 240, 960, null]);
  });

  it('is not tried sooner than the POS asked for', () => {
    expect(delay({}, { afterSeconds: 7200 })).toBe(7200);
    expect(delay({}, { afterSeconds: 5 })).toBe(60);
  });

  it('spreads over a tenth of the time, by its id', () => {
    expect(delay({ id: '00000000-0000-0000-0000-00000000ffff' }, 'later')).toBe(66);
  });

  it('is left to the person who asked, who works on it, or who has to mend it first', () => {
    expect(delay({ trigger: 'manual' }, 'later')).toBeNull();
    expect(delay({ enqueued: false }, 'later')).toBeNull();
    expect(delay({ dry_run: true }, 'later')).toBeNull();
    expect(delay({}, 'no')).toBeNull();
  });
});
