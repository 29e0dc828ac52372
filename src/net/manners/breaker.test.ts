// The circuit breaker on a virtual clock: when a host rests, for how long, and what brings it back.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TillsyncError } from '../../errors.ts';
import {
  admit,
  type BreakerState,
  closedBreaker,
  type Outcome,
  outcomeOf,
  usualBreaker as rule,
  settle,
} from './breaker.ts';

/** A host on a clock that only moves when told. */
function host() {
  let state: BreakerState = closedBreaker;
  let now = 0;
  let count = 0;
  return {
    get state() {
      return state;
    },
    get now() {
      return now;
    },
    pass(seconds: number) {
      now += seconds * 1_000;
    },
    ask() {
      const asked = admit(state, { now, id: `p${++count}` }, rule);
      state = asked.state;
      return asked.admission;
    },
    end(outcome: Outcome, probe: string | null = null) {
      state = settle(state, { now, probe, outcome }, rule);
    },
    fail(times: number) {
      for (let n = 0; n < times; n++) this.end('failure');
    },
  };
}

describe('F19: a host that fails', () => {
  test('rests after five failures in a row, and a success between them starts the count again', () => {
    const pos = host();
    pos.fail(4);
    expect(pos.ask()).toEqual({ admitted: true, probe: null });
    pos.end('success');
    pos.fail(4);
    expect(pos.ask().admitted).toBe(true);
    pos.fail(1);
    expect(pos.ask()).toEqual({ admitted: false, retryAt: 30_000 });
  });

  test('gets one probe when its rest is over; all others wait for what it says', () => {
    const pos = host();
    pos.fail(5);
    pos.pass(29.999);
    expect(pos.ask().admitted).toBe(false);
    pos.pass(0.001);
    const probe = pos.ask();
    expect(probe).toMatchObject({ admitted: true, probe: 'p2' });
    expect(pos.ask()).toEqual({ admitted: false, retryAt: 90_000 });
    pos.end('success', 'p2');
    expect(pos.state).toEqual(closedBreaker);
    expect(pos.ask()).toEqual({ admitted: true, probe: null });
  });

  test('rests twice as long after each failed probe, at most 15 minutes', () => {
    const pos = host();
    pos.fail(5);
    const rests: number[] = [];
    for (let n = 0; n < 8; n++) {
      const seconds = ((pos.state.restsUntil ?? 0) - pos.now) / 1_000;
      rests.push(seconds);
      pos.pass(seconds);
      const asked = pos.ask();
      if (asked.admitted) pos.end('failure', asked.probe);
    }
    expect(rests).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
  });

  test('that is down for an hour while 500 configs ask every 10 s sees 5 failures and then 8 probes at most', () => {
    const pos = host();
    let sent = 0;
    for (let second = 0; second < 3_600; second += 10) {
      for (let config = 0; config < 500; config++) {
        const asked = pos.ask();
        if (!asked.admitted) continue;
        sent++;
        pos.end('failure', asked.probe);
      }
      pos.pass(10);
    }
    expect(sent).toBeGreaterThan(5);
    expect(sent).toBeLessThanOrEqual(5 + 8);
  });

  test('a probe whose worker died makes room after a minute, and its late news counts no more', () => {
    const pos = host();
    pos.fail(5);
    pos.pass(30);
    const dead = pos.ask();
    pos.pass(60);
    const next = pos.ask();
    expect(next).toMatchObject({ admitted: true, probe: 'p2' });
    if (dead.admitted) pos.end('failure', dead.probe);
    expect(pos.state.probe).toBe('p2');
    pos.end('success', 'p2');
    expect(pos.state).toEqual(closedBreaker);
  });

  test('a probe that says nothing about the host leaves the next one at once', () => {
    const pos = host();
    pos.fail(5);
    pos.pass(30);
    const first = pos.ask();
    if (first.admitted) pos.end('unknown', first.probe);
    expect(pos.ask()).toMatchObject({ admitted: true, probe: 'p2' });
  });

  test('news of requests that began before the rest neither ends nor prolongs it', () => {
    const pos = host();
    pos.fail(5);
    const { restsUntil } = pos.state;
    pos.end('success');
    pos.fail(20);
    expect(pos.state.restsUntil).toBe(restsUntil);
  });

  test('whatever happens: never two probes at once, no rest beyond the longest, and a host that works is reached again', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ pass: fc.integer({ min: 0, max: 200 }) }),
        fc.record({ outcome: fc.constantFrom<Outcome>('success', 'failure', 'unknown'), pick: fc.nat() }),
        fc.constant('ask' as const),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const pos = host();
        const open: (string | null)[] = [];
        const probes = new Map<string, number>();
        for (const step of all) {
          if (step === 'ask') {
            const asked = pos.ask();
            if (!asked.admitted) continue;
            open.push(asked.probe);
            if (asked.probe !== null) {
              const living = [...probes.values()].filter((until) => until > pos.now);
              expect(living).toEqual([]);
              probes.set(asked.probe, pos.now + rule.probeSeconds * 1_000);
            }
          } else if ('pass' in step) pos.pass(step.pass);
          else if (open.length > 0) {
            const [probe = null] = open.splice(step.pick % open.length, 1);
            pos.end(step.outcome, probe);
            if (probe !== null) probes.delete(probe);
          }
          expect((pos.state.restsUntil ?? pos.now) - pos.now).toBeLessThanOrEqual(rule.mostSeconds * 1_000);
        }
        pos.pass(rule.mostSeconds + rule.probeSeconds);
        const asked = pos.ask();
        expect(asked.admitted).toBe(true);
        if (asked.admitted) pos.end('success', asked.probe);
        expect(pos.state.restsUntil).toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});

describe('what counts as a failure of the host', () => {
  const cases: [string, Record<string, unknown>, Outcome][] = [
    ['upstream_unreachable', {}, 'failure'],
    ['upstream_timeout', {}, 'failure'],
    ['upstream_status', { status: 500 }, 'failure'],
    ['upstream_status', { status: 503 }, 'failure'],
    ['upstream_status', { status: 404 }, 'success'],
    ['upstream_auth', { status: 401 }, 'success'],
    ['upstream_rate_limited', { status: 429 }, 'success'],
    ['redirect_refused', { status: 302 }, 'success'],
    ['tls_failed', {}, 'unknown'],
    ['address_refused', {}, 'unknown'],
    ['upstream_truncated', {}, 'unknown'],
    ['upstream_too_large', {}, 'unknown'],
    ['lease_lost', {}, 'unknown'],
  ];
  test.each(cases)('%s %j is %s', (code, facts, outcome) => {
    expect(outcomeOf(new TillsyncError('It failed.', { code, step: 'fetch', hint: 'Wait.', facts }))).toBe(outcome);
  });

  test('our own abort and a bug say nothing', () => {
    expect(outcomeOf(new DOMException('cancelled', 'AbortError'))).toBe('unknown');
    expect(outcomeOf(new TypeError('bug'))).toBe('unknown');
  });
});
