// A thousand short random histories of syncs, faults, deaths, sweeps, holds and decisions, each against a model; the second thousand, beside the first.
import { it } from 'vitest';
import { playHistories } from '../../support/faults/play-histories.ts';
import { slowMachine } from '../../support/faults/print-count.ts';

it(
  'rows, runs and holds are the model’s after every one of them, and the whole history is true',
  () => playHistories({ seed: 18_000, histories: 1_000 }),
  slowMachine,
);
