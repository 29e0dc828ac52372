// The web UI in a real browser over the real server: what an operator does there, by mouse and by keyboard.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import { codeAt, password } from '../people/open-people.ts';
import { addQuConfig, syncNow } from '../support/engine.ts';
import { accessFaults, openPages, type Pages } from '../support/web/open-pages.ts';

let pages: Pages;
let pos: FakeQu;
let configId: string;
let secret = '';
const screens = join(import.meta.dirname, '..', '..', 'coverage', 'screens');

beforeAll(async () => {
  mkdirSync(screens, { recursive: true });
  pages = await openPages();
  pos = await startFakeQu({ products: 42, modifiers: 60, discounts: 5, repeated: 3 });
  ({ configId } = await addQuConfig(pages.deps, pos.url));
});
afterAll(async () => {
  await pages.close();
  await pos.stop();
});

async function runEnded(page: Page, words: string): Promise<void> {
  await page.getByText(words).first().waitFor();
}

describe('an operator', () => {
  test('comes in as the first administrator: by the link, a password, and a second factor', async () => {
    const page = await pages.open();
    await page.goto('/history');
    await page.getByRole('heading', { name: 'Sign in to tillsync' }).waitFor();
    await page.goto(pages.firstLink);
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('E-mail').fill('ada@example.com');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await page.getByText('Set up your second factor').waitFor();
    expect(await accessFaults(page)).toEqual([]);
    secret = await page.locator('code').first().innerText();
    await page.getByLabel('The first code of the app').fill(codeAt(secret, new Date()));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    expect(page.url()).toBe(`${pages.url}/`);
    pages.session = await page.context().storageState();
    await page.context().close();
  });

  test('presses Sync now, sees the run go on in its place, and reads how it ended', async () => {
    const page = await pages.open();
    await page.goto('/integrations');
    await page.getByRole('link', { name: 'QU POS' }).click();
    await page.getByText('No run yet. The first sync creates every item.').waitFor();
    await page.getByRole('button', { name: 'Sync now' }).click();
    await runEnded(page, '107 items checked, 107 changes');
    await page.getByRole('link', { name: 'Open the run' }).click();
    const changes = page.getByRole('list', { name: 'Changes' }).getByRole('listitem');
    await changes.nth(99).waitFor();
    expect(await changes.count()).toBe(100);
    await page.getByRole('button', { name: 'Show more' }).click();
    await changes.nth(106).waitFor();
    await page.context().close();
  });

  test('syncs again by keyboard only, and reads in Sync History that nothing changed', async () => {
    const page = await pages.open();
    await page.goto('/');
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type('sync qu pos');
    await page.getByRole('option', { name: 'Sync QU POS now' }).waitFor();
    await page.keyboard.press('Enter');
    await runEnded(page, 'No changes: 107 items checked');
    await page.locator('main').focus();
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.getByRole('heading', { name: 'Sync History' }).waitFor();
    await page.getByRole('link', { name: 'No changes: 107 items checked' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.context().close();
  });

  test('reads old and new price of what changed', async () => {
    pos.edit(({ menuItems }) => {
      const price = { id: 0, prices: [{ price: 99.5, priceValueId: 1 }], priceType: 1 };
      Object.assign(menuItems[0] ?? {}, { priceAttribute: price, prices: price });
    });
    const run = await syncNow(pages.deps, configId);
    const page = await pages.open();
    await page.goto(`/runs/${run.id}`);
    const change = page.getByRole('list', { name: 'Changes' }).getByRole('listitem').first();
    expect(await change.locator('.price ins').innerText()).toBe('99.50');
    expect(await change.locator('.price .delta').innerText()).toMatch(/^\+/);
    await page.context().close();
  });

  test('reads why a run failed, what it did to the data and what to do, and syncs again', async () => {
    pos.answer('401', 1);
    const run = await syncNow(pages.deps, configId);
    const page = await pages.open();
    await page.goto('/');
    await page.getByText('1 thing needs you.').waitFor();
    await page.goto(`/runs/${run.id}`);
    const problem = page.getByRole('alert');
    await problem.getByText('What to do:').waitFor();
    expect(await problem.innerText()).toContain(run.id);
    expect(await problem.innerText()).toContain(run.error?.effect);
    await page.getByRole('button', { name: 'Sync again' }).click();
    await runEnded(page, 'No changes: 107 items checked');
    await page.context().close();
  });

  test('looks at a held run and approves it by its number of changes', async () => {
    pos.answer('empty', 1);
    const run = await syncNow(pages.deps, configId);
    expect(run.status).toBe('held');
    const page = await pages.open();
    await page.goto('/');
    await page.getByRole('link', { name: 'QU POS' }).first().click();
    await page.getByRole('button', { name: 'Approve…' }).click();
    const apply = page.getByRole('button', { name: 'Apply 107 changes' });
    expect(await apply.isDisabled()).toBe(true);
    await page.getByLabel('Number of changes').fill('106');
    expect(await apply.isDisabled()).toBe(true);
    await page.getByLabel('Number of changes').fill('107');
    await apply.click();
    await runEnded(page, '0 items checked, 107 changes');
    await syncNow(pages.deps, configId);
    await page.context().close();
  });

  test('finds an item and reads what it has cost', async () => {
    const page = await pages.open();
    await page.goto('/catalog');
    const name = String(pos.catalog.menuItems[0]?.name);
    await page.getByRole('searchbox', { name: 'Search by name' }).fill(name);
    await page.getByRole('button', { name, exact: true }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('Price over time').first().waitFor();
    await drawer.getByRole('cell', { name: '99.50' }).waitFor();
    await drawer.getByRole('link', { name: /^run / }).first().waitFor();
    await page.context().close();
  });

  test('connects a POS: a test with a wrong key says so, one that works shows items, and saving keeps it', async () => {
    const page = await pages.open();
    await page.goto('/integrations');
    await page.getByRole('link', { name: 'Connect a POS' }).click();
    await page.getByLabel('Which POS?').selectOption({ label: 'QU POS' });
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('QU POS · Harbour');
    await page.getByLabel('brand').fill('acme');
    await page.getByLabel('establishment').fill('99');
    await page.getByText('optional').click();
    await page.getByLabel('base_url').fill(pos.url);
    pos.answer('401', 1);
    await page.getByRole('button', { name: 'Test connection' }).click();
    await page.getByText('The connection does not work yet. Nothing was stored.').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Test connection' }).click();
    await page.getByText('The connection works. Nothing was stored.').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'QU POS · Harbour' }).waitFor();
    await page.context().close();
  });

  test('invites a colleague, who sees only what an operator may', async () => {
    const page = await pages.open();
    await page.goto('/people');
    await page.getByRole('button', { name: 'Add a user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Grace');
    await dialog.getByLabel('E-mail').fill('grace@example.com');
    await dialog.getByRole('button', { name: 'Add a user' }).click();
    const link = await dialog.locator('.code').innerText();
    await page.context().close();
    const colleague = await pages.open({ storageState: { cookies: [], origins: [] } });
    await colleague.goto(link);
    await colleague.getByLabel('Password', { exact: true }).fill(`${password} too`);
    await colleague.keyboard.press('Enter');
    await colleague.getByRole('heading', { name: 'Home' }).waitFor();
    expect(await colleague.getByRole('navigation').getByRole('link', { name: 'Users' }).count()).toBe(0);
    await colleague.goto('/people');
    await colleague.getByText('You may not see this').waitFor();
    await colleague.getByRole('button', { name: /^Account/ }).click();
    await colleague.getByRole('menuitem', { name: 'Sign out' }).click();
    await colleague.getByRole('heading', { name: 'Sign in to tillsync' }).waitFor();
    await colleague.context().close();
  });
});

describe('the pages', () => {
  const places = [
    '/holds',
    '/catalog',
    '/catalog?search=a&item=:item',
    '/connectors',
    '/connectors/recipes/new',
    '/rejects',
    '/hierarchy',
    '/hierarchy/import',
    '/integrations/new?connector=qu',
    '/people',
    '/keys',
    '/audit',
    '/doctor',
    '/account',
    '/',
    '/integrations',
    '/integrations/:config',
    '/integrations/:config/settings',
    '/history',
    '/runs/:run',
    '/runs/:run?tab=log',
    '/nowhere',
  ];

  test.each(['light', 'dark'] as const)(
    'have no fault that axe finds in %s, nor at 320 px, and scroll in one direction only',
    async (colorScheme) => {
      const run = await syncNow(pages.deps, configId);
      const page = await pages.open({ colorScheme });
      const found: Record<string, string[]> = {};
      const item = `${run.source_id}~products~${String(pos.catalog.menuItems[0]?.pathId)}~`;
      for (const place of places) {
        const address = place.replace(':config', configId).replace(':run', run.id).replace(':item', item);
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.goto(address);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.locator('.waiting').first().waitFor({ state: 'detached' });
        for (const width of colorScheme === 'light' ? [1280, 320] : [1280]) {
          await page.setViewportSize({ width, height: 800 });
          const faults = await accessFaults(page, { colours: width > 320 });
          if (faults.length > 0) found[`${place} ${width}`] = faults;
          const isTooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
          if (isTooWide) found[`${place} ${width} is wider than the screen`] = [];
          await page.screenshot({ path: join(screens, `${place.replace(/\W+/g, '-')}-${colorScheme}-${width}.png`) });
        }
      }
      expect(found).toEqual({});
      await page.context().close();
    },
    180_000,
  );

  test('say that the server is away, and go on by themselves when it is back', async () => {
    const page = await pages.open();
    await page.goto('/');
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    const banner = page.getByText('tillsync cannot be reached. What you see may be old');
    await page.context().setOffline(true);
    await banner.waitFor({ timeout: 45_000 });
    await page.context().setOffline(false);
    await banner.waitFor({ state: 'detached', timeout: 45_000 });
    await page.context().close();
  });

  test('say in German what they say in English', async () => {
    const page = await pages.open({ locale: 'de-DE' });
    await page.goto('/history');
    await page.getByRole('heading', { name: 'Sync-Verlauf' }).waitFor();
    await page.getByText('Keine Änderungen: 107 Artikel geprüft').first().waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('de');
    await page.context().close();
  });

  test('load at most 250 kB of packed script first, and carry headers that let nothing foreign in', async () => {
    const page = await pages.open();
    let bytes = 0;
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) void response.body().then((body) => (bytes += gzipSync(body).length));
    });
    const answer = await page.goto('/');
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await page.waitForLoadState('networkidle');
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(250_000);
    const headers = answer?.headers() ?? {};
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[\w+/=]+'/,
    );
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['cache-control']).toBe('no-store');
    await page.context().close();
  });

  test('wrote nothing to the console, and their policy refused nothing', () => {
    expect(pages.complaints).toEqual([]);
  });
});
