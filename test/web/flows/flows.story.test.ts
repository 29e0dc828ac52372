// The main flows of an operator, each by mouse, by keyboard alone, and by finger on 320 pixels: the same story three times.
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type FakeQu, startFakeQu } from '../../../src/connectors/qu/fake.ts';
import { changePrices } from '../../../src/connectors/qu/fake-catalog.ts';
import { sourceLockKey } from '../../../src/records/sources/lock-source.ts';
import { codeAt, password } from '../../people/open-people.ts';
import { type Gate, holdLock, startGate } from '../../support/web/gate.ts';
import { openPages, type Pages } from '../../support/web/open-pages.ts';
import { type Hand, handOf, type Way, ways } from './hand.ts';

const screens = join(import.meta.dirname, '../../../coverage/screens');
const integration = 'QU POS · Main St';

// As JSON, which is YAML too: one line, whatever the editor makes of line breaks.
const recipe = JSON.stringify({
  recipe: 1,
  id: 'corner-till',
  title: 'Corner till',
  params: { store: { description: 'Number of the store.' } },
  identity: ['store'],
  removal: 'absence',
  requests: [
    {
      path: '/stores/{store}/menu',
      products: {
        each: [{ path: 'categories' }, { path: 'dishes' }],
        key: 'id',
        fields: { name: 'name', price: { path: 'cents', unit: 'minor', currency: 'EUR' } },
      },
    },
  ],
});

describe.each(Object.keys(ways) as Way[])('an operator with a %s', (way) => {
  let pages: Pages;
  let pos: FakeQu;
  let gate: Gate;
  let page: Page;
  let hand: Hand;
  let product: string;

  beforeAll(async () => {
    pages = await openPages();
    pos = await startFakeQu({ products: 425, modifiers: 685, discounts: 10 });
    gate = await startGate(pos);
    product = String(pos.catalog.menuItems[0]?.name);
    page = await pages.open({ ...ways[way], storageState: { cookies: [], origins: [] } });
    hand = handOf(way, page);
  });
  afterAll(async () => {
    await pages.close();
    await gate.stop();
    await pos.stop();
  });

  /** What stops a run until it is opened. */
  const locks: (() => Promise<void>)[] = [];
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail')
      await page.screenshot({ path: join(screens, `flows-${way}-fail.png`), fullPage: true });
    gate.open();
    for (const free of locks.splice(0)) await free();
  });
  async function lock(statement: string, values: unknown[] = []): Promise<() => Promise<void>> {
    const free = await holdLock(pages.deps.database, statement, values);
    locks.push(free);
    return free;
  }

  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const heading = (name: string) => page.getByRole('heading', { name, exact: true });
  const said = (words: string) => page.getByText(words).first();
  async function goTo(name: string): Promise<void> {
    const navigation = page.getByRole('navigation', { name: 'Pages' });
    const link = navigation.getByRole('link', { name });
    // At the foot of a phone only the first pages stand open.
    if (!(await link.isVisible())) await hand.press(navigation.getByRole('button', { name: 'More' }));
    await hand.press(link);
    await heading(name).waitFor();
  }
  async function openIntegration(): Promise<void> {
    await goTo('Integration Access');
    await hand.press(page.getByRole('link', { name: integration }));
    await heading(integration).waitFor();
  }
  /** Presses Sync now on the page of the integration, and waits for the words of its end. */
  async function sync(end: string): Promise<void> {
    await openIntegration();
    await hand.press(button(/^Sync now/));
    await page.locator('.ended').getByText(end, { exact: true }).waitFor();
  }
  const step = (on: Page, state: 'done' | 'now'): Locator => on.locator(`.step.${state}`);
  const rows = async (sql: string) => (await pages.deps.database.query(sql)).rows;

  test('comes in as the first administrator: by a link that works once, and a second factor', async () => {
    await page.goto(pages.firstLink);
    await hand.type(page.getByLabel('Name'), 'Ada');
    await hand.type(page.getByLabel('E-mail'), 'ada@example.com');
    await hand.type(page.getByLabel('Password', { exact: true }), password);
    await hand.press(button('Choose and sign in'));
    await heading('Set up your second factor').waitFor();
    const secret = await page.locator('code').first().innerText();
    await hand.type(page.getByLabel('The first code of the app'), codeAt(secret, new Date()));
    await hand.press(button('Confirm the code'));
    await hand.press(button('I have kept it'));
    await heading('Home').waitFor();
  });

  test('fills in the wizard; the test of a wrong key names the step and its fix, and nothing is saved', async () => {
    await hand.press(page.getByRole('link', { name: 'Connect a POS' }));
    await hand.choose(page.getByLabel('Which POS?'), 'QU POS');
    await hand.type(page.getByRole('textbox', { name: 'Name', exact: true }), integration);
    await hand.type(page.getByLabel('brand'), 'acme');
    await hand.type(page.getByLabel('establishment'), '17');
    await hand.choose(page.getByLabel('auth'), 'api_key');
    await hand.type(page.getByLabel('base_url'), gate.url);
    await hand.type(page.getByLabel('Api key api_key'), 'a wrong key');
    pos.answer('401', 1);
    await hand.press(button('Test connection'));
    await said('The connection does not work yet. Nothing was stored.').waitFor();
    const failing = page.locator('.checks li').filter({ has: page.locator('.ink-red') });
    expect(await failing.locator('strong').innerText()).toBe('Login');
    expect(await failing.locator('.under').innerText()).toMatch(/key|secret|credential/i);
    expect(await rows('select 1 from integration_source_configs')).toEqual([]);
  });

  test('mends the key, sees items of the POS, and saves', async () => {
    await hand.type(page.getByLabel('Api key api_key'), 'the right key');
    await hand.press(button('Test connection'));
    await said('The connection works. Nothing was stored.').waitFor();
    await page.getByRole('rowheader', { name: product }).waitFor();
    await hand.press(button('Save'));
    await heading(integration).waitFor();
    await sync('1,120 items checked, 1,120 changes');
  });

  test('presses Sync now and sees its steps, also after a reload and in a second tab', async () => {
    pos.edit((catalog) => changePrices(catalog, 1));
    gate.close();
    await openIntegration();
    await hand.press(button(/^Sync now/));
    await step(page, 'now').getByText('Fetch').waitFor();
    const [source] = await rows('select id from wand_integration_sources');
    const plan = await lock(`select pg_advisory_xact_lock(${sourceLockKey('$1')})`, [source?.id]);
    gate.open();
    await step(page, 'now').getByText('Plan').waitFor();
    const save = await lock('lock table integration_products in share mode');
    await plan();
    await step(page, 'now').getByText('Save').waitFor();
    await page.reload();
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    for (const each of [page, tab]) {
      await step(each, 'now').getByText('Save').waitFor();
      expect((await step(each, 'done').allInnerTexts()).map((text) => text.split(/[,\n]/)[0])).toEqual([
        'Fetch',
        'Format',
        'Plan',
      ]);
    }
    await save();
    for (const each of [page, tab])
      await each.locator('.ended, .runs').getByText('1,120 items checked, 1 change').first().waitFor();
    await tab.close();
  });

  test('cancels a run', async () => {
    gate.close();
    await openIntegration();
    await hand.press(button(/^Sync now/));
    await hand.press(button('Cancel this run'));
    await page.locator('.ended').getByText('CANCELLED', { exact: true }).waitFor();
  });

  test('syncs again and reads in Sync History: no changes, 1,120 items checked', async () => {
    await sync('No changes: 1,120 items checked');
    await goTo('Sync History');
    await page.getByRole('link', { name: 'No changes: 1,120 items checked' }).first().waitFor();
  });

  test('reads why a run failed, what it did to the data and what to do, and syncs again', async () => {
    pos.answer('401', 1);
    await sync('FAILED');
    await hand.press(page.getByRole('link', { name: 'Open the run' }));
    const problem = page.getByRole('alert');
    await problem.getByText('What to do:').waitFor();
    expect(await problem.innerText()).toContain(page.url().split('/').at(-1));
    expect(await problem.innerText()).toContain('Your catalog was not changed');
    await hand.press(button('Sync again'));
    await page.locator('.receipt').getByText('No changes: 1,120 items checked').waitFor();
  });

  test('discards a held run', async () => {
    pos.answer('empty', 1);
    await sync('HELD');
    await goTo('Home');
    await hand.press(page.locator('.need-held').getByRole('link', { name: integration }));
    await hand.press(button('Discard'));
    await hand.press(page.getByRole('dialog').getByRole('button', { name: 'Discard' }));
    await said('This plan was discarded.').waitFor();
  });

  test('approves a held run by typing its number of changes, and no other number', async () => {
    pos.answer('empty', 1);
    await sync('HELD');
    await goTo('Held runs');
    await hand.press(button('Approve…'));
    await hand.close(page.getByRole('dialog'));
    await hand.press(button('Approve…'));
    const number = page.getByLabel('Number of changes');
    const apply = button('Apply 1,120 changes');
    await hand.type(number, '1119');
    expect(await apply.isDisabled()).toBe(true);
    await hand.type(number, '1120');
    await hand.press(apply);
    await page.locator('.receipt').getByText('0 items checked, 1,120 changes').waitFor();
    await sync('1,120 items checked, 1,120 changes');
  });

  test('finds an item and reads its price over time, as a line and as a table', async () => {
    await goTo('Catalog');
    await hand.type(page.getByRole('searchbox', { name: 'Search by name' }), product);
    await hand.press(page.getByRole('button', { name: product, exact: true }));
    const drawer = page.getByRole('dialog');
    await drawer.getByText('Price over time').first().waitFor();
    expect(await drawer.locator('svg .price-point').count()).toBe(2);
    const prices = await drawer.getByRole('table', { name: 'Price over time' }).getByRole('cell').allInnerTexts();
    expect(prices.map(Number).reduce((now, before) => Math.round((now - before) * 100) / 100)).toBe(0.1);
    await hand.press(drawer.locator('summary').filter({ hasText: 'As the POS gave it' }));
    await drawer.getByText('"pathId"').first().waitFor();
    await hand.close(drawer);
  });

  test('builds a recipe with its preview beside it, and saves it as a connector', async () => {
    await goTo('Connectors');
    await hand.press(page.getByRole('link', { name: 'New recipe' }));
    const preview = page.getByRole('region', { name: 'Preview' });
    await preview.getByRole('cell', { name: '12.90 USD' }).waitFor();
    const editor = page.getByRole('textbox', { name: 'Recipe (YAML or JSON)' });
    await hand.type(editor, recipe);
    await preview.getByRole('cell', { name: '12.90 EUR' }).waitFor();
    await page.getByText('No fault.').waitFor();
    await hand.press(page.getByRole('button', { name: 'Save', exact: true }));
    await heading('Corner till').waitFor();
    await goTo('Connectors');
    await page.getByRole('cell', { name: 'Corner till' }).first().waitFor();
  });

  test('leaves nothing in the console, and the policy refused nothing', () => {
    expect(pages.complaints.join('\n')).toBe('');
  });
});
