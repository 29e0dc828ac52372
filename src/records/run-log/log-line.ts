// What one line of a run's log is.

export type LogLevel = 'info' | 'warn' | 'error';

export type LogEvent =
  | 'claimed'
  | 'phase_begin'
  | 'phase_end'
  | 'page'
  | 'wait'
  | 'retry'
  | 'guard'
  | 'unchanged'
  | 'end'
  | 'interrupted';

/** Facts of a line for machines: numbers, texts, and counts by name; never secrets. */
export type LogFacts = Readonly<Record<string, unknown>>;

/** A line that is to be written. */
export interface NewLogLine {
  /** Order inside the run, from 1. */
  seq: number;
  /** Milliseconds since it happened. The database takes them off its own clock, so that all hosts tell one time. */
  age: number;
  level: LogLevel;
  phase: string | null;
  event: LogEvent;
  message: string;
  facts: LogFacts;
}

/** A line as it is read. */
export interface LogLine {
  seq: number;
  /** ISO time, UTC. */
  at: string;
  level: LogLevel;
  phase: string | null;
  event: LogEvent;
  message: string;
  facts: LogFacts;
}
