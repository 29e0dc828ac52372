// A run that fails at its n-th statement, for every n: the tables are before or after, history is true, and Sync now heals.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approveRun } from '../../src/sync/approve-run.ts';
import { openAgain } from '../support/database.ts';
import { syncNow } from '../support/engine.ts';
import { printCount } from '../support/faults/print-count.ts';
import { refused } from '../support/faults/refused.ts';
import { openTrip, type Trip } from '../support/trip.ts';
import { failEveryStatement } from './fail-every-statement.ts';
import { openTwoCatalogs, type TwoCatalogs } from './two-catalogs.ts';

let trip: Trip;
let source: TwoCatalogs;
beforeEach(async () => {
  trip = await openTrip({ leaseSeconds: 60 });
  source = await openTwoCatalogs(trip.deps);
});
afterEach(() => source.pos.stop());

const fault = () => {
  throw refused('this statement fails');
};

describe('a run that fails at every statement in turn', () => {
  it('F41: is before or after, never half, for a reader who looks all the time, too', async () => {
    const states = [source.turn(), source.turn()];
    const reader = await openAgain(trip.deps.url);
    let isDone = false;
    const half: number[] = [];
    const read = async () => {
      for (let look = 1; !isDone; look++) {
        const isWhole = await reader.withConnection(async (connection) => {
          await connection.query('begin isolation level repeatable read');
          const found = (await source.isLive(connection, states[0]!)) || (await source.isLive(connection, states[1]!));
          await connection.query('commit');
          return found;
        });
        if (!isWhole) half.push(look);
      }
    };
    const work = () => syncNow(trip.deps, source.configId);
    const failing = failEveryStatement({ trip, source, work, fault }).finally(() => {
      isDone = true;
    });
    const [{ rounds, ends }] = await Promise.all([failing, read()]);
    expect(half).toEqual([]);
    expect(rounds).toBeGreaterThan(25);
    // Only what cannot be told to a run is thrown: before there is one, while its failure is written, and when it is read.
    expect(ends.get('failed')).toBeGreaterThan(rounds / 2);
    printCount('every statement of a sync fails', { statements: rounds - 1, ...Object.fromEntries(ends) });
  });

  it('F41: is before or after for an approve, too', async () => {
    // The plan is made on a pool of its own: only the statements of the approval pass the seam.
    const beside = { ...trip.deps, database: await openAgain(trip.deps.url) };
    const work = async () => {
      const planned = await syncNow(beside, source.configId, { dryRun: true });
      return await approveRun(trip.deps, { runId: planned.id, requestedBy: 'test' });
    };
    const { rounds, ends } = await failEveryStatement({ trip, source, work, fault });
    expect(rounds).toBeGreaterThan(25);
    expect(ends.get('failed')).toBeGreaterThan(rounds / 2);
    printCount('every statement of an approval fails', { statements: rounds - 1, ...Object.fromEntries(ends) });
  });
});
