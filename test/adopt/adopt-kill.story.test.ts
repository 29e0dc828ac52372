// F77: adoption killed at every statement, and twenty times by SIGKILL, always ends in the same state.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { adopt } from '../../src/db/adopt/adopt.ts';
import { readJournal } from '../../src/db/adopt/adoption.ts';
import type { Database } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate/migrate.ts';
import { openAgain } from '../support/database.ts';
import { prepareCopies } from './clone-database.ts';
import { dumpDatabase } from './dump-database.ts';
import { expectAdopted } from './expect-adopted.ts';
import { fillMixedShape } from './mixed-shape.ts';
import { ports } from './test-ports.ts';

let copy: () => Promise<string>;
let expected: unknown;
let statements = 0;

beforeAll(async () => {
  copy = await prepareCopies(fillMixedShape);
  const url = await copy();
  const counting = await openAgain(url, {
    onStatement: () => {
      statements++;
    },
  });
  await adopt(counting, ports);
  const database = await openAgain(url);
  await expectAdopted(database);
  expected = await dumpDatabase(database);
});

async function expectSameEnd(database: Database): Promise<void> {
  await adopt(database, ports);
  await migrate(database, ports);
  expect(await dumpDatabase(database)).toEqual(expected);
}

it('F77: killed once at each statement of each step and begun again, it ends in the same state', async () => {
  const url = await copy();
  const watcher = await openAgain(url);
  const killed = new Set<string>();
  // Where the attempt is: finished steps, and how often each text was sent since the last of them.
  let place = { steps: 0, sent: new Map<string, number>() };
  let armed = false;
  const database = await openAgain(url, {
    onStatement: (statement) => {
      if (!armed) return;
      const times = (place.sent.get(statement) ?? 0) + 1;
      place.sent.set(statement, times);
      const here = `${place.steps} ${times} ${statement}`;
      if (!killed.has(here)) {
        killed.add(here);
        throw new Error('killed here');
      }
      if (statement.startsWith('insert into integration_adoption_steps')) {
        place = { steps: place.steps + 1, sent: new Map() };
      }
    },
  });
  for (let done = false; !done; ) {
    place = { steps: (await readJournal(watcher)).size, sent: new Map() };
    armed = true;
    try {
      await adopt(database, ports);
      done = true;
    } catch (error) {
      expect((error as Error).message).toBe('killed here');
    }
    armed = false;
  }
  // Some places are passed in one attempt only, so the number may be a little off from one whole run's.
  expect(killed.size).toBeGreaterThan(statements * 0.9);
  await expectSameEnd(database);
});

it('F77: killed twenty times by SIGKILL somewhere on its way and begun again, it ends in the same state', {
  timeout: 180_000,
}, async () => {
  let kills = 0;
  for (let round = 1; round <= 5; round++) {
    const url = await copy();
    for (let kill = 1; kill <= 4; kill++) {
      // Each kill lands while one of the next statements is under way; the last ones may meet a finished adoption.
      expect(await killedAfter(url, Math.ceil((Math.random() * statements) / 3))).toBe('SIGKILL');
      kills++;
    }
    const database = await openAgain(url);
    await expectSameEnd(database);
    await database.close();
  }
  expect(kills).toBe(20);
});

/** Adopts in a process of its own and kills it once it has sent so many statements, or is done. */
async function killedAfter(url: string, limit: number): Promise<string | null> {
  const script = fileURLToPath(new URL('./adopt-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, url], { stdio: ['ignore', 'pipe', 'inherit'] });
  let sent = 0;
  child.stdout.on('data', (dots: Buffer) => {
    sent += dots.length;
    if (sent >= limit || dots.includes('!')) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'exit');
  return signal;
}

it('F77: a long step that a killed adoption journalled late is taken as it stands too', async () => {
  const url = await copy();
  const late = await openAgain(url);
  let taken = 0;
  const database = await openAgain(url, {
    onStatement: async (statement) => {
      if (!statement.startsWith('insert into integration_adoption_steps')) return;
      const journal = await readJournal(late);
      if (!journal.has('keys integration_products') || journal.has('keys integration_modifiers')) return;
      await late.query(
        `insert into integration_adoption_steps (step, details)
         values ('keys integration_modifiers', '{"lines": ["late"], "warnings": []}')`,
      );
      taken++;
    },
  });
  const report = await adopt(database, ports);
  expect([taken, report.lines.includes('late')]).toEqual([1, true]);
  await expectSameEnd(database);
});

it('F77: a step that a killed adoption committed late is taken as it stands, not done twice', async () => {
  const url = await copy();
  const late = await openAgain(url);
  const database = await openAgain(url, {
    onStatement: async (statement) => {
      if (!statement.startsWith('insert into integration_adoption_steps')) return;
      const journal = await readJournal(late);
      if (!journal.has('credentials') || journal.has('complete')) return;
      await late.query(
        `insert into integration_adoption_steps (step, details) values ('complete', '{"lines": ["late"], "warnings": []}')`,
      );
    },
  });
  const report = await adopt(database, ports);
  expect(report.lines.at(-1)).toBe('late');
  await expectSameEnd(database);
});
