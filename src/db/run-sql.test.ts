// A person's own SQL: columns, several results, times as text, and what is refused.
import { beforeAll, expect, it } from 'vitest';
import { freshDatabase } from '../../test/support/database.ts';
import type { Database } from './database.ts';
import { runSql } from './run-sql.ts';

let database: Database;
beforeAll(async () => {
  database = (await freshDatabase({ migrated: false })).database;
});

const run = (statements: string) => database.withConnection((connection) => runSql(connection, statements));

it('keeps columns of the same name apart, and gives one result for each statement', async () => {
  expect(await run('select 1 as a, 2 as a; create temp table t (n int); insert into t values (1), (2)')).toEqual([
    { columns: ['a', 'a'], rows: [[1, 2]], rowCount: 1 },
    { columns: [], rows: [], rowCount: null },
    { columns: [], rows: [], rowCount: 2 },
  ]);
});

it('gives dates, times, intervals and bytes as the text of the server', async () => {
  const [result] = await run(`select date '2026-03-04', timestamp '2026-03-04 05:06:07.123456',
    timestamptz '2026-03-04 05:06:07.123456+02', array[date '0001-01-01', null], interval '1 day', '\\xff'::bytea,
    date 'infinity', 1.50::numeric, '{"a": 1.10}'::jsonb ->> 'a'`);
  expect(result?.rows).toEqual([
    [
      ...['2026-03-04', '2026-03-04 05:06:07.123456', '2026-03-04 03:06:07.123456+00', ['0001-01-01', null]],
      ...['1 day', '\\xff', 'infinity', '1.50', '1.10'],
    ],
  ]);
});

it.each([
  'copy pg_class to stdout',
  'select 1; COPY (select 1) TO /* there */ STDOUT (format csv)',
  "select 'it''s'; -- a remark\ncopy t from\n stdin",
  'do $x$ begin; end $x$; copy "a;b" from stdin',
])('refuses %s before anything runs', async (statements) => {
  await expect(run(statements)).rejects.toMatchObject({ code: 'copy_not_possible', exitCode: 2 });
});

it('takes no text, name or remark for a COPY', async () => {
  const results = await run(`select 'a; copy t to stdout' as "; copy t from stdin" -- ; copy t to stdout
    ; select $$; copy t to stdout$$ as copy /* ; copy t to stdout */`);
  expect(results.map(({ rows }) => rows)).toEqual([[['a; copy t to stdout']], [['; copy t to stdout']]]);
});
