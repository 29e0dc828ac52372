// Every end of a run and every kind of error has its exit code.
import { expect, test } from 'vitest';
import { errorRecord, inputError, TillsyncError } from '../errors.ts';
import type { Run, RunStatus } from '../records/runs/run.ts';
import { exitCodeOfError, exitCodeOfRun } from './exit-code.ts';

const run = (status: RunStatus, error: TillsyncError | null = null) =>
  ({ status, error: error === null ? null : errorRecord(error, '') }) as Run;
const failure = (retry: 'no' | 'later') =>
  new TillsyncError('It broke.', { code: 'broken', step: 'fetch', hint: 'Mend it.', retry });

test.each([
  ['success', 0],
  ['planned', 0],
  ['failed', 1],
  ['interrupted', 1],
  ['cancelled', 1],
  ['partial', 3],
  ['held', 4],
  ['queued', 75],
  ['in_progress', 75],
] as const)('a run that is %s ends with %i', (status, code) => {
  expect(exitCodeOfRun(run(status))).toBe(code);
});

test('a failed run whose error passes by itself says: try later', () => {
  expect(exitCodeOfRun(run('failed', failure('later')))).toBe(75);
  expect(exitCodeOfRun(run('failed', failure('no')))).toBe(1);
});

test('errors: a bug is 1, wrong input is 2, a transient one is 75, an own code stays', () => {
  expect(exitCodeOfError(new Error('bug'))).toBe(1);
  expect(exitCodeOfError(inputError('x', 'Wrong.', 'Right it.'))).toBe(2);
  expect(exitCodeOfError(failure('later'))).toBe(75);
  const running = new TillsyncError('Runs.', { code: 'r', step: 'sync', hint: 'Wait.', retry: 'later', exitCode: 5 });
  expect(exitCodeOfError(running)).toBe(5);
});
