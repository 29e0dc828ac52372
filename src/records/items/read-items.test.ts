// Reading items against a real database: one shape for all kinds, exact pages, honest histories.
import { beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/support/database.ts';
import type { Database } from '../../db/database.ts';
import { type ItemFilter, listItems } from './list/list-items.ts';
import { itemHistory } from './read-item-history.ts';
import { findItems, getItem } from './read-items.ts';

const source = '0199c0de-0000-7000-8000-00000000000a';
const otherSource = '0199c0de-0000-7000-8000-00000000000b';
let database: Database;

beforeAll(async () => {
  ({ database } = await freshDatabase());
  await database.query(
    `insert into integration_products (wand_source_id, external_id, path_id, name, item_type, price, currency, is_available,
       data, site_id, last_synced_at, created_at, updated_at, removed_at)
     values ($1, 'a', 'p-a', 'Café', '1', 3.10, 'USD', true, '{"id": 9007199254740993}', 30, '2026-11-22T08:31:07.1239Z',
             '2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z', null),
            ($1, 'b', null, null, null, null, null, null, null, null, null, now(), now(), now()),
            ($2, 'a', null, 'Other', null, 0, null, false, null, null, null, now(), now(), null)`,
    [source, otherSource],
  );
  await database.query(
    `insert into integration_modifiers (wand_source_id, external_id, path_id, name, modifier_group_id, modifier_group_name)
     values ($1, 'm', null, 'none', 'g', 'Group'), ($1, 'm', '', 'empty', 'g', 'Group'), ($1, 'm', 'x', 'x', 'g', 'Group')`,
    [source],
  );
  await database.query(
    `insert into integration_discounts (wand_source_id, external_id, name, discount_amount, discount_percent)
     values ($1, 'a', 'Ten percent', null, 10)`,
    [source],
  );
});

describe('listing items', () => {
  it('shows every kind in one shape: money as decimal text, times in UTC, what a kind does not have as null', async () => {
    const { data } = await listItems(database, { sourceId: source, externalId: 'a' });
    expect(data).toMatchObject([
      {
        kind: 'products',
        source_id: source,
        external_id: 'a',
        path_id: 'p-a',
        name: 'Café',
        item_type: '1',
        modifier_group_id: null,
        discount_percent: null,
        price: '3.10',
        currency: 'USD',
        is_available: true,
        site_id: 30,
        last_synced_at: '2026-11-22T08:31:07.123Z',
        updated_at: '2026-11-02T00:00:00.000Z',
        removed_at: null,
      },
      { kind: 'discounts', path_id: null, price: null, discount_amount: null, discount_percent: '10' },
    ]);
    expect(data[0]).not.toHaveProperty('data');
  });

  it('pages over kinds, sources and paths without gap or repeat', async () => {
    const all = (await listItems(database)).data;
    expect(all).toHaveLength(7);
    for (const limit of [1, 2, 3, 6]) {
      const paged = [];
      for (let cursor: string | undefined; ; ) {
        const page = await listItems(database, { limit, cursor });
        paged.push(...page.data);
        if (page.next === null) break;
        cursor = page.next;
      }
      expect(paged).toEqual(all);
    }
  });

  it.each<[ItemFilter, string[]]>([
    [{ kind: 'products' }, ['a', 'b', 'a']],
    [{ kind: 'products', removed: false }, ['a', 'a']],
    [{ removed: true }, ['b']],
    [{ sourceId: otherSource }, ['a']],
    [{ externalId: "'; drop table integration_products; --" }, []],
    [{ sourceId: 'no uuid' }, []],
  ])('filters by %j', async (filter, ids) => {
    expect((await listItems(database, filter)).data.map((item) => item.external_id)).toEqual(ids);
  });
});

describe('one item', () => {
  it('comes with the item as the POS gave it, every digit kept', async () => {
    const item = await getItem(database, { externalId: 'a', kind: 'products', sourceId: source });
    expect(JSON.stringify(item?.data)).toBe('{"id":9007199254740993}');
  });

  it('is asked for more closely when several have its id, by what tells them apart', async () => {
    await expect(getItem(database, { externalId: 'm' })).rejects.toMatchObject({
      code: 'item_ambiguous',
      message: expect.stringMatching(/^3 items .*path x/),
    });
    expect(await getItem(database, { externalId: 'm', pathId: null })).toMatchObject({ name: 'none' });
    expect(await getItem(database, { externalId: 'm', pathId: '' })).toMatchObject({ name: 'empty' });
    expect(await getItem(database, { externalId: 'm', pathId: 'x' })).toMatchObject({ name: 'x' });
    expect(await findItems(database, { externalId: 'a' })).toHaveLength(3);
  });

  it('is null when there is none', async () => {
    expect(await getItem(database, { externalId: 'none' })).toBeNull();
    expect(await getItem(database, { externalId: 'a', sourceId: 'no uuid' })).toBeNull();
  });
});

describe('the history of an item', () => {
  it('begins with its creation and holds what committed runs changed, not what a held run would have', async () => {
    const runOf = async (status: string) => {
      const { rows } = await database.query<{ id: string }>(
        'insert into integration_sync_history (wand_source_id, status) values ($1, $2) returning id',
        [source, status],
      );
      return rows[0]!.id;
    };
    const [raised, held, removed] = [await runOf('success'), await runOf('held'), await runOf('partial')];
    await database.query(
      `insert into integration_item_changes (wand_source_id, run_id, kind, external_id, operation, fields, created_at)
       values ($1, $4, 'products', 'a', 'removed', '{"is_available": [true, false]}', '2026-11-04T00:00:00Z'),
              ($1, $3, 'products', 'a', 'removed', '{}', '2026-11-03T00:00:00Z'),
              ($1, $2, 'products', 'a', 'updated', '{"price": ["3", "3.10"]}', '2026-11-02T00:00:00Z'),
              ($1, $2, 'discounts', 'a', 'updated', '{}', '2026-11-02T00:00:00Z')`,
      [source, raised, held, removed],
    );
    expect(await itemHistory(database, { externalId: 'a', kind: 'products', sourceId: source })).toEqual([
      {
        kind: 'products',
        source_id: source,
        external_id: 'a',
        path_id: 'p-a',
        name: 'Café',
        events: [
          { at: '2026-11-01T00:00:00.000Z', run_id: null, operation: 'created', fields: {} },
          { at: '2026-11-02T00:00:00.000Z', run_id: raised, operation: 'updated', fields: { price: ['3', '3.10'] } },
          {
            at: '2026-11-04T00:00:00.000Z',
            run_id: removed,
            operation: 'removed',
            fields: { is_available: [true, false] },
          },
        ],
      },
    ]);
    expect(await itemHistory(database, { externalId: 'none' })).toEqual([]);
  });

  it('tells modifiers of one id apart by their path', async () => {
    const histories = await itemHistory(database, { externalId: 'm' });
    expect(histories.map(({ path_id }) => path_id)).toEqual([null, '', 'x']);
  });
});
