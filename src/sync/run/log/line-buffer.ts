// Lines of a run's log that wait to be sent: in order, numbered when they are first sent, kept while the database is away.
import type { Queryable } from '../../../db/database.ts';
import type { Logger } from '../../../log.ts';
import type { NewLogLine } from '../../../records/run-log/log-line.ts';
import { writeLog } from '../../../records/run-log/write-log.ts';

/** A line that waits. */
export interface WaitingLine extends Omit<NewLogLine, 'age'> {
  /** As performance.now(). */
  at: number;
  /** 0 = it was not sent yet. */
  seq: number;
}

// Where the log cannot be written for long, the oldest lines give way.
const mostWaiting = 2_000;

// The runs of a process write their logs one after another: one that hangs (somebody locked the table) takes one connection
// from the pool and not all of them.
const turns = new WeakMap<Queryable, Promise<unknown>>();

async function inTurn(queryable: Queryable, write: () => Promise<void>): Promise<void> {
  const before = turns.get(queryable) ?? Promise.resolve();
  const own = before.then(write);
  turns.set(
    queryable,
    own.catch(() => undefined),
  );
  await own;
}

export class LineBuffer {
  readonly #queryable: Queryable;
  readonly #log: Logger;
  readonly #of: { sourceId: string; runId: string };
  #lines: WaitingLine[] = [];
  #lastSeq = 0;
  #sending: Promise<void> | null = null;
  /** How many lines gave way. */
  lost = 0;

  constructor(queryable: Queryable, log: Logger, of: { sourceId: string; runId: string }) {
    this.#queryable = queryable;
    this.#log = log;
    this.#of = of;
  }

  put(line: Omit<WaitingLine, 'at' | 'seq'>): WaitingLine {
    const waiting = { ...line, at: performance.now(), seq: 0 };
    this.#lines.push(waiting);
    if (this.#lines.length > mostWaiting) {
      this.#lines.shift();
      this.lost += 1;
    }
    return waiting;
  }

  /** Takes a line back that was not sent yet; false when it was. */
  takeBack(line: WaitingLine): boolean {
    if (line.seq !== 0) return false;
    this.#lines = this.#lines.filter((other) => other !== line);
    return true;
  }

  /** Sends what waits, in one statement. Never throws. */
  async flush(): Promise<void> {
    // One at a time: lines that are on their way are not sent again beside themselves.
    while (this.#sending !== null) await this.#sending;
    if (this.#lines.length === 0) return;
    this.#sending = this.#send().finally(() => {
      this.#sending = null;
    });
    await this.#sending;
  }

  async #send(): Promise<void> {
    const batch = this.#lines;
    this.#lines = [];
    for (const line of batch) {
      if (line.seq !== 0) continue;
      this.#lastSeq += 1;
      line.seq = this.#lastSeq;
    }
    try {
      await inTurn(this.#queryable, async () => {
        const now = performance.now();
        const aged = batch.map(({ at, ...line }) => ({ ...line, age: now - at }));
        await writeLog(this.#queryable, this.#of, aged);
      });
    } catch (error) {
      // The log is for people: the run goes on, and the lines are sent again with the next ones, under the same numbers.
      this.#lines = [...batch, ...this.#lines];
      this.#log.warn({ err: error }, 'the log of the run could not be written');
    }
  }
}
