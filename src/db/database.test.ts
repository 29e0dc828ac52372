// What a connection is whatever the database, the role or the zone say about forms of text.
import { describe, expect, it } from 'vitest';
import { freshDatabase, openAgain } from '../../test/support/database.ts';
import { depsOver } from '../../test/support/deps-over.ts';
import { addQuConfig } from '../../test/support/engine.ts';
import { saveFormatted } from '../sync/save-formatted.ts';
import { copyOut } from './copy.ts';

const odd = [
  ['SQL, DMY', 'Asia/Kolkata'],
  ['German', 'America/St_Johns'],
  ['Postgres, MDY', 'Pacific/Kiritimati'],
] as const;

async function openOdd(dateStyle: string, zone: string) {
  const { database, url } = await freshDatabase();
  for (const setting of [
    `datestyle = '${dateStyle}'`,
    `timezone = '${zone}'`,
    `intervalstyle = 'sql_standard'`,
    `bytea_output = 'escape'`,
    `extra_float_digits = -10`,
  ]) {
    await database.query(
      `do $$ begin execute format('alter database %I set ${setting.replaceAll("'", "''")}', current_database()); end $$`,
    );
  }
  return await openAgain(url);
}

describe('a connection', () => {
  it.each(odd)(
    'gives and takes times, bytes and numbers in one form on a database set to %s, %s',
    async (dateStyle, zone) => {
      const database = await openOdd(dateStyle, zone);
      const select = `select '2025-03-04 05:06:07.89+00'::timestamptz as at, '2025-03-04'::date::text as day,
      '2025-03-04 05:06:07.89+00'::timestamptz::text as text, '\\xff00'::bytea as bytes, 0.1::float8::text as float,
      interval '1 day 2 hours'::text as interval`;
      const { rows } = await database.query(select);
      expect(rows).toEqual([
        {
          at: new Date('2025-03-04T05:06:07.890Z'),
          day: '2025-03-04',
          text: '2025-03-04 05:06:07.89+00',
          bytes: Buffer.of(0xff, 0),
          float: '0.1',
          interval: '1 day 02:00:00',
        },
      ]);
      let copied = '';
      await database.withConnection((connection) =>
        copyOut(connection, `copy (${select}) to stdout`, (bytes) => {
          copied += bytes.toString('utf8');
        }),
      );
      const fields = ['2025-03-04 05:06:07.89+00', '2025-03-04', '2025-03-04 05:06:07.89+00', '\\\\xff00', '0.1'];
      expect(copied).toBe(`${[...fields, '1 day 02:00:00'].join('\t')}\n`);
    },
  );

  it('saves at the right time on such a database, and knows its own rows again', async () => {
    const deps = await depsOver(await openOdd('SQL, DMY', 'Asia/Kolkata'));
    const { configId } = await addQuConfig(deps, 'http://127.0.0.1:9');
    const save = async () => {
      const formattedData = { products: [{ id: 'a', name: 'A', price: 1 }] };
      return (await saveFormatted(deps, { configId, formattedData, requestedBy: 'test' })).run;
    };
    const first = await save();
    const { rows } = await deps.database.query<{ between: boolean }>(
      `select last_synced_at between $1 and $2 as between from integration_products`,
      [first.started_at, first.finished_at],
    );
    expect(rows).toEqual([{ between: true }]);
    expect((await save()).counts?.products).toMatchObject({ created: 0, unchanged: 1 });
  });
});

it('several statements in one text give the rows of all of them', async () => {
  const { database } = await freshDatabase();
  const { rows } = await database.query('begin; select 1 as one; select 2 as one; commit');
  expect(rows).toEqual([{ one: 1 }, { one: 2 }]);
});
