// The circuit breakers of all hosts, shared by all workers: the pure machine of net/ over one row per host, database time.
import { randomUUID } from 'node:crypto';
import type { Database, Queryable } from '../../db/database.ts';
import {
  type Admission,
  admit,
  type Breaker,
  type BreakerRule,
  type BreakerState,
  closedBreaker,
  type HostRest,
  settle,
} from '../../net/manners/breaker.ts';

interface HostRow {
  failures: number;
  rests: number;
  rests_until: Date | null;
  probe: string | null;
  probe_until: Date | null;
  now: Date;
}

/** A host as it stands, and the database's time. */
interface Host {
  state: BreakerState;
  now: number;
}

const columns = 'failures, rests, rests_until, probe, probe_until, clock_timestamp() as now';

/** The breakers of this database. A request to a host that works costs one statement, which writes nothing. */
export function openBreaker(database: Database, rule: BreakerRule): Breaker {
  return {
    async look(host) {
      const found = await readHost(database, host, '');
      if (found === null) return null;
      return restOf(admit(found.state, { now: found.now, id: '' }, rule).admission, found.now);
    },
    async admit(host) {
      const seen = await readHost(database, host, '');
      // Nobody becomes a probe here, so nothing has to be written down.
      if (seen === null) return { probe: null, isClean: true };
      if (seen.state.restsUntil === null) return { probe: null, isClean: seen.state.failures === 0 };
      return await database.transaction(async (q) => {
        const found = (await readHost(q, host, 'for update')) ?? { state: closedBreaker, now: seen.now };
        const { state, admission } = admit(found.state, { now: found.now, id: randomUUID() }, rule);
        if (!admission.admitted) return restOf(admission, found.now) as HostRest;
        if (admission.probe !== null) await writeHost(q, host, state);
        return { probe: admission.probe, isClean: false };
      });
    },
    async settle(host, { probe, isClean, outcome }) {
      if (probe === null && (outcome === 'unknown' || (outcome === 'success' && isClean))) return;
      if (probe === null && outcome === 'success') {
        await forgetFailures(database, host);
        return;
      }
      await database.transaction(async (q) => {
        await q.query('insert into integration_upstream_hosts (host) values ($1) on conflict do nothing', [host]);
        const { state, now } = (await readHost(q, host, 'for update'))!;
        const next = settle(state, { now, probe, outcome }, rule);
        if (next !== state) await writeHost(q, host, next);
      });
    },
  };
}

function restOf(admission: Admission, now: number): HostRest | null {
  if (admission.admitted) return null;
  return { retryAt: new Date(admission.retryAt), seconds: (admission.retryAt - now) / 1_000 };
}

async function readHost(q: Queryable, host: string, lock: '' | 'for update'): Promise<Host | null> {
  const { rows } = await q.query<HostRow>(`select ${columns} from integration_upstream_hosts where host = $1 ${lock}`, [
    host,
  ]);
  const [row] = rows;
  if (row === undefined) return null;
  const state: BreakerState = {
    failures: row.failures,
    rests: row.rests,
    restsUntil: row.rests_until?.getTime() ?? null,
    probe: row.probe,
    probeUntil: row.probe_until?.getTime() ?? null,
  };
  return { state, now: row.now.getTime() };
}

async function writeHost(q: Queryable, host: string, state: BreakerState): Promise<void> {
  const at = (time: number | null) => (time === null ? null : new Date(time));
  await q.query(
    `update integration_upstream_hosts
        set failures = $2, rests = $3, rests_until = $4, probe = $5, probe_until = $6
      where host = $1`,
    [host, state.failures, state.rests, at(state.restsUntil), state.probe, at(state.probeUntil)],
  );
}

// A success of a closed breaker ends its row of failures.
async function forgetFailures(q: Queryable, host: string): Promise<void> {
  await q.query(
    'update integration_upstream_hosts set failures = 0, rests = 0 where host = $1 and rests_until is null and failures > 0',
    [host],
  );
}
