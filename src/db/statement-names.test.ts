// Statements that come again are asked for by a name: when they are, when they must not be, and when their tables change.
import { describe, expect, it } from 'vitest';
import { freshDatabase, openAgain } from '../../test/support/database.ts';
import { openTransactionPooler } from '../../test/support/faults/transaction-pooler.ts';
import type { Queryable } from './database.ts';

/** Texts that the server keeps on this connection, but for this question. */
async function kept(connection: Queryable): Promise<string[]> {
  const { rows } = await connection.query<{ statement: string }>(
    'select statement from pg_prepared_statements order by prepare_time',
  );
  return rows.map(({ statement }) => statement);
}

describe('a statement with parameters', () => {
  it('is kept by the server under a name, once on each connection', async () => {
    const { database } = await freshDatabase({ migrated: false });
    const text = 'select $1::int + 1 as more';
    await database.withConnection(async (connection) => {
      for (const number of [1, 2])
        expect((await connection.query(text, [number])).rows).toEqual([{ more: number + 1 }]);
      expect(await kept(connection)).toEqual([text]);
      await database.withConnection(async (other) => {
        await other.query(text, [3]);
        expect(await kept(other)).toEqual([text]);
      });
    });
  });

  it('is planned for its rows where it carries many, and so has none', async () => {
    const { database } = await freshDatabase({ migrated: false });
    await database.withConnection(async (connection) => {
      const text = 'select count(*)::int as n from unnest($1::int[])';
      expect((await connection.query(text, [Array.from({ length: 101 }, (_, n) => n)])).rows).toEqual([{ n: 101 }]);
      expect(await kept(connection)).toEqual([]);
      await connection.query(text, [[1, 2]]);
      expect(await kept(connection)).toEqual([text]);
    });
  });

  it('has none behind a pooler that lends any session, whether we were told of it or not', async () => {
    const { url } = await freshDatabase({ migrated: false });
    const pooler = await openTransactionPooler(url, 2);
    const behind = new URL(url);
    behind.host = `127.0.0.1:${pooler.port}`;
    behind.search = '';
    const database = await openAgain(behind.href);
    const each = Array.from({ length: 20 }, (_, n) => n);
    const found = await Promise.all(each.map((n) => database.query<{ n: number }>('select $1::int as n', [n])));
    expect(found.map(({ rows }) => rows[0]?.n)).toEqual(each);
    expect(pooler.handovers()).toBeGreaterThan(0);
    expect(await kept(database)).toEqual([]);
    await database.close();
    await pooler.close();
  });

  it('goes on where a column of its answer becomes another type; a transaction is told to try again, once', async () => {
    const { database, url } = await freshDatabase({ migrated: false });
    const other = await openAgain(url);
    await other.query('create table prices (cents int)');
    await other.query('insert into prices values (5)');
    const read = async (on: Queryable) => (await on.query('select cents from prices where cents > $1', [1])).rows;
    await database.transaction(read);
    await other.query('alter table prices alter cents type text');
    await other.query('alter table prices alter cents type numeric using cents::numeric');
    await expect(database.transaction(read)).rejects.toMatchObject({ code: 'schema_changed', retry: 'later' });
    expect(await database.transaction(read)).toEqual([{ cents: '5' }]);
    await other.query('alter table prices alter cents type int');
    expect(await read(database)).toEqual([{ cents: 5 }]);
    expect(await database.transaction(read)).toEqual([{ cents: 5 }]);
  });

  it('has none where 300 other texts have one: the server keeps no end of them', async () => {
    const { database } = await freshDatabase({ migrated: false });
    await database.withConnection(async (connection) => {
      for (let n = 0; n < 320; n++) await connection.query(`select $1::int as n${n}`, [n]);
      expect((await kept(connection)).length).toBeLessThanOrEqual(300);
    });
  });
});
