// Building a key beside writers: duplicates on the way, leftovers of a killed build, locks, and giving up in time.
import { expect, test } from 'vitest';
import { freshDatabase, openAgain } from '../../../test/support/database.ts';
import type { Queryable } from '../database.ts';
import { archiveDuplicates } from './archive-duplicates.ts';
import { buildIndex, buildKey } from './build-key.ts';
import {
  createKeyIndexSql,
  indexDefinitions,
  type KeyDefinition,
  keyDefinitions,
  legacyTwinKeys,
} from './key-definitions.ts';
import { readIndexes } from './read-indexes.ts';

const key = keyDefinitions.find(({ table }) => table === 'integration_modifiers') as KeyDefinition;
const source = '11111111-1111-4111-8111-111111111111';

async function addModifier(queryable: Queryable, externalId: string, seen: string | null = null): Promise<void> {
  await queryable.query(`insert into ${key.table} (wand_source_id, external_id, last_synced_at) values ($1, $2, $3)`, [
    source,
    externalId,
    seen,
  ]);
}

async function indexNames(queryable: Queryable): Promise<string[]> {
  return (await readIndexes(queryable)).filter(({ table }) => table === key.table).map(({ name }) => name);
}

test('a key that is there is left alone, a missing one is built, a legacy twin too', async () => {
  const { database } = await freshDatabase();
  for (const definition of keyDefinitions) expect(await buildKey(database, definition)).toBe('present');
  for (const definition of legacyTwinKeys) expect(await buildKey(database, definition)).toBe('built');
  await database.query(`alter table ${key.table} drop constraint ${key.name}`);
  expect(await buildKey(database, key)).toBe('built');
  const [built] = (await readIndexes(database)).filter(({ name }) => name === key.name);
  expect(built).toMatchObject({
    constraint: key.name,
    columns: key.columns,
    include: key.include,
    nulls_not_distinct: true,
    valid: true,
  });
});

test('duplicates that come while it is built are archived again, and the newest of each key stays', async () => {
  const { database } = await freshDatabase();
  await database.query(`alter table ${key.table} drop constraint ${key.name}`);
  await addModifier(database, 'a', '2025-01-01');
  await addModifier(database, 'a', '2025-01-03');
  await addModifier(database, 'a', null);
  const tries: number[] = [];
  await buildKey(database, key, {
    onDuplicates: async (attempt) => {
      tries.push(attempt);
      await database.transaction((connection) => archiveDuplicates(connection, key.table, key.columns));
      // Another writer is as fast as we are, twice.
      if (attempt < 3) await addModifier(database, 'a', `2025-01-0${attempt}`);
    },
  });
  expect(tries).toEqual([1, 2, 3]);
  const rows = await database.query(`select last_synced_at::date::text as seen from ${key.table}`);
  expect(rows.rows).toEqual([{ seen: '2025-01-03' }]);
  const archived = await database.query('select kind, external_id, wand_source_id from integration_items_archive');
  expect(archived.rows).toEqual(Array(4).fill({ kind: 'modifiers', external_id: 'a', wand_source_id: source }));
});

test('F06: duplicates without end stop it after a stated number of tries, and no invalid index stays', async () => {
  const { database } = await freshDatabase();
  await database.query(`alter table ${key.table} drop constraint ${key.name}`);
  await addModifier(database, 'a');
  await addModifier(database, 'a');
  const building = buildKey(database, key, { duplicateTries: 2, onDuplicates: async () => undefined });
  await expect(building).rejects.toMatchObject({ code: 'key_duplicates', retry: 'later', exitCode: 75 });
  expect(await indexNames(database)).not.toContain(`${key.name}_new`);
});

test('F06: an invalid index that a failed build left behind is found, dropped and built again, ten times over', async () => {
  const { database } = await freshDatabase();
  for (let round = 0; round < 10; round++) {
    await database.query(`alter table ${key.table} drop constraint if exists ${key.name}`);
    await addModifier(database, 'a', '2025-01-01');
    await addModifier(database, 'a', '2025-01-02');
    await expect(database.query(createKeyIndexSql(key))).rejects.toMatchObject({ code: 'key_conflict' });
    expect((await readIndexes(database)).find(({ name }) => name === `${key.name}_new`)?.valid).toBe(false);
    expect(await buildKey(database, key)).toBe('built');
    expect(await indexNames(database)).toContain(key.name);
    expect(await indexNames(database)).not.toContain(`${key.name}_new`);
  }
});

test('F06: killed after any statement, a second call ends the same', async () => {
  for (let survived = 0; ; survived++) {
    let left = Number.POSITIVE_INFINITY;
    const onStatement = (): void => {
      if (left-- <= 0) throw new Error('killed here');
    };
    const { database, url } = await freshDatabase({ onStatement });
    await database.query(`alter table ${key.table} drop constraint ${key.name}`);
    await database.query(`create unique index ${key.name} on ${key.table} (external_id)`);
    left = survived;
    const outcome = await buildKey(database, key).then(
      () => 'done',
      () => 'killed',
    );
    await database.close();
    const again = await openAgain(url);
    expect(['present', 'attached', 'built']).toContain(await buildKey(again, key));
    const [index, ...more] = (await readIndexes(again)).filter(({ name }) => name.startsWith(key.name));
    expect(more, `killed after ${survived}`).toEqual([]);
    expect(index).toMatchObject({ constraint: key.name, columns: key.columns, valid: true });
    if (outcome === 'done') break;
    expect(survived).toBeLessThan(50);
  }
});

test('F79: attaching waits briefly for a used table and comes again', async () => {
  const { database, url } = await freshDatabase();
  const reader = await openAgain(url);
  await database.query(`alter table ${key.table} drop constraint ${key.name}`);
  await database.query(createKeyIndexSql(key));
  let building: Promise<string> = Promise.resolve('');
  await reader.transaction(async (holder) => {
    await holder.query(`select count(*) from ${key.table}`);
    await new Promise<void>((resolve) => {
      building = buildKey(database, key, { lockTimeout: 50, tries: 200, onRetry: () => resolve() });
    });
    // The ALTER that waited has given up its place: writers and readers are not stuck behind it.
    await addModifier(reader, 'meanwhile');
  });
  expect(await building).toBe('built');
});

test('foreign keys follow from the archived row to the one that stayed', async () => {
  const { database } = await freshDatabase();
  await database.query(`alter table ${key.table} drop constraint ${key.name}`);
  await database.query(`create table choices ("Modifier" uuid references ${key.table} (id) on delete cascade)`);
  await addModifier(database, 'a', '2025-01-01');
  await addModifier(database, 'a', '2025-01-02');
  await database.query(`insert into choices select id from ${key.table}`);
  const report = await database.transaction((connection) => archiveDuplicates(connection, key.table, key.columns));
  expect(report).toEqual({ archived: 1, repointed: 1 });
  const pointing = await database.query(
    `select last_synced_at::date::text as seen from choices join ${key.table} on id = "Modifier"`,
  );
  expect(pointing.rows).toEqual([{ seen: '2025-01-02' }, { seen: '2025-01-02' }]);
});

test('of rows alike in time the highest id stays; an archived row keeps all its fields', async () => {
  const { database } = await freshDatabase();
  await database.query(`alter table ${key.table} drop constraint ${key.name}`);
  for (const digit of ['1', '3', '2']) {
    await database.query(
      `insert into ${key.table} (id, wand_source_id, external_id, name, price, updated_at) values ($1, $2, 'a', $3, 1.50, '2025-01-01')`,
      [source.replace(/^1/, digit), source, `n${digit}`],
    );
  }
  await database.transaction((connection) => archiveDuplicates(connection, key.table, key.columns));
  const rows = await database.query(`select name from ${key.table}`);
  expect(rows.rows).toEqual([{ name: 'n3' }]);
  const archived = await database.query(
    `select item ->> 'name' as name, item ->> 'price' as price, reason from integration_items_archive order by 1`,
  );
  const reason = `duplicate of ${source.replace(/^1/, '3')}`;
  expect(archived.rows).toEqual([
    { name: 'n1', price: '1.50', reason },
    { name: 'n2', price: '1.50', reason },
  ]);
});

test('the seven indexes are built where they are missing and left alone where they are', async () => {
  const { database } = await freshDatabase();
  for (const definition of indexDefinitions) {
    expect(await buildIndex(database, definition)).toBe(false);
    await database.query(`drop index ${definition.name}`);
    expect(await buildIndex(database, definition)).toBe(true);
  }
});
