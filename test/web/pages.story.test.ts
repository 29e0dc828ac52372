// The web UI in a real browser over the real server: what an operator does there, by mouse and by keyboard.
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import { password } from '../people/open-people.ts';
import { addQuConfig, syncNow } from '../support/engine.ts';
import { openPages, type Pages } from '../support/web/open-pages.ts';
import { signedIn } from '../support/web/sessions.ts';

let pages: Pages;
let page: Page;
let pos: FakeQu;
let configId: string;

beforeAll(async () => {
  pages = await openPages();
  pos = await startFakeQu({ products: 42, modifiers: 60, discounts: 5, repeated: 3 });
  ({ configId } = await addQuConfig(pages.deps, pos.url));
  pages.session = await signedIn(pages, { email: 'ada@example.com', name: 'Ada' });
  await syncNow(pages.deps, configId);
  page = await pages.open();
});
afterAll(async () => {
  await pages.close();
  await pos.stop();
});

async function runEnded(page: Page, words: string): Promise<void> {
  await page.getByText(words).first().waitFor();
}

describe('an operator', () => {
  test('syncs by the palette, goes by two keys, and asks for the keys that there are', async () => {
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
  });

  test('reads old and new price of what changed', async () => {
    pos.edit(({ menuItems }) => {
      const price = { id: 0, prices: [{ price: 99.5, priceValueId: 1 }], priceType: 1 };
      Object.assign(menuItems[0] ?? {}, { priceAttribute: price, prices: price });
    });
    const run = await syncNow(pages.deps, configId);
    await page.goto(`/runs/${run.id}`);
    const change = page.getByRole('list', { name: 'Changes' }).getByRole('listitem').first();
    expect(await change.locator('.price ins').innerText()).toBe('99.50');
    expect(await change.locator('.price .delta').innerText()).toMatch(/^\+/);
  });

  test('invites a colleague, who sees only what an operator may', async () => {
    await page.goto('/people');
    await page.getByRole('button', { name: 'Add a user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Grace');
    await dialog.getByLabel('E-mail').fill('grace@example.com');
    await dialog.getByRole('button', { name: 'Add a user' }).click();
    const link = await dialog.locator('.code').innerText();
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
  test('say that the server is away, and go on by themselves when it is back', async () => {
    await page.goto('/');
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    const banner = page.getByText('tillsync cannot be reached. What you see may be old');
    await page.context().setOffline(true);
    await banner.waitFor({ timeout: 45_000 });
    await page.context().setOffline(false);
    await banner.waitFor({ state: 'detached', timeout: 45_000 });
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
    const fresh = await pages.open();
    let bytes = 0;
    fresh.on('response', (response) => {
      if (response.url().endsWith('.js')) void response.body().then((body) => (bytes += gzipSync(body).length));
    });
    const answer = await fresh.goto('/');
    await fresh.getByRole('heading', { name: 'Home' }).waitFor();
    await fresh.waitForLoadState('networkidle');
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(250_000);
    const headers = answer?.headers() ?? {};
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[\w+/=]+'/,
    );
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['cache-control']).toBe('no-store');
    await fresh.context().close();
  });

  test('wrote nothing to the console, and their policy refused nothing', () => {
    expect(pages.complaints.join('\n')).toBe('');
  });
});
