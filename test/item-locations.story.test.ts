// One source of several locations: what items state by location is planned, diffed, saved and read per site.
import { beforeEach, describe, expect, it } from 'vitest';
import { formattedItem } from '../src/catalog/check-item.ts';
import { itemToFormatted } from '../src/catalog/formatted-item.ts';
import type { Item, ItemLocation } from '../src/catalog/item.ts';
import type { Connector } from '../src/connectors/connector.ts';
import { connector as qu } from '../src/connectors/qu/index.ts';
import { getItem } from '../src/records/items/read-items.ts';
import { listChanges } from '../src/records/runs/read-changes.ts';
import { approveRun } from '../src/sync/approve-run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { addNode, removeNode } from '../src/sync/hierarchy/change-hierarchy.ts';
import { locateSite } from '../src/sync/hierarchy/locate-site.ts';
import { saveFormatted } from '../src/sync/save-formatted.ts';
import { addQuConfig, openEngine, syncNow } from './support/engine.ts';

let deps: Deps & { url: string };
let configId: string;
let sourceId: string;
/** What the pretend POS answers with. */
let menu: Item[];

const at = (locationId: string, values: Partial<ItemLocation> = {}): ItemLocation => ({
  locationId,
  price: null,
  currency: null,
  isAvailable: null,
  present: true,
  ...values,
});

function item(externalId: string, values: Partial<Item> = {}): Item {
  return {
    kind: 'products',
    externalId,
    pathId: null,
    name: externalId,
    itemType: null,
    modifierGroupId: null,
    modifierGroupName: null,
    discountAmount: null,
    discountPercent: null,
    price: '5',
    currency: 'USD',
    isAvailable: true,
    data: { id: externalId },
    ...values,
  };
}

/** Answers with the menu as it is: its items are what is formatted. */
const pointed: Connector = {
  ...qu,
  perLocation: true,
  async *fetch() {
    yield { body: bytesOf(JSON.stringify(menu)), meta: {} };
    return { complete: true };
  },
  async *format(body) {
    let text = '';
    for await (const piece of body) text += Buffer.from(piece).toString('utf8');
    const items = JSON.parse(text) as Item[];
    yield items.map((one) => formattedItem(one, 0));
    return { complete: true, kindsPresent: ['products', 'modifiers', 'discounts'] };
  },
};

async function* bytesOf(text: string): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(text);
}

async function sync(items: Item[], request: Parameters<typeof syncNow>[2] = {}) {
  menu = items;
  return await syncNow(deps, configId, request);
}

async function rows() {
  const found = await deps.database.query<Record<string, string | null>>(
    `select concat_ws(' ', kind, external_id, coalesce(path_id, '-'), location_id, coalesce(price::text, '-'),
            coalesce(is_available::text, '-'), present::text, coalesce(site_id::text, '-')) as line
       from integration_item_locations where wand_source_id = $1 order by 1`,
    [sourceId],
  );
  return found.rows.map(({ line }) => line);
}

async function fieldsOf(runId: string) {
  const { data } = await listChanges(deps.database, runId, { limit: 50 });
  return data.map(({ operation, external_id, fields }) => [operation, external_id, fields]);
}

beforeEach(async () => {
  deps = await openEngine();
  deps.connectors = new Map([[qu.id, pointed]]);
  ({ configId, sourceId } = await addQuConfig(deps, 'http://127.0.0.1:9'));
});

describe('items that say something by location', () => {
  it('are written, changed, removed and restored with their locations, and every change names its fields', async () => {
    const tea = item('tea', { locations: [at('L2', { price: '6.50' }), at('L1', { isAvailable: false })] });
    const ice = item('ice', { kind: 'modifiers', pathId: 'g1', locations: [at('L1', { price: '0' })] });
    const first = await sync([tea, ice, item('mug')]);
    expect(first).toMatchObject({ status: 'success', counts: { products: { created: 2 } } });
    expect(await rows()).toEqual([
      'modifiers ice g1 L1 0 - true -',
      'products tea - L1 - false true -',
      'products tea - L2 6.50 - true -',
    ]);
    const shown = { site_id: null, currency: null, present: true };
    expect((await getItem(deps.database, { externalId: 'tea' }))?.locations).toEqual([
      { location_id: 'L1', price: null, is_available: false, ...shown },
      { location_id: 'L2', price: '6.50', is_available: null, ...shown },
    ]);
    expect((await getItem(deps.database, { externalId: 'mug' }))?.locations).toEqual([]);

    // The same in another order and spelling is the same.
    const turned = { ...tea, locations: [at('L1', { isAvailable: false }), at('L2', { price: '6.5' })] };
    const same = await sync([item('mug'), ice, turned]);
    expect(same.counts).toMatchObject({ products: { unchanged: 2, updated: 0 }, modifiers: { unchanged: 1 } });

    // Through the edge contract, formatted and saved one after another, they stay as they are.
    const places = [...tea.locations!, at('L9', { present: false, currency: 'CAD' })];
    const formatted = { products: [itemToFormatted({ ...tea, locations: places })], modifiers: [itemToFormatted(ice)] };
    const save = () => saveFormatted(deps, { configId, requestedBy: 'test', formattedData: formatted });
    expect((await save()).run.counts).toMatchObject({ products: { updated: 1 }, modifiers: { unchanged: 1 } });
    expect((await save()).run.counts).toMatchObject({ products: { unchanged: 1 }, modifiers: { unchanged: 1 } });
    expect(await rows()).toContain('products tea - L9 - - false -');
    await sync([item('mug'), ice, tea]);

    const changed = { ...tea, locations: [at('L2', { price: '7' }), at('L3', { present: false })] };
    const second = await sync([changed, ice, item('mug')]);
    expect(await fieldsOf(second.id)).toEqual([
      [
        'updated',
        'tea',
        {
          'locations.L1.is_available': [false, null, 'removed'],
          'locations.L1.present': [true, null, 'removed'],
          'locations.L2.price': ['6.50', '7'],
          'locations.L3.present': [null, false, 'added'],
        },
      ],
    ]);
    expect(await rows()).toEqual([
      'modifiers ice g1 L1 0 - true -',
      'products tea - L2 7 - true -',
      'products tea - L3 - - false -',
    ]);

    const third = await sync([item('mug'), ice]);
    expect(await fieldsOf(third.id)).toEqual([
      ['removed', 'tea', { is_available: [true, false], 'locations.L2.present': [true, false] }],
    ]);
    expect((await rows()).filter((row) => row?.includes('tea'))).toEqual([
      'products tea - L2 7 - false -',
      'products tea - L3 - - false -',
    ]);
    const fourth = await sync([item('mug'), ice, changed]);
    expect(await fieldsOf(fourth.id)).toEqual([
      ['restored', 'tea', { is_available: [false, true], 'locations.L2.present': [false, true] }],
    ]);

    // An item that says nothing by location any more has no rows.
    await sync([item('mug'), ice, item('tea')]);
    expect(await rows()).toEqual(['modifiers ice g1 L1 0 - true -']);
  });

  it('wait in a plan with their fields, and are written when it is approved', async () => {
    await sync([item('tea', { locations: [at('L1', { price: '3' })] })]);
    const changed = item('tea', { locations: [at('L1', { price: '4', currency: 'USD' })] });
    const planned = await sync([changed, item('pie', { locations: [at('L9', { price: '1' })] })], { dryRun: true });
    expect(await fieldsOf(planned.id)).toEqual([
      ['created', 'pie', {}],
      ['updated', 'tea', { 'locations.L1.currency': [null, 'USD'], 'locations.L1.price': ['3', '4'] }],
    ]);
    expect(await rows()).toEqual(['products tea - L1 3 - true -']);
    const applied = await approveRun(deps, { runId: planned.id, requestedBy: 'test' });
    expect(applied.status).toBe('success');
    expect(await rows()).toEqual(['products pie - L9 1 - true -', 'products tea - L1 4 - true -']);
  });

  it('are held when the prices of their locations go to zero, and when that is all that moves', async () => {
    const priced = (price: string) =>
      Array.from({ length: 6 }, (_, n) => item(`p${n}`, { price: null, locations: [at('L1', { price })] }));
    await sync(priced('3'));
    const held = await sync(priced('0'));
    expect(held).toMatchObject({ status: 'held', counts: { products: { updated: 6 } } });
    expect((await rows()).every((row) => row?.includes(' 3 '))).toBe(true);
  });

  it('meet the winner’s locations whatever the order in which copies of a key come, and where rows were left behind', async () => {
    const copies = [
      item('tea', { locations: [at('L1', { price: '1' })] }),
      item('tea', { locations: [at('L2', { price: '2' })] }),
    ];
    await sync(copies);
    const won = await rows();
    expect(won).toHaveLength(1);
    // Another program deletes the items, and knows nothing of what stands by location.
    await deps.database.query('delete from integration_products where wand_source_id = $1', [sourceId]);
    await sync(copies.toReversed());
    expect(await rows()).toEqual(won);
    await deps.database.query('delete from integration_products where wand_source_id = $1', [sourceId]);
    await sync([item('tea')]);
    expect(await rows()).toEqual([]);
  });
});

it('views by site cover a source of one site and a source of several locations, each site and item once', async () => {
  const { database } = deps;
  const siteSource = '00000000-0000-4000-8000-00000000000a';
  const mug = '(wand_source_id, source_id, external_id, name, price, site_id, content_hash)';
  await database.query(
    `insert into integration_products ${mug} values ($1, $1, 'mug', 'mug', 2, 7, '\\x00'), ($1, $1, 'spoon', 'spoon', 1, null, '\\x00')`,
    [siteSource],
  );
  await database.query(
    `insert into integration_site_locations (wand_source_id, location_id, site_id) values ($1, 'L1', 11), ($1, 'L2', 12)`,
    [sourceId],
  );
  const ice = item('ice', { kind: 'modifiers', pathId: 'g1', locations: [at('L2', { present: false })] });
  const off = item('off', { kind: 'discounts', locations: [at('L1', { isAvailable: false })] });
  const tea = item('tea', { locations: [at('L1', { price: '6', currency: 'EUR' }), at('L2', { isAvailable: false })] });
  await sync([tea, ice, off, item('pie')]);
  expect((await rows()).filter((row) => row?.includes('tea'))).toEqual([
    'products tea - L1 6 - true 11',
    'products tea - L2 - false true 12',
  ]);
  const bySite = async (kind: string) => {
    const view = `integration_${kind}_by_site`;
    const found = await database.query<{ line: string }>(
      `select concat_ws(' ', site_id, external_id, price, currency, is_available) as line from ${view} order by 1`,
    );
    return found.rows.map(({ line }) => line);
  };
  expect(await bySite('products')).toEqual([
    '11 pie 5 USD t',
    '11 tea 6 EUR t',
    '12 pie 5 USD t',
    '12 tea 5 USD f',
    '7 mug 2',
  ]);
  expect(await bySite('modifiers')).toEqual(['11 ice 5 USD t']);
  expect(await bySite('discounts')).toEqual(['11 off 5 USD f', '12 off 5 USD t']);
  // A site that turns out to be the other location takes its prices, and nothing else is that site.
  const site = await addNode(deps, 'site', { name: 'Main Street', above: null });
  await locateSite(deps, { siteId: site.id, sourceId, locationId: 'L1' });
  await locateSite(deps, { siteId: site.id, sourceId, locationId: 'L2' });
  expect(await bySite('products')).toEqual([`${site.id} pie 5 USD t`, `${site.id} tea 5 USD f`, '7 mug 2']);
  expect((await rows()).filter((row) => row?.includes('tea'))).toEqual([
    'products tea - L1 6 - true -',
    `products tea - L2 - false true ${site.id}`,
  ]);
  await removeNode(deps, 'site', site.id);
  expect(await bySite('products')).toEqual(['7 mug 2']);
});
