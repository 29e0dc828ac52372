// The log of a run while it works: lines wait in memory and are sent with the heartbeat and at the end, beside the save.
import type { Queryable } from '../../../db/database.ts';
import { TillsyncError } from '../../../errors.ts';
import type { Logger } from '../../../log.ts';
import type { LogEvent, LogFacts, LogLevel } from '../../../records/run-log/log-line.ts';
import type { Run, RunPhase } from '../../../records/runs/run.ts';
import { durationText, endFacts, endLine, endSentence } from './end-line.ts';
import { LineBuffer, type WaitingLine } from './line-buffer.ts';
import { RunSpans } from './run-spans.ts';

export interface LogEntry {
  event: LogEvent;
  message: string;
  level?: LogLevel;
  facts?: LogFacts;
}

export interface LoggedRun {
  queryable: Queryable;
  log: Logger;
  run: Run;
  sourceId: string;
  worker: string;
  /** Takes secrets out of a text. */
  redact(text: string): string;
}

// Every page up to here has its line, then every tenth, and after ten times as many every hundredth.
const everyPage = 200;
const everyTenthPage = 2_000;
// Nobody notices a shorter wait; it leaves no line.
const noticedMs = 100;
// A run does not wait longer than this for its log.
const patienceMs = 5_000;

/** The log of one claimed run. Nothing here throws, and all but flush() and end() only notes. */
export class RunLog {
  /** The process's log, with run, source, config and worker in every line. */
  readonly logger: Logger;
  /** Whether the source was held before: then nobody has to be told again that it is. */
  followsHold = false;
  readonly #spans: RunSpans;
  readonly #lines: LineBuffer;
  readonly #began = performance.now();
  #phase: { name: RunPhase; line: WaitingLine } | null = null;

  readonly #redact: LoggedRun['redact'];

  constructor({ queryable, log, run, sourceId, worker, redact }: LoggedRun) {
    this.#redact = redact;
    this.logger = log.child({ run: run.id, source: sourceId, config: run.config_id, worker });
    this.#spans = new RunSpans({ run, sourceId, worker });
    this.#lines = new LineBuffer(queryable, this.logger, { sourceId, runId: run.id });
    const { attempt } = run;
    const how = run.dry_run ? `${run.trigger}, dry run` : run.trigger;
    this.add({
      event: 'claimed',
      message: `${worker} took the run (${how}, attempt ${attempt}), asked for by ${run.requested_by ?? 'unknown'}`,
      facts: { worker, attempt, trigger: run.trigger, mode: run.mode, dry_run: run.dry_run },
    });
  }

  /** Runs the work with the run's span as the active one. */
  within<T>(work: () => Promise<T>): Promise<T> {
    return this.#spans.within(work);
  }

  add({ event, message, level = 'info', facts = {} }: LogEntry): void {
    this.#put({ event, message, level, facts });
  }

  #put(line: Required<LogEntry>, phase: RunPhase | null = this.#phase?.name ?? null): WaitingLine {
    return this.#lines.put({ ...line, message: this.#redact(line.message), phase });
  }

  /** A phase begins, and with it the one before ends. A wait is part of the phase in which it falls. */
  phase(name: RunPhase): void {
    if (name === 'waiting' || name === this.#phase?.name) return;
    this.#endPhase();
    this.#spans.phase(name);
    const line = this.#put({ event: 'phase_begin', message: `${name} begins`, level: 'info', facts: {} }, name);
    this.#phase = { name, line };
  }

  #endPhase(): void {
    if (this.#phase === null) return;
    const { name, line } = this.#phase;
    // A phase that is over before anybody could read of its beginning has one line.
    this.#lines.takeBack(line);
    const ms = elapsed(line.at);
    this.add({ event: 'phase_end', message: `${name} took ${durationText(ms)}`, facts: { ms } });
    this.#phase = null;
  }

  /** A page was fetched and stored; `page` counts from 0. */
  page({ page, bytes, milliseconds }: { page: number; bytes: number; milliseconds: number }): void {
    const number = page + 1;
    const every = number <= everyPage ? 1 : number <= everyTenthPage ? 10 : 100;
    if (number % every !== 0) return;
    const ms = Math.round(milliseconds);
    const skipped = every === 1 ? '' : ` (from here on only every ${every}th page is listed)`;
    const message = `page ${number}: ${bytes} bytes in ${durationText(ms)}${skipped}`;
    this.add({ event: 'page', message, facts: { page: number, bytes, ms, every } });
  }

  /** A wait of known length before another try, and why; sent at once, for whoever looks on. */
  waits(milliseconds: number, error: Error): void {
    const reason = error instanceof TillsyncError ? error.code : 'error';
    const ms = Math.round(milliseconds);
    const until = new Date(Date.now() + ms).toISOString();
    const message = `waits ${durationText(ms)}, until ${until}: ${error.message}`;
    this.add({ event: 'wait', level: 'warn', message, facts: { reason, ms, until } });
    void this.flush();
  }

  /** A wait of unknown length begins; call what is returned at its end. */
  waiting(reason: 'save_slot' | 'source_lock', why: string): () => void {
    const line = this.#put({ event: 'wait', level: 'warn', message: `waits: ${why}`, facts: { reason } });
    return () => {
      const ms = elapsed(line.at);
      if (this.#lines.takeBack(line) && ms < noticedMs) return;
      this.add({ event: 'wait', message: `waited ${durationText(ms)}: ${why}`, facts: { reason, ms } });
    };
  }

  /** Sends what waits. */
  async flush(): Promise<void> {
    await this.#lines.flush();
  }

  /** Says how the run ended, sends the rest, and returns the run. */
  async end(run: Run): Promise<Run> {
    this.#endPhase();
    const ms = elapsed(this.#began);
    const { lost } = this.#lines;
    const { facts, ...line } = endLine(run, ms);
    this.add({ event: 'end', ...line, facts: lost === 0 ? facts : { ...facts, lost_lines: lost } });
    const isAlert = run.status === 'held' && !this.followsHold;
    this.logger[isAlert ? 'warn' : 'info'](endFacts(run, ms), endSentence(run));
    this.#spans.end(run);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([this.flush(), late]);
    clearTimeout(timer);
    return run;
  }
}

function elapsed(since: number): number {
  return Math.round(performance.now() - since);
}
