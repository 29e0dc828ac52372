// All connections of a process ended by the server before every statement of a run in turn.
import { expect, it } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { superuserUrlOf } from '../support/database.ts';
import { syncNow } from '../support/engine.ts';
import { printCount } from '../support/faults/print-count.ts';
import { openTrip } from '../support/trip.ts';
import { failEveryStatement } from './fail-every-statement.ts';
import { openTwoCatalogs } from './two-catalogs.ts';

it('F43: ended before every statement in turn, with all others, leaves the tables whole and the next sync heals', async () => {
  const trip = await openTrip({ leaseSeconds: 60 });
  const source = await openTwoCatalogs(trip.deps);
  const admin = await openDatabase({
    url: superuserUrlOf(trip.deps.url),
    max: 1,
    applicationName: 'test administrator',
  });
  const work = () => syncNow(trip.deps, source.configId);
  const fault = async () => {
    const { rows } = await admin.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    expect(rows.length).toBeGreaterThan(0);
  };
  const { rounds, ends } = await failEveryStatement({ trip, source, work, fault });
  await admin.close();
  await source.pos.stop();
  expect(rounds).toBeGreaterThan(25);
  // The failure itself is written on a new connection.
  expect(ends.get('failed')).toBeGreaterThan(rounds / 3);
  expect(ends.get('thrown') ?? 0).toBeLessThan(rounds / 3);
  printCount('pg_terminate_backend before every statement', { statements: rounds - 1, ...Object.fromEntries(ends) });
});
