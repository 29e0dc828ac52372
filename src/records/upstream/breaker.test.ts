// The breaker of one host as several workers see it: what one learns all know, and one of them tries.
import { describe, expect, test } from 'vitest';
import { freshDatabase, openAgain } from '../../../test/support/database.ts';
import { usualBreaker } from '../../net/manners/breaker.ts';
import { openBreaker } from './breaker.ts';

const statements: string[] = [];
const { database, url } = await freshDatabase({ onStatement: (statement) => void statements.push(statement) });
const other = await openAgain(url);
const one = openBreaker(database, usualBreaker);
const two = openBreaker(other, usualBreaker);
const failure = { probe: null, isClean: true, outcome: 'failure' } as const;

async function failFiveTimes(host: string): Promise<void> {
  for (let n = 0; n < 5; n++) await [one, two][n % 2]!.settle(host, failure);
}

/** As if so much time had passed. */
async function pass(host: string, seconds: number): Promise<void> {
  await database.query(
    `update integration_upstream_hosts
        set rests_until = rests_until - make_interval(secs => $2), probe_until = probe_until - make_interval(secs => $2)
      where host = $1`,
    [host, seconds],
  );
}

describe('F19: a host that fails for several workers', () => {
  test('rests for all of them after five failures in a row, whoever had them', async () => {
    await failFiveTimes('down.example');
    for (const breaker of [one, two]) {
      expect(await breaker.look('down.example')).toMatchObject({ seconds: expect.closeTo(30, 0) });
      expect(await breaker.admit('down.example')).toMatchObject({ retryAt: expect.any(Date) });
    }
    expect(await one.look('else.example')).toBeNull();
    expect(await one.admit('else.example')).toEqual({ probe: null, isClean: true });
  });

  test('a hundred failures at once count as failures in a row, and rest it once', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, n) => [one, two][n % 2]!.settle('storm.example', failure)));
    const { rows } = await database.query('select failures, rests from integration_upstream_hosts where host = $1', [
      'storm.example',
    ]);
    expect(rows).toEqual([{ failures: 5, rests: 1 }]);
  });

  test('a success of any of them starts the count again', async () => {
    for (let n = 0; n < 4; n++) await one.settle('shaky.example', failure);
    await two.settle('shaky.example', { probe: null, isClean: false, outcome: 'success' });
    for (let n = 0; n < 4; n++) await one.settle('shaky.example', failure);
    expect(await two.look('shaky.example')).toBeNull();
  });

  test('twenty that ask when the rest is over send one probe; its success lets all through', async () => {
    await failFiveTimes('back.example');
    await pass('back.example', 31);
    const asked = await Promise.all(Array.from({ length: 20 }, (_, n) => [one, two][n % 2]!.admit('back.example')));
    const [probe, ...more] = asked.flatMap((each) => ('probe' in each ? [each.probe] : []));
    expect(more).toEqual([]);
    await two.settle('back.example', { probe: probe ?? null, isClean: false, outcome: 'success' });
    expect(await one.admit('back.example')).toEqual({ probe: null, isClean: true });
  });

  test('a failed probe doubles the rest for all', async () => {
    await failFiveTimes('still.example');
    await pass('still.example', 31);
    const asked = await one.admit('still.example');
    if ('probe' in asked) await one.settle('still.example', { ...asked, outcome: 'failure' });
    expect(await two.look('still.example')).toMatchObject({ seconds: expect.closeTo(60, 0) });
  });

  test('a host that works costs one statement, and nothing is written', async () => {
    statements.length = 0;
    const asked = await one.admit('fine.example');
    if ('probe' in asked) await one.settle('fine.example', { ...asked, outcome: 'success' });
    expect(statements).toHaveLength(1);
    const { rows } = await database.query('select from integration_upstream_hosts where host = $1', ['fine.example']);
    expect(rows).toEqual([]);
  });
});
