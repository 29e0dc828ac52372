// The receipt and the one sentence of a run, for every way in which a run can end.
import { describe, expect, test } from 'vitest';
import type { KindCounts, Run } from '../../records/runs/run.ts';
import { receipt, summary } from './receipt.ts';

const none: KindCounts = {
  received: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  removed: 0,
  restored: 0,
  rejected: 0,
  duplicates: 0,
  filtered: 0,
};

function runWith(part: Partial<Run>): Run {
  return {
    id: '01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b',
    status: 'success',
    phase: null,
    trigger: 'manual',
    dry_run: false,
    mode: 'full',
    config_id: '01939f6e-5b1c-7d9e-8a3b-000000000001',
    source_id: '01939f6e-5b1c-7d9e-8a3b-000000000002',
    source_name: 'QU POS · Main St',
    site_id: null,
    parent_id: null,
    requested_by: 'cli:ada',
    created_at: '2026-11-22T08:31:05.000Z',
    started_at: '2026-11-22T08:31:05.600Z',
    finished_at: '2026-11-22T08:31:07.000Z',
    counts: null,
    items_synced: 0,
    complete: true,
    reads: 'all',
    notes: [],
    hold: null,
    error: null,
    applies_run_id: null,
    progress: null,
    worker: null,
    lease_expires_at: null,
    enqueued: false,
    attempt: 1,
    retry_of_run_id: null,
    compare_all: false,
    is_parent: false,
    cancel_requested_at: null,
    ...part,
  };
}

const changed = {
  products: { ...none, received: 423, created: 3, updated: 12, unchanged: 408, removed: 5 },
  modifiers: { ...none, received: 703, unchanged: 685, duplicates: 18 },
  discounts: { ...none, received: 10, unchanged: 9, rejected: 1 },
};

describe('the receipt', () => {
  test('lists items before, created, updated, removed and after, then what was set aside and the sentence', () => {
    expect(receipt(runWith({ status: 'partial', counts: changed }))).toBe(
      [
        '  QU POS · Main St         run 01939f6e…4a5b',
        '  2026-11-22 08:31:07 UTC      1.4 s  manual',
        '  ------------------------------------------',
        '  products     425    +3   ~12    -5   = 423',
        '  modifiers    685     0     0     0   = 685',
        '  discounts      9     0     0     0     = 9',
        '  duplicates ............................ 18',
        '  rejected ............................... 1',
        '  ------------------------------------------',
        '  PARTIAL     1,118 items checked, 20 changes, 1 rejected.',
        '',
      ].join('\n'),
    );
  });

  test('a run that never counted has no item lines', () => {
    const text = receipt(runWith({ status: 'failed', counts: null, finished_at: null }));
    expect(text).not.toContain('products');
    expect(text).toContain('FAILED');
  });

  test('a source name with control characters cannot colour the terminal', () => {
    expect(receipt(runWith({ source_name: 'evil\u001b[31m' }))).toContain('evil\\x1b[31m');
  });
});

describe('the sentence of a run', () => {
  test('no change says how many items were checked, an item that came twice counted once', () => {
    const counts = {
      products: { ...none, received: 425, unchanged: 425 },
      modifiers: { ...none, received: 700, unchanged: 685, duplicates: 15 },
      discounts: { ...none, received: 10, unchanged: 10 },
    };
    expect(summary(runWith({ counts }))).toBe('No changes: 1,120 items checked.');
  });

  test('a held run gives its reasons and says that nothing was written', () => {
    const hold = {
      rules: [{ rule: 'all_removed', kind: 'products' as const, message: 'All 425 products would be removed.' }],
      resolution: null,
      resolved_by: null,
      resolved_at: null,
      resolved_by_run: null,
    };
    expect(summary(runWith({ status: 'held', hold }))).toBe('All 425 products would be removed. Nothing was written.');
  });

  test('a dry run says what is planned and that nothing was written', () => {
    const run = runWith({ status: 'planned', dry_run: true, counts: changed });
    expect(summary(run)).toBe('1,118 items checked, 20 changes planned. Nothing was written.');
    expect(receipt(run)).toContain('DRY RUN');
  });

  test('an interrupted run without an error record still says what happened to the data', () => {
    expect(summary(runWith({ status: 'interrupted' }))).toBe('The run was interrupted; your catalog was not changed.');
  });

  test('an unfinished run names its phase', () => {
    expect(summary(runWith({ status: 'in_progress', phase: 'fetch' }))).toBe('The run is in progress (fetch).');
    expect(summary(runWith({ status: 'queued' }))).toBe('The run is queued.');
  });
});
