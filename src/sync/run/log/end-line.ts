// How the end of a run is said: as a line of its log, as the one line of the process's log, and as attributes of a span.
import { kinds } from '../../../catalog/item.ts';
import type { LogFacts, LogLevel } from '../../../records/run-log/log-line.ts';
import type { KindCounts, Run, RunStatus } from '../../../records/runs/run.ts';

const levels: Readonly<Partial<Record<RunStatus, LogLevel>>> = {
  failed: 'error',
  interrupted: 'error',
  held: 'warn',
  partial: 'warn',
  cancelled: 'warn',
};

/** The last line of a run's log. */
export function endLine(run: Run, ms: number): { message: string; level: LogLevel; facts: LogFacts } {
  const why = run.error === null ? '' : `: ${run.error.message}`;
  return {
    message: `${endSentence(run)} after ${durationText(ms)}${why}`,
    level: levels[run.status] ?? 'info',
    facts: endFacts(run, ms),
  };
}

/** e.g. 'ended as success'. */
export function endSentence(run: Run): string {
  return `ended as ${run.status}`;
}

/** Status, time and what became of the items, over all kinds. */
export function endFacts(run: Run, ms: number): LogFacts {
  return {
    status: run.status,
    trigger: run.trigger,
    ms,
    ...(run.counts === null ? {} : totalCounts(run.counts)),
    ...(run.complete === null ? {} : { complete: run.complete }),
    ...(run.hold === null ? {} : { rules: run.hold.rules.map(({ rule, kind }) => `${rule} ${kind}`) }),
    ...(run.error === null ? {} : { code: run.error.code, step: run.error.step }),
  };
}

/** The counts of all kinds together. */
function totalCounts(counts: NonNullable<Run['counts']>): Record<string, number> {
  const total: Record<string, number> = {};
  for (const kind of kinds) {
    for (const name of Object.keys(counts[kind]) as (keyof KindCounts)[]) {
      total[name] = (total[name] ?? 0) + counts[kind][name];
    }
  }
  return total;
}

/** 340 → '340 ms', 1400 → '1.4 s'. */
export function durationText(milliseconds: number): string {
  return milliseconds < 1_000 ? `${milliseconds} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
}
