// How every page looks: no fault that axe finds and no sideways scroll, in light and dark, wide and narrow, in each state; with pictures.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import { changePrices } from '../../src/connectors/qu/fake-catalog.ts';
import { addNode } from '../../src/sync/hierarchy/change-hierarchy.ts';
import { viewer } from '../people/open-people.ts';
import { addQuConfig, syncNow } from '../support/engine.ts';
import { accessFaults, openPages, type Pages, takePicture } from '../support/web/open-pages.ts';
import { follow, placesOf } from '../support/web/places.ts';
import { signedIn } from '../support/web/sessions.ts';

const screens = join(import.meta.dirname, '..', '..', 'coverage', 'screens');
const administrator = { email: 'ada@example.com', name: 'Ada Lovelace' };
const nobodyIs = '00000000-0000-7000-8000-000000000000';

let pages: Pages;
let pos: FakeQu;
let places: Record<string, string>;

beforeAll(async () => {
  mkdirSync(screens, { recursive: true });
  pages = await openPages();
  pages.session = await signedIn(pages, administrator);
  pos = await startFakeQu({ products: 42, modifiers: 60, discounts: 5, repeated: 3 });
  pos.edit(({ menuItems }) => menuItems.push({ ...menuItems[0], pathId: 'x-1', prices: { prices: 'soon' } }));
  await fill();
});
afterAll(async () => {
  await pages.close();
  await pos.stop();
});

/** Runs of every end, prices that moved, a group of restaurants. */
async function fill(): Promise<void> {
  const { deps } = pages;
  const concept = await addNode(deps, 'concept', { name: 'Noodle Bar', above: null });
  const company = await addNode(deps, 'company', { name: 'Noodle Bar North', above: concept.id });
  await addNode(deps, 'site', { name: 'Main St', above: company.id });
  await addNode(deps, 'site', { name: 'Harbour', above: company.id });
  const { configId, sourceId } = await addQuConfig(deps, pos.url);
  const run = await syncNow(deps, configId);
  pos.edit((catalog) => changePrices(catalog, 4));
  await syncNow(deps, configId);
  const other = await addQuConfig(deps, pos.url, { establishment: '18' });
  await syncNow(deps, other.configId);
  pos.answer('empty', 1);
  const held = await syncNow(deps, other.configId);
  const third = await addQuConfig(deps, pos.url, { establishment: '19' });
  pos.answer('401', 1);
  const failed = await syncNow(deps, third.configId);
  const itemId = String(pos.catalog.menuItems[0]?.pathId);
  places = placesOf({ configId, runId: run.id, failedRunId: failed.id, heldRunId: held.id, sourceId, itemId });
}

interface Look {
  state: string;
  theme: 'light' | 'dark';
  width: number;
}

const wide = { width: 1280, height: 800 };

/** Looks at a page as it stands: its faults, and a picture `page-state-theme-width.png`. */
async function look(page: Page, place: string, { state, theme, width }: Look): Promise<string[]> {
  await page.setViewportSize(width === wide.width ? wide : { width, height: 740 });
  const faults = await accessFaults(page, { colours: width > 600 });
  const isTooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
  // To its end where there is most to see: that takes ten times as long.
  const fullPage = state === 'filled' && theme === 'light' && width !== 320;
  await takePicture(page, join(screens, `${place}-${state}-${theme}-${width}.png`), { fullPage });
  return isTooWide === true ? [...faults, 'is wider than the screen'] : faults;
}

interface Round extends Omit<Look, 'width'> {
  widths: readonly number[];
  of?: Record<string, string>;
  /** Loads each page by its address; else as a link leads to it, which costs a fifth. */
  isLoaded?: boolean;
  /** Waits until a page is what the state says. */
  ready(page: Page): Promise<unknown>;
}

/** Goes to every place and looks at it in each width; what is wrong, by picture. */
async function lookAround(
  page: Page,
  { state, theme, widths, of = places, isLoaded = false, ready }: Round,
): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  let isFirst = true;
  for (const [place, address] of Object.entries(of)) {
    if (isLoaded || isFirst) await page.goto(address);
    else await follow(page, address);
    isFirst = false;
    await ready(page);
    for (const width of widths) {
      const faults = await look(page, place, { state, theme, width });
      if (faults.length > 0) found[`${place} ${width}`] = faults;
    }
    if (widths.length > 1) await page.setViewportSize(wide);
  }
  return found;
}

async function filled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('.waiting').first().waitFor({ state: 'detached' });
}

/** Every question of a page but who is signed in is answered so. */
async function answerAll(page: Page, answer: (route: Route) => Promise<void>): Promise<void> {
  await page.route(/\/api\/v1\/(?!session)/, answer);
}

// Pages that ask for nothing, or for what a state does not touch.
const without = (names: readonly string[]) =>
  Object.fromEntries(Object.entries(places).filter(([name]) => !names.includes(name) && !name.startsWith('run-')));

describe('every page has no fault', () => {
  test('filled, in light, on a wide screen and on two phones', async () => {
    const page = await pages.open({ colorScheme: 'light' });
    const widths = [1280, 390, 320];
    expect(await lookAround(page, { state: 'filled', theme: 'light', widths, ready: filled })).toEqual({});
    await page.context().close();
  }, 180_000);

  test('is answered at its address, whoever loads it there', async () => {
    const answerAt = async (address: string) => {
      const answer = await fetch(`${pages.url}${address}`, { headers: { accept: 'text/html' } });
      return [answer.status, (await answer.text()).replaceAll(/nonce="[^"]+"/g, '')];
    };
    const atHome = await answerAt('/');
    expect(atHome).toEqual([200, expect.stringContaining('id="root"')]);
    for (const address of Object.values(places)) expect(await answerAt(address), address).toEqual(atHome);
  });

  test('filled, in dark', async () => {
    const page = await pages.open({ colorScheme: 'dark' });
    expect(await lookAround(page, { state: 'filled', theme: 'dark', widths: [1280], ready: filled })).toEqual({});
    await page.context().close();
  }, 120_000);

  test('while its answers are on their way', async () => {
    const page = await pages.open({ colorScheme: 'dark' });
    await answerAll(page, () => new Promise(() => undefined));
    const ready = (on: Page) => on.locator('h1, .waiting').first().waitFor();
    const of = without(['nowhere', 'account']);
    expect(await lookAround(page, { state: 'loading', theme: 'dark', widths: [1280], of, ready })).toEqual({});
    await page.context().close();
  }, 120_000);

  test('where the server refuses', async () => {
    const page = await pages.open({ colorScheme: 'dark' });
    await answerAll(page, (route) =>
      route.fulfill({ status: 409, contentType: 'application/problem+json', body: problem }),
    );
    const ready = (on: Page) => on.getByRole('alert').first().waitFor();
    const of = without(['nowhere']);
    expect(await lookAround(page, { state: 'error', theme: 'dark', widths: [1280], of, ready })).toEqual({});
    await page.context().close();
  }, 120_000);

  test('where the server is away', async () => {
    const page = await pages.open({ colorScheme: 'light' });
    await answerAll(page, (route) => route.abort('internetdisconnected'));
    const ready = (on: Page) => on.locator('#page').getByText('tillsync cannot be reached').first().waitFor();
    const of = without(['nowhere', 'account']);
    expect(await lookAround(page, { state: 'offline', theme: 'light', widths: [1280], of, ready })).toEqual({});
    await page.context().close();
  }, 120_000);

  test('for somebody who may only look', async () => {
    const storageState = await signedIn(pages, { email: 'grace@example.com', name: 'Grace Hopper', roles: [viewer] });
    const page = await pages.open({ colorScheme: 'light', storageState });
    const of = without([]);
    expect(await lookAround(page, { state: 'viewer', theme: 'light', widths: [1280], of, ready: filled })).toEqual({});
    for (const place of ['people', 'keys', 'audit', 'doctor']) {
      await follow(page, places[place] ?? '');
      await page.getByText('You may not see this').waitFor();
    }
    await follow(page, '/integrations');
    await page.getByRole('link', { name: 'QU POS' }).first().waitFor();
    expect(await page.getByRole('button', { name: /Sync now/ }).count()).toBe(0);
    await page.context().close();
  }, 120_000);
});

const problem = JSON.stringify({
  type: 'about:blank',
  title: 'Conflict',
  status: 409,
  detail: 'The database does not answer.',
  instance: `urn:uuid:${nobodyIs}`,
  code: 'database_unreachable',
  step: 'sync',
  effect: 'Nothing was changed.',
  hint: 'Start PostgreSQL, then try again.',
  retry: 'later',
});

describe('a fresh installation', () => {
  let fresh: Pages;
  beforeAll(async () => {
    fresh = await openPages();
  });
  afterAll(() => fresh.close());

  test('says on every page what comes first', async () => {
    const outside = await fresh.open();
    const doors = { 'sign-in': '/', link: fresh.firstLink, 'link-used': '/link#nothing' };
    const door = (on: Page) => on.getByRole('heading', { level: 1 }).waitFor();
    const widths = [1280, 320];
    const atTheDoor: Round = { state: 'fresh', theme: 'light', widths, of: doors, isLoaded: true, ready: door };
    expect(await lookAround(outside, atTheDoor)).toEqual({});
    await outside.context().close();
    fresh.session = await signedIn(fresh, administrator);
    const page = await fresh.open({ colorScheme: 'light' });
    const none = placesOf({
      configId: nobodyIs,
      runId: nobodyIs,
      failedRunId: '',
      heldRunId: '',
      sourceId: '',
      itemId: '',
    });
    const of = Object.fromEntries(Object.entries(none).filter(([name]) => !/^run-|^item|nowhere/.test(name)));
    expect(await lookAround(page, { state: 'empty', theme: 'light', widths: [1280], of, ready: filled })).toEqual({});
    for (const [address, words] of [
      ['/', 'Connect your first POS'],
      ['/integrations', 'Connect your first POS'],
      ['/history', 'No run yet.'],
      ['/holds', 'Nothing is held.'],
      ['/catalog', 'No item yet.'],
      ['/hierarchy', 'No concept, company or site yet.'],
      ['/keys', 'No API key yet.'],
    ]) {
      await follow(page, address ?? '');
      await page
        .getByText(words ?? '')
        .first()
        .waitFor();
    }
    expect(fresh.complaints.join('\n')).toBe('');
  }, 120_000);
});

test('no page wrote to the console, and the policy refused nothing', () => {
  expect(pages.complaints.join('\n')).toBe('');
});
