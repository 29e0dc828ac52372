// Rows that only the database refuses: set aside one by one with their reason, the rest saved; too many fail the run.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../src/json.ts';
import { listRejects } from '../../src/records/runs/read-rejects.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { saveFormatted } from '../../src/sync/save-formatted.ts';
import { addQuConfig, countsText, openEngine } from '../support/engine.ts';
import { readStored } from '../support/stored-rows.ts';

let deps: Deps;
let configId: string;
let sourceId: string;
beforeEach(async () => {
  deps = await openEngine();
  ({ configId, sourceId } = await addQuConfig(deps, 'http://127.0.0.1:9'));
  for (const kind of ['products', 'modifiers', 'discounts']) {
    await deps.database.query(`alter table integration_${kind} add constraint no_poison check (name <> 'poison')`);
  }
});

function items(count: number, poisoned: readonly number[] = []): { [key: string]: Json }[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `i${index}`,
    pathId: `p${index}`,
    name: poisoned.includes(index) ? 'poison' : `item ${index}`,
    price: index,
  }));
}

async function save(formattedData: Parameters<typeof saveFormatted>[1]['formattedData'], own: Deps = deps) {
  return (await saveFormatted(own, { configId, requestedBy: 'test', formattedData })).run;
}

describe('a row that the database refuses', () => {
  for (const [where, position] of [
    ['first', 0],
    ['middle', 617],
    ['last', 1_199],
  ] as const) {
    it(`F38: at the ${where} place of 1,200 new rows it is set aside, and all others are saved`, async () => {
      const run = await save({ products: items(1_200, [position]), modifiers: items(3) });
      expect([run.status, countsText(run)]).toEqual([
        'partial',
        'products +1199 ~0 =0 -0 rejected 1, modifiers +3 ~0 =0 -0, discounts +0 ~0 =0 -0',
      ]);
      const { data } = await listRejects(deps.database, run.id);
      expect(data).toMatchObject([
        { kind: 'products', external_id: `i${position}`, reason: 'refused_by_database', raw: { name: 'poison' } },
      ]);
      expect(data[0]?.message).toContain('no_poison');
      const stored = await readStored(deps.database, sourceId);
      expect(stored.has(JSON.stringify(['products', `i${position}`, null]))).toBe(false);
      expect(stored.size).toBe(1_202);
    });

    it(`F38: at the ${where} place of 1,200 changed rows it keeps what it was, and all others change`, async () => {
      await save({ modifiers: items(1_200) });
      const before = await readStored(deps.database, sourceId);
      const changed = items(1_200, [position]).map((item) => ({ ...item, price: Number(item.price) + 1 }));
      const run = await save({ modifiers: changed });
      expect([run.status, countsText(run)]).toEqual([
        'partial',
        'products +0 ~0 =0 -0, modifiers +0 ~1199 =0 -0 rejected 1, discounts +0 ~0 =0 -0',
      ]);
      const stored = await readStored(deps.database, sourceId);
      const key = JSON.stringify(['modifiers', `i${position}`, `p${position}`]);
      expect(stored.get(key)?.columns).toEqual(before.get(key)?.columns);
      expect(stored.get(key)?.updated).toBe(before.get(key)?.updated);
      // It was seen, so that it is not removed for being absent.
      expect(stored.get(key)?.synced).not.toBe(before.get(key)?.synced);
    });
  }

  it('F38: ten of them, new and changed and in all kinds, are all found', async () => {
    await save({ products: items(100), modifiers: items(100), discounts: items(20) });
    const run = await save({
      products: [...items(100, [0, 50, 99]), { id: 'new 1', name: 'poison' }, { id: 'new 2', name: 'fine' }],
      modifiers: items(101, [7, 8, 100]),
      discounts: [...items(20, [0, 19]), { id: 'new', name: 'poison' }],
    });
    expect([run.status, countsText(run)]).toEqual([
      'partial',
      'products +1 ~0 =97 -0 rejected 4, modifiers +0 ~0 =98 -0 rejected 3, discounts +0 ~0 =18 -0 rejected 3',
    ]);
    const { data } = await listRejects(deps.database, run.id);
    expect(data.map(({ kind, external_id }) => `${kind} ${external_id}`).sort()).toEqual([
      'discounts i0',
      'discounts i19',
      'discounts new',
      'modifiers i100',
      'modifiers i7',
      'modifiers i8',
      'products i0',
      'products i50',
      'products i99',
      'products new 1',
    ]);
  });

  it('F38: with more than twenty of them the run fails, says the rule, and nothing is written', async () => {
    await save({ products: items(200) });
    const before = await readStored(deps.database, sourceId);
    const many = Array.from({ length: 21 }, (_, index) => index * 3);
    const run = await save({ products: [...items(200, many), { id: 'new', name: 'fine' }], discounts: items(3) });
    expect(run).toMatchObject({ status: 'failed', items_synced: 0, error: { code: 'check_violated', step: 'save' } });
    expect(run.error?.message).toContain('no_poison');
    expect(await readStored(deps.database, sourceId)).toEqual(before);
    const twenty = await save({ products: items(200, many.slice(0, 20)) });
    expect(countsText(twenty)).toContain('products +0 ~0 =180 -0 rejected 20');
  });

  it('F38, F37: a value that is too large for a narrowed column is one reject and not a lost run', async () => {
    await deps.database.query('drop view integration_products_by_site, integration_products_current');
    await deps.database.query('alter table integration_products alter column price type numeric(6, 2)');
    const products = items(30).map((item, index) => ({ ...item, price: index === 17 ? 12_345.67 : 5 }));
    const run = await save({ products });
    expect(countsText(run)).toContain('products +29 ~0 =0 -0 rejected 1');
    const { data } = await listRejects(deps.database, run.id);
    expect(data).toMatchObject([{ external_id: 'i17', reason: 'refused_by_database' }]);
    expect(JSON.stringify(data)).not.toMatch(/22003|numeric field overflow/);
  });

  it('F38: it is found as well when the plan does not fit into memory', async () => {
    const small: Deps = { ...deps, planMemoryChanges: 4 };
    expect(countsText(await save({ products: items(40, [20]) }, small))).toContain('products +39 ~0 =0 -0 rejected 1');
    const changed = items(40, [3]).map((item) => ({ ...item, pathId: 'moved' }));
    expect(countsText(await save({ products: changed }, small))).toContain('products +1 ~38 =0 -0 rejected 1');
  });

  it('F38: it is found as well when a trigger refuses it, new or changed', async () => {
    await deps.database.query(
      `create function no_poison() returns trigger language plpgsql as
         $$ begin if new.name = 'bad' then raise 'bad names' using errcode = '23514'; end if; return new; end $$;
       create trigger no_poison before insert or update on integration_modifiers for each row execute function no_poison()`,
    );
    const bad = (at: number) => items(30).map((item, index) => (index === at ? { ...item, name: 'bad' } : item));
    expect(countsText(await save({ modifiers: bad(12) }))).toContain('modifiers +29 ~0 =0 -0 rejected 1');
    expect(countsText(await save({ modifiers: bad(3) }))).toContain('modifiers +1 ~0 =28 -0 rejected 1');
  });
});
