// The circuit breaker of one host as a pure state machine: closed, open for a growing time, half-open with one probe.
import { TillsyncError } from '../../errors.ts';

export interface BreakerRule {
  /** Failures in a row that open it. */
  failures: number;
  /** Seconds of the first rest; each one after a failed probe is twice as long. */
  firstSeconds: number;
  mostSeconds: number;
  /** Seconds after which a probe that has said nothing makes room for another. */
  probeSeconds: number;
}

/** Five failures in a row rest a host for 30 s, 1 min, 2 min … 15 min: a host that is down for an hour sees 8 probes. */
export const usualBreaker: BreakerRule = { failures: 5, firstSeconds: 30, mostSeconds: 900, probeSeconds: 60 };

/** Times in milliseconds of whatever clock the caller keeps. */
export interface BreakerState {
  /** In a row. */
  failures: number;
  /** Rests since the last success. */
  rests: number;
  /** null = closed. */
  restsUntil: number | null;
  /** The one request that tries whether the host is back. */
  probe: string | null;
  probeUntil: number | null;
}

export const closedBreaker: BreakerState = { failures: 0, rests: 0, restsUntil: null, probe: null, probeUntil: null };

/** Whether a request may go; `probe` is what it must say at its end. */
export type Admission = { admitted: true; probe: string | null } | { admitted: false; retryAt: number };

/** 'unknown' tells nothing about the host: our own abort, a refused address, a bad certificate, an answer cut off. */
export type Outcome = 'success' | 'failure' | 'unknown';

/** Asks whether a request may go now; `id` names it if it becomes the probe. */
export function admit(
  state: BreakerState,
  asked: { now: number; id: string },
  rule: BreakerRule,
): { state: BreakerState; admission: Admission } {
  const { now, id } = asked;
  if (state.restsUntil === null) return { state, admission: { admitted: true, probe: null } };
  if (now < state.restsUntil) return { state, admission: { admitted: false, retryAt: state.restsUntil } };
  if (state.probe !== null && state.probeUntil !== null && now < state.probeUntil) {
    return { state, admission: { admitted: false, retryAt: state.probeUntil } };
  }
  const probing = { ...state, probe: id, probeUntil: now + rule.probeSeconds * 1_000 };
  return { state: probing, admission: { admitted: true, probe: id } };
}

/** What a request's end makes of the state. */
export function settle(
  state: BreakerState,
  seen: { now: number; probe: string | null; outcome: Outcome },
  rule: BreakerRule,
): BreakerState {
  const { now, probe, outcome } = seen;
  if (state.restsUntil === null) {
    if (outcome === 'success') return closedBreaker;
    if (outcome === 'unknown') return state;
    const failures = state.failures + 1;
    return failures < rule.failures ? { ...state, failures } : rest({ ...state, failures }, now, rule);
  }
  // News of requests that began before the rest, or of a probe that took too long.
  if (probe === null || probe !== state.probe) return state;
  if (outcome === 'success') return closedBreaker;
  if (outcome === 'failure') return rest({ ...state, failures: state.failures + 1 }, now, rule);
  return { ...state, probe: null, probeUntil: null };
}

function rest(state: BreakerState, now: number, rule: BreakerRule): BreakerState {
  const seconds = Math.min(rule.mostSeconds, rule.firstSeconds * 2 ** Math.min(state.rests, 30));
  return { ...state, rests: state.rests + 1, restsUntil: now + seconds * 1_000, probe: null, probeUntil: null };
}

/** Implemented over PostgreSQL in records/upstream/, in database time: what one worker learns, all know. */
export interface Breaker {
  /** Whether a request may go to this host (`URL.host`), without becoming its probe. */
  look(host: string): Promise<HostRest | null>;
  /** A rest is returned, not thrown. */
  admit(host: string): Promise<Admitted | HostRest>;
  settle(host: string, seen: Admitted & { outcome: Outcome }): Promise<void>;
}

/** What a request that may go hands in at its end. */
export interface Admitted {
  /** Its name if it is the probe. */
  probe: string | null;
  /** The host had no failure when it was asked for: then a success changes nothing, and is not written down. */
  isClean: boolean;
}

/** A host that is left alone. */
export interface HostRest {
  /** In database time. */
  retryAt: Date;
  seconds: number;
}

/** What the end of a request says about the host: only what cannot be the fault of a config or our own is a failure. */
export function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof TillsyncError)) return 'unknown';
  const { code, facts } = error;
  if (code === 'upstream_unreachable' || code === 'upstream_timeout') return 'failure';
  if (code === 'upstream_status') return Number(facts.status) >= 500 ? 'failure' : 'success';
  return code === 'upstream_auth' || code === 'upstream_rate_limited' || code === 'redirect_refused'
    ? 'success'
    : 'unknown';
}

/** The refusal of a request to a host that rests. */
export function upstreamResting(host: string, { retryAt, seconds }: HostRest): TillsyncError {
  const at = `${retryAt.toISOString().slice(0, 19)}Z`;
  return new TillsyncError(`The POS at ${host} failed again and again, so it is left alone until ${at}.`, {
    code: 'upstream_resting',
    step: 'fetch',
    retry: { afterSeconds: Math.max(1, Math.ceil(seconds)) },
    hint: 'Nothing needs to be done: one request tries then whether it is back, and a success lets all others through.',
    facts: { host, retry_at: retryAt.toISOString() },
  });
}
