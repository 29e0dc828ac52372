// The fate of a config whose time has come, case by case.
import { describe, expect, test } from 'vitest';
import { type DueConfig, decideDue } from './decide-due.ts';

const now = new Date('2026-05-05T10:07:00Z');
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const config = (facts: Partial<DueConfig>): DueConfig => ({
  id: '0198c1a2-0000-7000-8000-000000000001',
  every_minutes: 15,
  cron: null,
  time_zone: null,
  next_due_at: ago(0),
  catching_up: false,
  failures_in_row: 0,
  failing_since: null,
  slow_steps: 0,
  last_error: null,
  ...facts,
});

describe('a config whose time has come', () => {
  test('runs, and is due again after now', () => {
    expect(decideDue(config({}), now)).toMatchObject({ action: 'run' });
    expect(decideDue(config({ next_due_at: ago(1.9) }), now)).toMatchObject({ action: 'run' });
  });

  test('is planned, not run, while it has no due time', () => {
    expect(decideDue(config({ next_due_at: null }), now)).toMatchObject({ action: 'wait', catchingUp: false });
  });

  test('after a downtime waits for its turn once, and then runs however late that is', () => {
    const late = decideDue(config({ next_due_at: ago(360) }), now);
    expect(late).toMatchObject({ action: 'wait', catchingUp: true });
    expect(decideDue(config({ next_due_at: ago(360), catching_up: true }), now)).toMatchObject({ action: 'run' });
  });

  test('pauses with the reason after 50 failures in a row, or after 7 days and at least 3', () => {
    const failing = (failures_in_row: number, days: number) =>
      decideDue(config({ failures_in_row, failing_since: ago(days * 1440), last_error: 'The POS is down.' }), now);
    expect(failing(49, 6.9)).toMatchObject({ action: 'run' });
    expect(failing(2, 30)).toMatchObject({ action: 'run' });
    expect(failing(50, 1)).toEqual({
      action: 'pause',
      reason: 'Failed 50 times in a row since 2026-05-04 10:07 UTC: The POS is down.',
    });
    expect(failing(3, 7)).toMatchObject({ action: 'pause' });
  });

  test('pauses when its schedule cannot be read, as another program may write it', () => {
    expect(decideDue(config({ cron: 'every now and then' }), now)).toMatchObject({
      action: 'pause',
      reason: expect.stringContaining('cannot be read'),
    });
  });
});
