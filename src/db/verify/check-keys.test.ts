// What a visit that was spared must never miss: each change of the catalogs that would break a save.
import { expect, test } from 'vitest';
import { freshDatabase, openAgain, superuserUrlOf } from '../../../test/support/database.ts';
import type { Database, Queryable } from '../database.ts';
import { checkKeys, watchKeys } from './check-keys.ts';

const changes: readonly { what: string; sql: string; back: string }[] = [
  {
    what: 'a column gone',
    sql: 'alter table integration_products rename column currency to old_currency',
    back: 'alter table integration_products rename column old_currency to currency',
  },
  {
    what: 'a right taken away',
    sql: 'revoke insert on integration_modifiers from tillsync_worker, tillsync_app',
    back: 'grant insert on integration_modifiers to tillsync_worker, tillsync_app',
  },
  {
    what: 'a check gone',
    sql: 'alter table integration_products rename constraint integration_products_source_is_wand_source to another',
    back: 'alter table integration_products rename constraint another to integration_products_source_is_wand_source',
  },
  {
    what: 'a table gone',
    sql: 'alter table integration_item_changes rename to gone',
    back: 'alter table gone rename to integration_item_changes',
  },
];

test('a change that breaks saves is seen at the next visit, and its repair at the one after', async () => {
  const { database, url } = await freshDatabase();
  const admin = await openAgain(superuserUrlOf(url));
  expect(await watchKeys(database)).toEqual([]);
  for (const { what, sql, back } of changes) {
    await admin.query(sql);
    const findings = await checkKeys(database);
    expect([what, findings.length > 0]).toEqual([what, true]);
    expect([what, await watchKeys(database)]).toEqual([what, findings]);
    await admin.query(back);
    expect([what, await watchKeys(database)]).toEqual([what, []]);
  }
});

/** A fresh database, and a visit of it: how many statements it took to find all in order. */
async function visited(): Promise<{ database: Database; visit: () => Promise<number> }> {
  const statements: string[] = [];
  const { database } = await freshDatabase({ onStatement: (statement) => void statements.push(statement) });
  const visit = async () => {
    statements.length = 0;
    expect(await watchKeys(database)).toEqual([]);
    return statements.length;
  };
  return { database, visit };
}

const change = 'alter table integration_products alter column name set statistics 500';

test('while nothing changes a visit is one statement, and data that comes and goes is no change', async () => {
  const { database, visit } = await visited();
  await database.query(change);
  // The stamp, the catalogs, and the stamp again.
  expect(await visit()).toBe(3);
  await database.query(`insert into integration_products (wand_source_id, external_id) select gen_random_uuid(), 'x'`);
  await database.query('delete from integration_products');
  await database.query('vacuum analyze integration_products');
  expect(await visit()).toBe(1);
  await database.query(change);
  expect(await visit()).toBe(3);
  expect(await visit()).toBe(1);
});

test('a copy of a database in order is in order, until it is changed itself', async () => {
  const [one, copy] = [await visited(), await visited()];
  await one.visit();
  expect(await copy.visit()).toBe(1);
  await copy.database.query(
    'alter table integration_products drop constraint integration_products_wand_source_external_unique',
  );
  expect((await watchKeys(copy.database)).map(({ rule }) => rule)).toEqual(['key_missing']);
  expect(await one.visit()).toBe(1);
});

test('what was put in order only while it was read is read again', async () => {
  const { database, url } = await freshDatabase();
  const other = await openAgain(url);
  await other.query('alter table integration_item_changes rename to gone');
  let asked = 0;
  const reads: Queryable = {
    query: async (sql, values) => {
      const answer = await database.query(sql, values);
      // Right after the stamp was taken, and before the whole visit.
      if (asked++ === 0) await other.query('alter table gone rename to integration_item_changes');
      return answer as never;
    },
  };
  const statements = async () => {
    const before = asked;
    expect(await watchKeys(reads)).toEqual([]);
    return asked - before;
  };
  expect([await statements(), await statements(), await statements()]).toEqual([3, 3, 1]);
});

test('an order that another process broke while it was read is not remembered', async () => {
  const { database, url } = await freshDatabase();
  const other = await openAgain(url);
  // No copy of what this process found in order before.
  await other.query(change);
  const reads = { ...database, query: database.query };
  reads.query = async (sql, values) => {
    const answer = await database.query(sql, values);
    // Right after the stamp was taken, and before the whole visit.
    await other.query(
      'alter table integration_products drop constraint if exists integration_products_source_external_unique',
    );
    return answer as never;
  };
  expect((await watchKeys(reads)).map(({ rule }) => rule)).toEqual(['key_missing']);
  expect((await watchKeys(reads)).map(({ rule }) => rule)).toEqual(['key_missing']);
});
