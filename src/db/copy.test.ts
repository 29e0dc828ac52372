// COPY out of a real database: every piece stays what it was, however large the rows and however long it is kept.
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { freshDatabase, openAgain } from '../../test/support/database.ts';
import { openFaultProxy, socketOfPostgres, throughProxy } from '../../test/support/faults/fault-proxy.ts';
import { copyOut, openCopyIn } from './copy.ts';
import { openDatabase } from './database.ts';

it.each([100, 30_000, 65_000, 70_000, 300_000])(
  'pieces that are kept do not change: rows of %i bytes',
  async (size) => {
    const { database } = await freshDatabase({ migrated: false });
    const rows = Math.ceil(6_000_000 / size);
    await database.withConnection(async (connection) => {
      const kept: Buffer[] = [];
      const atOnce = createHash('sha256');
      await copyOut(
        connection,
        `copy (select repeat(chr(65 + n % 26), ${size}) from generate_series(1, ${rows}) n) to stdout`,
        (bytes) => {
          atOnce.update(bytes);
          kept.push(bytes);
        },
      );
      const whole = Buffer.concat(kept);
      expect(whole.length).toBe(rows * (size + 1));
      expect(createHash('sha256').update(whole).digest('hex')).toBe(atOnce.digest('hex'));
      const lines = whole.toString('latin1').split('\n');
      const isRight = (line: string, n: number) => line === String.fromCharCode(65 + ((n + 1) % 26)).repeat(size);
      expect(lines.slice(0, rows).findIndex((line, n) => !isRight(line, n))).toBe(-1);
    });
  },
);

it('a COPY that the server refuses while much is still to send fails, and its connection goes on', async () => {
  const { database, url } = await freshDatabase({ migrated: false });
  const other = await openAgain(url);
  await database.query(`create table slow (line text);
    create function refuses() returns trigger language plpgsql as $$
      begin perform pg_advisory_lock(7); raise exception 'refused'; end $$;
    create trigger refuses before insert on slow for each row execute function refuses()`);
  const line = `${'x'.repeat(100_000)}\n`;
  await database.withConnection(async (connection) => {
    const outcome = other.withConnection(async (holder) => {
      await holder.query('select pg_advisory_lock(7)');
      const copy = await openCopyIn(connection, 'copy slow from stdin');
      // More than the sockets hold: most of it waits in this process when the server says no.
      const writing = Promise.allSettled(Array.from({ length: 300 }, () => copy.write(line)));
      await holder.query('select pg_advisory_unlock(7)');
      await writing;
      return await copy.end();
    });
    await expect(outcome).rejects.toThrow('refused');
    expect((await connection.query('select from slow')).rowCount).toBe(0);
  });
});

it.each(['out', 'in'] as const)(
  'F44: a COPY %s on a connection that falls silent is given up, and the next works',
  async (way) => {
    const { database: real, url } = await freshDatabase({ migrated: false });
    await real.query('create table lines (line text)');
    const proxy = await openFaultProxy(socketOfPostgres(url));
    const database = await openDatabase({ url: throughProxy(url, proxy), max: 2, queryTimeout: 300 });
    const copying = database.transaction(
      async (connection) => {
        if (way === 'out') {
          void proxy.strike('black hole', 100_000);
          await copyOut(connection, 'copy (select generate_series(1, 1000000)) to stdout', () => undefined);
          return;
        }
        const copy = await openCopyIn(connection, 'copy lines from stdin');
        await copy.write('a first line\n');
        await proxy.strike('black hole');
        for (const line = `${'x'.repeat(1_000_000)}\n`; ; ) await copy.write(line);
      },
      { isShort: true },
    );
    await expect(copying).rejects.toMatchObject({ code: 'database_unreachable', facts: { connection: 'broken' } });
    proxy.heal();
    expect((await database.query('select count(*)::int as n from lines')).rows).toEqual([{ n: 0 }]);
    await database.close();
    await proxy.close();
  },
);
