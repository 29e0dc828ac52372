// The end of a run on the command line: the receipt or the JSON, what to do next, and the exit code.
import type { Run } from '../records/runs/run.ts';
import { exitCodeOfRun } from './exit-code.ts';
import { errorText } from './print/error-text.ts';
import { receipt } from './print/receipt.ts';
import { writeJson, writeOut, writeTalk } from './print/write.ts';

/** Prints a finished run and returns its exit code. */
export function reportRun(run: Run, json: boolean): number {
  if (json) writeJson(run);
  else writeOut(`${receipt(run)}\n`);
  writeTalk(advice(run));
  return exitCodeOfRun(run);
}

/** What a person does next; '' when nothing. */
export function advice(run: Run): string {
  const notes = run.notes.map((note) => `Note: ${note}\n`).join('');
  if (run.error !== null) return notes + errorText(run.error);
  switch (run.status) {
    case 'held':
      return `${notes}See it: tillsync diff ${run.id}\nThen:   tillsync runs approve ${run.id}\n    or: tillsync runs discard ${run.id}\n`;
    case 'planned':
      return `${notes}See it: tillsync diff ${run.id}\nApply it: tillsync runs approve ${run.id}\n`;
    case 'success':
    case 'partial':
      return `${notes}${changed(run) ? `What changed: tillsync diff ${run.id}\n` : ''}`;
    default:
      return notes;
  }
}

function changed(run: Run): boolean {
  if (run.counts === null) return false;
  return Object.values(run.counts).some((kind) => kind.created + kind.updated + kind.removed + kind.restored > 0);
}
