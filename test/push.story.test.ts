// Saves that speak of a part of a catalog (push): their cost grows with what they bring, and they see all that matters.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../src/json.ts';
import { listDuplicates } from '../src/records/runs/read-rejects.ts';
import { countsText } from './support/engine.ts';
import { readStored } from './support/stored-rows.ts';
import { openWatch, type Watched } from './support/watched-source.ts';

type Item = { [key: string]: Json };

let open: Awaited<ReturnType<typeof openWatch>>;
const opened: Watched[] = [];
beforeAll(async () => {
  open = await openWatch({ products: 1, modifiers: 1, discounts: 1, repeated: 0 });
});
afterAll(() => Promise.all(opened.map(({ pos }) => pos.stop())));

async function fresh(): Promise<Watched> {
  const source = await open();
  opened.push(source);
  return source;
}

function items(count: number, change: (item: Item, at: number) => Item = (item) => item): Item[] {
  return Array.from({ length: count }, (_, at) =>
    change({ id: `i${at}`, pathId: `p${at}`, name: `n${at}`, price: 1 }, at),
  );
}

/** A source with so many modifiers, without reading or planning anything. */
async function filled(rows: number): Promise<Watched> {
  const source = await fresh();
  await source.save({ formattedData: { products: items(1), modifiers: items(rows), discounts: items(1) } });
  return source;
}

const itemTables = /integration_(products|modifiers|discounts)\b/;

describe('the cost of a merge', () => {
  it('is the same into 100 rows and into 5,000: equal statements, no read of all keys, the same few pages', async () => {
    const costs = [];
    for (const rows of [100, 5_000]) {
      const { deps, save, sourceId } = await filled(rows);
      await deps.database.query('analyze integration_modifiers');
      const found = [];
      for (const [what, part] of [
        ['unchanged', items(10)],
        ['changed', items(10, (item) => ({ ...item, price: 2 }))],
        ['new', items(10, (item) => ({ ...item, id: `new ${item.id}` }))],
      ] as const) {
        const { run, statements, readKeys } = await save({ formattedData: { modifiers: part } });
        found.push([what, countsText(run).split(', ')[1], readKeys, statements]);
        expect(statements.filter((text) => itemTables.test(text)).length).toBeGreaterThan(1);
      }
      costs.push(found);
      expect((await readStored(deps.database, sourceId)).size).toBe(rows + 12);
    }
    expect(costs[1]).toEqual(costs[0]);
    expect(costs[0]?.map((found) => found.slice(0, 3))).toEqual([
      ['unchanged', 'modifiers +0 ~0 =10 -0', false],
      ['changed', 'modifiers +0 ~10 =0 -0', false],
      ['new', 'modifiers +10 ~0 =0 -0', false],
    ]);
  });
});

describe('a merge', () => {
  it('gives an adopted modifier without a path the one path that comes, and makes two rows where two come', async () => {
    const { deps, save, sourceId } = await fresh();
    // As adoption leaves them: known by id alone, without a fingerprint.
    await deps.database.query(
      `insert into integration_modifiers (source_id, external_id, name, price) values
         ($1, 'one', 'old', 1), ($1, 'two', 'old', 1), ($1, 'absent', 'old', 1), ($1, 'odd', 'old', 1)`,
      [sourceId],
    );
    const before = await readStored(deps.database, sourceId);
    const { run, readKeys } = await save({
      formattedData: {
        modifiers: [
          { id: 'one', pathId: 'a', name: 'new', price: 1 },
          { id: 'two', pathId: 'a', name: 'new', price: 1 },
          { id: 'two', pathId: 'b', name: 'new', price: 1 },
          { id: 'odd', pathId: 'a', name: 'new', price: '12,50' },
        ],
      },
    });
    expect([countsText(run).split(', ')[1], readKeys]).toEqual(['modifiers +2 ~1 =0 -0 rejected 1', false]);
    const after = await readStored(deps.database, sourceId);
    const keyOf = (id: string, path: string | null) => JSON.stringify(['modifiers', id, path]);
    expect([...after.keys()].sort()).toEqual(
      [
        keyOf('absent', null),
        keyOf('odd', null),
        keyOf('one', 'a'),
        keyOf('two', 'a'),
        keyOf('two', 'b'),
        keyOf('two', null),
      ].sort(),
    );
    const [was, is] = [before.get(keyOf('one', null)), after.get(keyOf('one', 'a'))];
    expect([is?.id, is?.created, is?.columns.name]).toEqual([was?.id, was?.created, 'new']);
    for (const id of ['absent', 'odd', 'two']) expect(after.get(keyOf(id, null))).toEqual(before.get(keyOf(id, null)));
  });

  it('brings removed rows back, with their id, also when nothing else differs', async () => {
    const { deps, save, sourceId } = await fresh();
    const body = { products: items(3), modifiers: items(3), discounts: items(3) };
    await save({ formattedData: body });
    const before = await readStored(deps.database, sourceId);
    await save({ mode: 'full', formattedData: { products: items(2), modifiers: [], discounts: items(3) } });
    const { run, readKeys } = await save({ formattedData: { products: items(3).slice(2), modifiers: items(2) } });
    expect([countsText(run), readKeys]).toEqual([
      'products +0 ~0 =0 -0 restored 1, modifiers +0 ~0 =0 -0 restored 2, discounts +0 ~0 =0 -0',
      false,
    ]);
    const after = await readStored(deps.database, sourceId);
    for (const [key, row] of after) {
      expect([key, row.id, row.removed]).toEqual([key, before.get(key)?.id, key.includes('"modifiers","i2"')]);
    }
  });

  it('counts a reject with a key as seen, and leaves its row otherwise as it is; one without a key touches nothing', async () => {
    const { deps, save, sourceId } = await fresh();
    await save({ formattedData: { products: items(3) } });
    const before = await readStored(deps.database, sourceId);
    const { run } = await save({
      formattedData: {
        products: [
          { id: 'i1', name: 'odd', price: '12,50' },
          { name: 'no id' },
          { id: 'i0', name: 'n0', pathId: 'p0', price: 1 },
        ],
      },
    });
    expect([run.status, countsText(run).split(', ')[0]]).toEqual(['partial', 'products +0 ~0 =1 -0 rejected 2']);
    const after = await readStored(deps.database, sourceId);
    for (const [key, row] of after) {
      const old = before.get(key);
      const isSeen = /"i[01]"/.test(key);
      expect([key, row.columns, row.updated, row.synced === old?.synced]).toEqual([
        key,
        old?.columns,
        old?.updated,
        !isSeen,
      ]);
    }
  });

  it('sees that a key came before in another batch, whether its row is stored, removed or new', async () => {
    const { deps, save, sourceId } = await fresh();
    await save({ formattedData: { products: items(2) } });
    await save({ mode: 'full', formattedData: { products: items(1), modifiers: [], discounts: [] } });
    // Far more between the copies than one batch holds.
    const between = items(6_000, (item) => ({ ...item, id: `x ${item.id}`, note: 'y'.repeat(200) }));
    const copy = (id: string, price: number): Item => ({ id, pathId: 'same', name: id, price });
    const ids = ['i0', 'i1', 'new'];
    const { run, readKeys } = await save({
      formattedData: {
        products: [
          ...ids.map((id) => copy(id, 0)),
          ...between,
          ...ids.map((id) => copy(id, 5)),
          ...ids.map((id) => copy(id, 5)),
        ],
      },
    });
    expect([countsText(run).split(', ')[0], readKeys]).toEqual([
      'products +6001 ~1 =0 -0 restored 1 duplicates 6',
      false,
    ]);
    const { data } = await listDuplicates(deps.database, run.id, { limit: 10 });
    expect(data.map(({ external_id, copies, identical }) => [external_id, copies, identical]).sort()).toEqual(
      ids.map((id) => [id, 3, false]),
    );
    const stored = await readStored(deps.database, sourceId);
    for (const id of ids) {
      const row = stored.get(JSON.stringify(['products', id, null]));
      expect([id, row?.columns.price, row?.removed]).toEqual([id, '5', false]);
    }
  });

  it('takes the short cut when it repeats all that there is, and never when it repeats a part', async () => {
    const { save, deps, sourceId } = await fresh();
    const all = { products: items(3), modifiers: items(2) };
    await save({ formattedData: all });
    const looked = (statements: readonly string[]) =>
      statements.some((text) => text.startsWith('select bytes from integration_payload'));
    const whole = await save({ formattedData: all });
    expect([looked(whole.statements), countsText(whole.run)]).toEqual([
      false,
      'products +0 ~0 =3 -0, modifiers +0 ~0 =2 -0, discounts +0 ~0 =0 -0',
    ]);
    for (let turn = 0; turn < 2; turn++) {
      const part = await save({ formattedData: { products: items(2) } });
      expect([looked(part.statements), countsText(part.run).split(',')[0]]).toEqual([true, 'products +0 ~0 =2 -0']);
    }
    // The same bytes as a whole catalog remove what they do not hold.
    const full = await save({ mode: 'full', formattedData: { products: items(2) } });
    expect(full.run.counts?.products).toMatchObject({ unchanged: 2, removed: 1 });
    expect([...(await readStored(deps.database, sourceId)).values()].filter(({ removed }) => removed)).toHaveLength(1);
  });
});
