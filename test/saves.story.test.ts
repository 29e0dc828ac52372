// Keys and batches through the whole engine: copies, odd ids, large bodies, unchanged rows, merge and full bodies.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import type { FakeCatalog } from '../src/connectors/qu/fake-catalog.ts';
import { seededRandom } from '../src/connectors/seeded-random.ts';
import type { Json } from '../src/json.ts';
import { listDuplicates, listRejects } from '../src/records/runs/read-rejects.ts';
import type { Deps } from '../src/sync/deps.ts';
import { type FormattedToSave, saveFormatted } from '../src/sync/save-formatted.ts';
import { setConfig } from '../src/sync/set-config.ts';
import { addQuConfig, countsText, openEngine, syncNow } from './support/engine.ts';
import { withPages } from './support/paged-connector.ts';
import { readStored } from './support/stored-rows.ts';
import { tellSlow } from './support/tell-slow.ts';

let pos: FakeQu;
let deps: Deps;
let establishment = 0;
beforeAll(async () => {
  pos = await startFakeQu({ products: 5, modifiers: 5, discounts: 5 });
  deps = await openEngine();
});
afterAll(() => pos.stop());

/** A new source, without a guard that would hold what these tests do on purpose. */
async function freshSource(): Promise<{ configId: string; sourceId: string }> {
  establishment += 1;
  const config = await addQuConfig(deps, pos.url, { establishment: `e${establishment}` });
  await setConfig(deps, { configId: config.configId, guard: { enabled: false } });
  return config;
}

async function save(configId: string, formattedData: FormattedToSave['formattedData'], mode?: 'merge' | 'full') {
  const { run } = await saveFormatted(deps, {
    configId,
    formattedData,
    requestedBy: 'test',
    ...(mode ? { mode } : {}),
  });
  expect(run.error).toBeNull();
  return run;
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

function catalogOf(part: Partial<FakeCatalog>): FakeCatalog {
  return { menuItems: [], modifiers: [], discounts: [], error: '', lastModified: '', ...part };
}

describe('repeated keys', () => {
  it('F01: of 1 to 50 copies, on one page or on several, in any order, the priced one is stored and all are counted', async () => {
    const random = seededRandom(5);
    const { configId, sourceId } = await freshSource();
    const { configId: samePage, sourceId: sameSource } = await freshSource();
    const copies = Array.from({ length: 50 }, (_, index) => index + 1);
    const modifiers = copies.flatMap((count) =>
      Array.from({ length: count }, (_, copy) => ({
        pathId: `key-${count}`,
        // Odd counts differ in content; exactly one copy has a price, the others cost nothing.
        name: count % 2 === 1 ? `copy ${copy}` : 'the same',
        prices: { prices: [{ price: count % 2 === 1 ? (copy === count - 1 ? 7 : 0) : 3 }] },
      })),
    );
    const mixed = shuffled(modifiers, random);
    const third = Math.ceil(mixed.length / 3);
    const pages = [0, 1, 2].map((page) => catalogOf({ modifiers: mixed.slice(page * third, (page + 1) * third) }));
    const runs = [
      await syncNow(withPages(deps, pages), configId),
      await syncNow(withPages(deps, [catalogOf({ modifiers })]), samePage),
    ];
    for (const run of runs) {
      expect(run.error).toBeNull();
      expect(run.counts?.modifiers).toMatchObject({ received: 1_275, created: 50, duplicates: 1_225 });
      const { data } = await listDuplicates(deps.database, run.id, { limit: 100 });
      expect(new Map(data.map(({ external_id, copies: found }) => [external_id, found]))).toEqual(
        new Map(copies.slice(1).map((count) => [`key-${count}`, count])),
      );
      for (const { copies: found, identical } of data) expect(identical).toBe(found % 2 === 0);
    }
    const [across, within] = [await readStored(deps.database, sourceId), await readStored(deps.database, sameSource)];
    for (const [key, row] of across) expect(row.columns).toEqual(within.get(key)?.columns);
    const prices = [...across].map(([key, row]) => [Number(/key-(\d+)/.exec(key)?.[1]), row.columns.price] as const);
    for (const [count, price] of prices) expect([count, price]).toEqual([count, count % 2 === 1 ? '7' : '3']);
    const again = await syncNow(withPages(deps, [...pages].reverse()), configId);
    expect(countsText(again)).toContain('modifiers +0 ~0 =50 -0 duplicates 1225');
  });

  it('F01: equally good copies with other content give the same row in every order', async () => {
    const twins = ['red', 'green', 'blue'].map((name) => ({ id: 'one', name, price: 2 }));
    const seen = new Set<Json>();
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [0, 2, 1],
    ]) {
      const { configId, sourceId } = await freshSource();
      await save(configId, { products: order.map((index) => twins[index] as Json) });
      for (const row of (await readStored(deps.database, sourceId)).values()) seen.add(row.columns.name ?? null);
    }
    expect(seen.size).toBe(1);
  });
});

describe('ids', () => {
  it('F03: modifiers without a path stay one row each over three syncs', async () => {
    const { configId, sourceId } = await freshSource();
    const modifiers = ['a', 'b', 'c'].flatMap((id) => [
      { id, pathId: null, name: id },
      { id, pathId: `${id}-p`, name: id },
    ]);
    const texts = [];
    for (const _ of [1, 2, 3]) texts.push(countsText(await save(configId, { modifiers })));
    expect(texts.map((text) => text.split(', ')[1])).toEqual([
      'modifiers +6 ~0 =0 -0',
      'modifiers +0 ~0 =6 -0',
      'modifiers +0 ~0 =6 -0',
    ]);
    expect((await readStored(deps.database, sourceId)).size).toBe(6);
  });

  it('F03: an item without an id is set aside and named, never stored; 0 and blanks are ids', async () => {
    const { configId, sourceId } = await freshSource();
    const ids: Json[] = [null, '', 0, '0', ' ', '\t', true, {}, [], 'x'];
    const run = await save(configId, {
      products: [{ name: 'missing' }, ...ids.map((id) => ({ id, name: 'n', price: 1 }))],
    });
    expect(run.status).toBe('partial');
    expect(run.counts?.products).toMatchObject({ received: 11, created: 3, rejected: 7, duplicates: 1 });
    const stored = [...(await readStored(deps.database, sourceId)).keys()].map((key) => JSON.parse(key)[1]);
    expect(stored.sort()).toEqual([' ', '0', 'x']);
    const { data } = await listRejects(deps.database, run.id);
    expect(data.map(({ reason, external_id }) => [reason, external_id])).toEqual([
      ['missing_external_id', null],
      ['missing_external_id', null],
      ['empty_external_id', null],
      ['invalid_external_id', null],
      ['missing_external_id', null],
      ['missing_external_id', null],
      ['missing_external_id', null],
    ]);
  });

  it('F08: ids of up to 512 bytes are stored, longer ones are set aside, however many bytes a character has', async () => {
    const { configId, sourceId } = await freshSource();
    const incompressible = (bytes: number) => randomBytes(bytes).toString('hex').slice(0, bytes);
    const kept = ['1', incompressible(511), incompressible(512), 'é'.repeat(256), '😀'.repeat(128)];
    const refused = [incompressible(513), incompressible(2_700), incompressible(10_000), 'é'.repeat(257)];
    const items = [...kept, ...refused].map((id) => ({ id, pathId: id, name: 'x' }));
    const run = await save(configId, { products: items, modifiers: items });
    for (const kind of ['products', 'modifiers'] as const) {
      expect(run.counts?.[kind]).toMatchObject({ received: 9, created: 5, rejected: 4 });
    }
    expect((await readStored(deps.database, sourceId)).size).toBe(10);
    expect(countsText(await save(configId, { products: items }))).toContain('products +0 ~0 =5 -0 rejected 4');
  });

  it('F09: ids are byte-exact: case, blanks, zero-width characters and Unicode forms make different items', async () => {
    const { configId, sourceId } = await freshSource();
    const ids = ['é', 'e\u0301', 'a', 'A', 'a ', ' a', 'a\u200b', 'i', 'İ', 'ı', 'I', 'ß', 'ss', '\u00a0', '½', '1/2'];
    const items = ids.map((id) => ({ id, pathId: id, name: id, price: 1 }));
    const run = await save(configId, { products: items, modifiers: items, discounts: items });
    expect(countsText(run)).toBe('products +16 ~0 =0 -0, modifiers +16 ~0 =0 -0, discounts +16 ~0 =0 -0');
    const again = await save(configId, { products: items, modifiers: items, discounts: items });
    expect(countsText(again)).toBe('products +0 ~0 =16 -0, modifiers +0 ~0 =16 -0, discounts +0 ~0 =16 -0');
    const stored = [...(await readStored(deps.database, sourceId)).keys()].filter((key) =>
      key.startsWith('["products"'),
    );
    expect(stored.map((key) => JSON.parse(key)[1]).sort()).toEqual([...ids].sort());
  });
});

describe('bodies', () => {
  it('F07: far more than 65,536 values go in, change and go out in one save each', async () => {
    const { configId } = await freshSource();
    const body = (price: number) =>
      Array.from({ length: 8_000 }, (_, n) => ({ id: n, pathId: `p${n}`, name: `n${n}`, price }));
    await tellSlow(deps.database.url, async () => {
      expect(countsText(await save(configId, { modifiers: body(1) }))).toContain('modifiers +8000 ~0 =0 -0');
      expect(countsText(await save(configId, { modifiers: body(2) }))).toContain('modifiers +0 ~8000 =0 -0');
      expect(countsText(await save(configId, { modifiers: [] }, 'full'))).toContain('modifiers +0 ~0 =0 -8000');
    });
    const { rows } = await deps.database.query(
      `select count(*)::int as rows, count(removed_at)::int as removed, min(price) as price from integration_modifiers
        where source_config_id = $1`,
      [configId],
    );
    expect(rows).toEqual([{ rows: 8_000, removed: 8_000, price: '2' }]);
  });

  it('a merge body saved twice changes nothing, and a subset touches only what it names and removes nothing', async () => {
    const { configId, sourceId } = await freshSource();
    const item = (id: string, price: number) => ({ id, name: id, price });
    const all = ['a', 'b', 'c', 'd'].map((id) => item(id, 1));
    const body = { products: all, modifiers: all, discounts: all };
    expect(countsText(await save(configId, body))).toBe(
      'products +4 ~0 =0 -0, modifiers +4 ~0 =0 -0, discounts +4 ~0 =0 -0',
    );
    const first = await readStored(deps.database, sourceId);
    expect(countsText(await save(configId, body))).toBe(
      'products +0 ~0 =4 -0, modifiers +0 ~0 =4 -0, discounts +0 ~0 =4 -0',
    );
    const second = await readStored(deps.database, sourceId);
    for (const [key, row] of second)
      expect({ key, updated: row.updated }).toEqual({ key, updated: first.get(key)?.updated });
    const part = await save(configId, { products: [item('b', 9)], discounts: [] });
    expect(countsText(part)).toBe('products +0 ~1 =0 -0, modifiers +0 ~0 =0 -0, discounts +0 ~0 =0 -0');
    const third = await readStored(deps.database, sourceId);
    const moved = [...third].filter(([key, row]) => row.synced !== second.get(key)?.synced).map(([key]) => key);
    expect(moved).toEqual(['["products","b",null]']);
    expect([...third.values()].filter(({ removed }) => removed)).toEqual([]);
  });

  it('in a full body a kind that is missing is not looked at, and an empty list means that there are none', async () => {
    const { configId, sourceId } = await freshSource();
    const all = ['a', 'b'].map((id) => ({ id, name: id, price: 1 }));
    await save(configId, { products: all, modifiers: all, discounts: all });
    const run = await save(configId, { products: [], modifiers: all.slice(1) }, 'full');
    expect(countsText(run)).toBe('products +0 ~0 =0 -2, modifiers +0 ~0 =1 -1, discounts +0 ~0 =0 -0');
    const gone = [...(await readStored(deps.database, sourceId))].filter(([, row]) => row.removed).map(([key]) => key);
    expect(gone.sort()).toEqual(['["modifiers","a",null]', '["products","a",null]', '["products","b",null]']);
    expect(countsText(await save(configId, { products: all }, 'full'))).toContain('products +0 ~0 =0 -0 restored 2');
  });
});
