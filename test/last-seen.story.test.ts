// When an item was last seen: exact in the views, whether each row is touched or one time stands for all of a source.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kinds } from '../src/catalog/item.ts';
import type { FetchEnd } from '../src/connectors/connector.ts';
import { changePrices } from '../src/connectors/qu/fake-catalog.ts';
import type { Deps } from '../src/sync/deps.ts';
import { setConfig } from '../src/sync/set-config.ts';
import { splitSource } from '../src/sync/split-source.ts';
import { addQuConfig, countsText, syncNow } from './support/engine.ts';
import { withPages } from './support/paged-connector.ts';
import { openWatch, type Watched, type Way } from './support/watched-source.ts';

type Mode = Deps['lastSynced'];

let open: Awaited<ReturnType<typeof openWatch>>;
let source: Watched;
beforeAll(async () => {
  open = await openWatch({ products: 12, modifiers: 10, discounts: 4, repeated: 3 });
});
afterAll(() => source.pos.stop());

async function fresh(): Promise<Watched> {
  await source?.pos.stop();
  source = await open();
  return source;
}

/** Key → the version of its row, which every write of the row makes anew. */
async function versions(of: Watched): Promise<Map<string, string>> {
  return await perRow(of, { suffix: '', value: 'xmin::text || ctid::text' });
}

/** Key → last_seen_at as the view shows it; '' = never. */
async function seen(of: Watched): Promise<Map<string, string>> {
  return await perRow(of, { suffix: '_current', value: `coalesce(last_seen_at::text, '')` });
}

async function perRow({ deps, sourceId }: Watched, { suffix, value }: { suffix: string; value: string }) {
  const rowsOf = kinds.map(
    (kind) =>
      `select '${kind} ' || external_id as key, ${value} as value from integration_${kind}${suffix} where wand_source_id = $1`,
  );
  const { rows } = await deps.database.query<{ key: string; value: string }>(
    `select key, value from (${rowsOf.join(' union all ')}) as found order by key collate "C"`,
    [sourceId],
  );
  return new Map(rows.map((row) => [row.key, row.value]));
}

function changedIn(before: Map<string, string>, after: Map<string, string>): string[] {
  return [...after].filter(([key, value]) => before.get(key) !== value).map(([key]) => key);
}

describe('rows, where one time stands for all of a source,', () => {
  const own = { lastSynced: 'source' as const };

  it('are not touched by the same answer, by the short cut or compared, nor by another order', async () => {
    const { sync, pos } = await fresh();
    await sync(own);
    const before = await versions(source);
    for (const options of [{}, { compareAll: true }]) await sync(own, options);
    pos.answer('reorder', 1);
    const { run, readKeys } = await sync(own);
    expect([countsText(run).split(',')[0], readKeys]).toEqual(['products +0 ~0 =12 -0', true]);
    expect(await versions(source)).toEqual(before);
    expect(before.size).toBe(26);
  });

  it('are touched where their content changed, came or went, and nowhere else', async () => {
    const { sync, pos } = await fresh();
    await sync(own);
    const before = await versions(source);
    const [changed] = changePrices(pos.catalog, 1);
    await sync(own);
    expect(changedIn(before, await versions(source))).toEqual([`products ${changed}`]);
    const removed = String(pos.catalog.discounts.pop()?.id);
    await sync(own);
    const without = await versions(source);
    expect(changedIn(before, without).sort()).toEqual([`discounts ${removed}`, `products ${changed}`].sort());
    pos.edit((catalog) => void catalog.discounts.push({ id: 'new', name: 'new' }));
    await sync(own);
    expect(changedIn(without, await versions(source))).toEqual(['discounts new']);
  });

  it('are all touched once when their owner changes, and once when another program may have written them', async () => {
    const { sync, deps, configId, sourceId } = await fresh();
    await sync(own);
    const before = await versions(source);
    await deps.database.query('update integration_source_configs set site_id = 9 where id = $1', [configId]);
    await sync(own);
    const after = await versions(source);
    expect(changedIn(before, after)).toEqual([...before.keys()]);
    await sync(own);
    expect(await versions(source)).toEqual(after);
    await deps.database.query(
      `update integration_products set site_id = 10 where wand_source_id = $1 and external_id = (
         select min(external_id) from integration_products where wand_source_id = $1)`,
      [sourceId],
    );
    await sync(own);
    expect(changedIn(after, await versions(source))).toHaveLength(1);
    const { rows } = await deps.database.query(
      'select distinct site_id::text as site from integration_products where wand_source_id = $1',
      [sourceId],
    );
    expect(rows).toEqual([{ site: '9' }]);
  });
});

interface Step {
  /** Products that come, by id; others are as before. */
  ids: string;
  /** Products that come and cannot be read. */
  odd?: string;
  how?: 'merge' | 'incomplete';
  mode?: Mode;
  /** Statement of another program before the run; $1 is the source. */
  foreign?: string;
}

const others = ['modifiers m', 'discounts d'];

/** What the POS has: one modifier and one discount besides the products. */
function catalogOf({ ids, odd = '' }: Step) {
  const product = (id: string, price: unknown) => ({ pathId: id, name: id, prices: { prices: [{ price }] } });
  return {
    menuItems: [...[...ids].map((id) => product(id, 1)), ...[...odd].map((id) => product(id, '$5'))],
    modifiers: [{ pathId: 'm', name: 'm' }],
    discounts: [{ id: 'd', name: 'd' }],
    error: '',
  };
}

async function take(step: Step, mode: Mode): Promise<Way> {
  const lastSynced = step.mode ?? mode;
  if (step.how === 'merge') {
    const price = (id: string) => (step.odd?.includes(id) ? '12,50' : 1);
    const products = [...step.ids, ...(step.odd ?? '')].map((id) => ({ id, name: id, price: price(id) }));
    return await source.save({ formattedData: { products } }, { lastSynced });
  }
  const end: FetchEnd = step.how === 'incomplete' ? { complete: false, reason: 'cut' } : { complete: true };
  const { connectors } = withPages(source.deps, [catalogOf(step)], end);
  return await source.sync({ lastSynced, connectors });
}

describe('the time at which an item was last seen', () => {
  const stories: [string, Step[]][] = [
    ['after whole syncs', [{ ids: 'abc' }, { ids: 'abc' }, { ids: 'cab' }, { ids: 'abcd' }, { ids: 'abcd' }]],
    [
      'after a part was merged',
      [{ ids: 'abc' }, { ids: 'abc' }, { ids: 'b', how: 'merge' }, { ids: 'ce', how: 'merge' }],
    ],
    [
      'after everything came as a merge',
      [
        { ids: 'ab', how: 'merge' },
        { ids: 'ab', how: 'merge' },
        { ids: 'a', how: 'merge' },
      ],
    ],
    [
      'after an incomplete answer',
      [{ ids: 'abc' }, { ids: 'a', how: 'incomplete' }, { ids: 'abc', how: 'incomplete' }],
    ],
    [
      'after a reject with a key',
      [{ ids: 'abc' }, { ids: 'ab', odd: 'c' }, { ids: 'ab', odd: 'cx' }, { ids: 'a', odd: 'b', how: 'merge' }],
    ],
    ['after a removal and a return', [{ ids: 'abc' }, { ids: 'ab' }, { ids: 'ab' }, { ids: 'abc' }, { ids: 'abc' }]],
    [
      'after a removal and a rejected return',
      [{ ids: 'abc' }, { ids: 'ab' }, { ids: 'ab', odd: 'c' }, { ids: 'c', how: 'merge' }],
    ],
    [
      'after the other way of keeping it and back',
      [
        { ids: 'abc', mode: 'row' },
        { ids: 'abc', mode: 'source' },
        { ids: 'abc', mode: 'source' },
        { ids: 'a', how: 'merge', mode: 'row' },
        { ids: 'ab', how: 'incomplete', mode: 'source' },
        { ids: 'abc', mode: 'row' },
        { ids: 'abcd', mode: 'source' },
        { ids: 'abcd', mode: 'row' },
      ],
    ],
    [
      'after another program wrote rows before a sync that saw some of them',
      [
        { ids: 'abc' },
        { ids: 'abc', foreign: `update integration_products set name = 'x' where wand_source_id = $1` },
        {
          ids: 'ab',
          odd: 'c',
          foreign: `update integration_products set name = 'x' where wand_source_id = $1 and external_id = 'c'`,
        },
        { ids: 'abc', foreign: `delete from integration_products where wand_source_id = $1 and external_id = 'a'` },
        {
          ids: 'a',
          how: 'merge',
          foreign: `insert into integration_products (source_id, external_id, last_synced_at, created_at)
                    values ($1, 'f', '2020-01-01 00:00:00+00', '2020-01-01')`,
        },
        { ids: 'ab', how: 'incomplete' },
        { ids: 'abcf' },
      ],
    ],
  ];
  for (const mode of ['row', 'source'] as const) {
    for (const [when, steps] of stories) {
      it(`is exact ${when} (${mode})`, async () => {
        const { deps, sourceId } = await fresh();
        const times = new Map<string, string>();
        for (const [at, step] of steps.entries()) {
          if (step.foreign !== undefined) await deps.database.query(step.foreign, [sourceId]);
          const before = new Set((await seen(source)).keys());
          const { run } = await take(step, mode);
          expect([at, run.error]).toEqual([at, null]);
          const { rows } = await deps.database.query<{ time: string }>(
            'select last_synced_at::text as time from integration_sync_state where wand_source_id = $1',
            [sourceId],
          );
          const time = rows[0]?.time ?? '';
          const met = [...step.ids].map((id) => `products ${id}`).concat(step.how === 'merge' ? [] : others);
          const odd = [...(step.odd ?? '')].map((id) => `products ${id}`).filter((key) => before.has(key));
          for (const key of [...met, ...odd]) times.set(key, time);
          const now = await seen(source);
          // Rows of other programs that no run has seen say what those wrote.
          const wanted = [...now.keys()].map((key) => [key, times.get(key) ?? '2020-01-01 00:00:00+00']);
          expect([at, [...now]]).toEqual([at, wanted]);
          expect(met.filter((key) => !now.has(key))).toEqual([]);
        }
      });
    }
  }

  it('goes along with rows that are split off, and those do not get the time or keep the owner of others', async () => {
    const own = { lastSynced: 'source' as const };
    const { sync, deps, pos, sourceId, configId } = await fresh();
    const [idle, target] = [await addQuConfig(deps, pos.url, { establishment: 'split' }), pos.catalog.menuItems];
    await setConfig(deps, { configId: idle.configId, isActive: false });
    const active = await addQuConfig(deps, pos.url, { establishment: 'split' });
    const other = { ...source, ...active };
    for (let turn = 0; turn < 2; turn++) await sync(own);
    pos.edit((catalog) => {
      catalog.menuItems = target.slice(6);
    });
    for (let turn = 0; turn < 2; turn++) await syncNow({ ...deps, ...own }, active.configId);
    await deps.database.transaction(
      (q) =>
        q.query(
          `update integration_products set source_config_id = $2
            where wand_source_id = $1 and external_id = any($3)`,
          [sourceId, idle.configId, target.slice(0, 6).map(({ pathId }) => pathId)],
        ),
      { ownWrites: true },
    );
    const before = new Map(
      [...(await seen(other)), ...(await seen(source))].filter(([key]) => key.startsWith('products')),
    );
    const theirs = await seen(other);
    const { moved } = await splitSource(deps, { sourceId, configId: idle.configId, requestedBy: 'test' });
    expect(moved.products).toBe(6);
    const after = new Map([...(await seen(source)), ...(await seen(other))]);
    for (const [key, time] of after) expect([key, time]).toEqual([key, theirs.get(key) ?? before.get(key)]);
    pos.edit((catalog) => {
      catalog.menuItems = target;
    });
    await syncNow({ ...deps, ...own }, active.configId);
    const { rows } = await deps.database.query(
      'select distinct source_config_id as config from integration_products where wand_source_id = $1',
      [active.sourceId],
    );
    expect([rows, configId === active.configId]).toEqual([[{ config: active.configId }], false]);
  });

  it('is a row’s own for what another program inserts after the last sync, whatever it says of its creation', async () => {
    const { sync, deps, sourceId } = await fresh();
    await sync({ lastSynced: 'source' });
    await deps.database.query(
      `insert into integration_discounts (source_id, external_id, created_at, content_hash)
       values ($1, 'one', '2020-01-01', '\\x00'), ($1, 'two', now(), null)`,
      [sourceId],
    );
    const times = await seen(source);
    expect([times.get('discounts one'), times.get('discounts two')]).toEqual(['', '']);
  });
});
