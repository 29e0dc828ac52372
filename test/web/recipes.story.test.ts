// Building a recipe in the browser, from an example to a sync, and reading by reason what could not be saved.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFakePos } from '../../src/connectors/fake-pos.ts';
import { readRecipe } from '../../src/records/recipes/stored-recipes.ts';
import { storeRecipe } from '../../src/sync/recipes/store-recipe.ts';
import { syncNow } from '../support/engine.ts';
import { accessFaults, openPages, type Pages, takePicture } from '../support/web/open-pages.ts';
import { follow } from '../support/web/places.ts';
import { signedIn } from '../support/web/sessions.ts';

const root = join(import.meta.dirname, '..', '..');
const screens = join(root, 'coverage', 'screens');
const menu = JSON.parse(readFileSync(join(root, 'examples/recipes/small-menu/menu.json'), 'utf8'));

let pages: Pages;
let pos: Awaited<ReturnType<typeof startFakePos>>;
let page: Page;
let configId = '';

beforeAll(async () => {
  mkdirSync(screens, { recursive: true });
  pages = await openPages();
  pos = await startFakePos({
    handle: ({ url, headers }) => {
      if (headers['x-api-key'] !== 'till-key') return { status: 401, body: {} };
      return url.pathname === '/stores/12/menu' ? { status: 200, body: menu } : { status: 404, body: {} };
    },
    refusal: () => ({ status: 429, headers: { 'retry-after': '1' } }),
  });
  pages.session = await signedIn(pages, { email: 'ada@example.com', name: 'Ada' });
  page = await pages.open();
});
afterAll(async () => {
  await pages.close();
  await pos.stop();
});

const editorOf = (page: Page) => page.getByRole('textbox', { name: 'Recipe (YAML or JSON)' });
const previewOf = (page: Page) => page.getByRole('region', { name: 'Preview' });

/** Replaces a part of the text in the editor. */
async function edit(page: Page, from: string, to: string): Promise<void> {
  const text = await editorOf(page).inputValue();
  expect(text).toContain(from);
  await editorOf(page).fill(text.replace(from, to));
}

describe('who builds a recipe', () => {
  test('starts from an example, breaks it, is told the line, mends it, and sees the preview follow', async () => {
    await page.goto('/connectors');
    await page.getByRole('link', { name: 'New recipe' }).click();
    const preview = previewOf(page);
    await preview.getByRole('cell', { name: '12.90 USD' }).waitFor();
    expect(await preview.getByRole('row', { name: /^products/ }).innerText()).toMatch(/products\s+4\s+0\s+0\s+1\s+0/);
    await preview.getByText('categories[].dishes[].calories').waitFor();
    await takePicture(page, join(screens, 'recipe-new-light-1280.png'), { fullPage: true });

    await edit(page, 'key: id', 'kee: id');
    const faults = page.getByRole('list', { name: /fault/ });
    await faults.getByText('requests[0].products.kee').waitFor();
    await preview.getByText('The preview goes on when the recipe has no fault.').waitFor();
    await preview.getByRole('cell', { name: '12.90 USD' }).waitFor();
    await takePicture(page, join(screens, 'recipe-fault-light-1280.png'), { fullPage: true });
    await faults.getByRole('button', { name: /products\.kee/ }).click();
    const chosen = await editorOf(page).evaluate(
      (field: { value: string; selectionStart: number; selectionEnd: number }) =>
        field.value.slice(field.selectionStart, field.selectionEnd),
    );
    expect(chosen).toBe('      kee: id');

    await edit(page, 'kee: id', 'key: id');
    await page.getByText('No fault.').waitFor();
    await edit(page, '      skip_when: draft\n', '');
    await preview.getByRole('cell', { name: 'Seasonal soda' }).waitFor();
    await edit(page, 'price: { path: cents,', 'price: { path: calories,');
    await preview.getByRole('cell', { name: '6.40 USD' }).waitFor();
    await edit(page, 'price: { path: calories,', 'price: { path: cents,');
    await edit(page, 'id: small-menu\ntitle: Small menu', 'id: corner-cafe\ntitle: Corner Café');
    await page.reload();
    await preview.getByRole('cell', { name: 'Seasonal soda' }).waitFor();
    await page.getByText('No fault.').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'Corner Café' }).waitFor();
    expect(page.url()).toBe(`${pages.url}/connectors/recipes/corner-cafe`);
    expect((await readRecipe(pages.deps.database, 'corner-cafe'))?.version).toBe(1);
  });

  test('connects a POS with it, syncs, and tries the next version on the answer that was stored', async () => {
    await page.goto('/connectors/recipes/corner-cafe');
    await page.getByRole('link', { name: 'Use it' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Corner Café · Harbour');
    await page.getByLabel('store').fill('12');
    await page.getByLabel('api_key').first().fill('till-key');
    await page.getByText('optional').click();
    await page.getByLabel('base_url').fill(pos.url);
    await page.getByRole('button', { name: 'Test connection' }).click();
    await page.getByText('The connection works. Nothing was stored.').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'Corner Café · Harbour' }).waitFor();
    configId = page.url().split('/').at(-1) ?? '';
    await page.getByRole('button', { name: 'Sync now' }).click();
    await page.getByText('7 items checked, 7 changes').first().waitFor();

    const asked = pos.requests.length;
    await page.goto('/connectors/recipes/corner-cafe');
    const preview = previewOf(page);
    await preview.getByRole('cell', { name: 'Cold brew' }).waitFor();
    expect(await preview.getByRole('combobox', { name: 'Integration' }).inputValue()).toBe(configId);
    await edit(page, 'category: $category.name', 'category: $category.name\n        item_type: $category.name');
    await preview.getByRole('cell', { name: 'Drinks' }).first().waitFor();
    expect(pos.requests.length).toBe(asked);
    await editorOf(page).press('Control+s');
    await page.getByText('Saved as version 2.').waitFor();
  });

  test('does not undo what somebody else saved meanwhile, and does not delete what is in use', async () => {
    await page.goto('/connectors/recipes/corner-cafe');
    await page.getByText('No fault.').waitFor();
    const stored = await readRecipe(pages.deps.database, 'corner-cafe');
    await storeRecipe(pages.deps, `${stored?.recipe}# of Grace\n`, { by: 'user:grace@example.com' });
    await edit(page, 'title: Corner Café', 'title: Mine');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('user:grace@example.com changed the recipe corner-cafe meanwhile').waitFor();
    await page.getByRole('button', { name: 'Open the newer text' }).click();
    await page.getByText('Saved.', { exact: true }).waitFor();
    expect(await editorOf(page).inputValue()).toContain('# of Grace');
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('button', { name: 'Delete recipe' }).click();
    await page.getByText('in use by "Corner Café · Harbour"').waitFor();
  });

  test('indents by Tab, and leaves the editor by Esc and Tab', async () => {
    await page.goto('/connectors/recipes/new');
    const editor = editorOf(page);
    await editor.fill('a:');
    await editor.press('End');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('b: 1');
    await page.keyboard.press('Enter');
    await page.keyboard.type('c: 2');
    expect(await editor.inputValue()).toBe('a:\n  b: 1\n  c: 2');
    await page.keyboard.press('Shift+Tab');
    expect(await editor.inputValue()).toBe('a:\n  b: 1\nc: 2');
    await page.keyboard.press('Control+z');
    expect(await editor.inputValue()).toBe('a:\n  b: 1\n  c: 2');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    expect(await editor.evaluate('document.activeElement.tagName')).not.toBe('TEXTAREA');
  });
});

describe('who looks for what could not be saved', () => {
  test('is told on Home, reads the reason, the fix and the raw value, and comes to the run', async () => {
    menu.categories[1].dishes.push({ name: 'Nameless soda', cents: 300 }, { id: 'd-9', name: 'Odd', cents: '3 for 2' });
    const run = await syncNow(pages.deps, configId);
    expect(run.status).toBe('partial');
    await page.goto('/');
    await page.getByRole('link', { name: '2 items could not be saved' }).click();
    await page.getByText('2 items for 2 reasons.').waitFor();
    const group = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /^1\s*No id/ }) });
    await group.getByRole('button', { name: /No id/ }).click();
    expect(page.url()).toContain('group=products.missing_external_id');
    await group.getByText('Give the item an id in the POS.').waitFor();
    await group.getByText('As the POS sent it').click();
    await group.getByText('"name": "Nameless soda"').waitFor();
    await takePicture(page, join(screens, 'rejects-open-light-1280.png'), { fullPage: true });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download as CSV' }).click(),
    ]);
    const csv = readFileSync(await download.path(), 'utf8');
    expect(csv).toContain('Nameless soda');
    await group.getByRole('link', { name: /^Run/ }).click();
    await page.getByText('Rejects of this integration over all runs').click();
    expect(page.url()).toContain(`config=${configId}`);
  });

  test('sees what is gone by its filter, and that nothing is wrong any more', async () => {
    menu.categories[1].dishes.splice(-2);
    expect((await syncNow(pages.deps, configId)).status).toBe('success');
    await page.goto('/rejects');
    await page.getByRole('heading', { name: 'Nothing is rejected.' }).waitFor();
    await page.getByRole('combobox', { name: 'Which' }).selectOption({ label: 'Gone' });
    await page.getByRole('button', { name: /No id/ }).waitFor();
    expect(page.url()).toContain('state=gone');
  });
});

describe('the pages', () => {
  const places = [
    '/rejects?state=all&group=products.missing_external_id',
    '/connectors/recipes/new?from=loyverse',
    '/connectors/recipes/corner-cafe',
    '/connectors',
    '/',
  ];

  test.each(['light', 'dark'] as const)(
    'have no fault that axe finds in %s, and fit a phone',
    async (colorScheme) => {
      menu.categories[1].dishes.push({ name: 'Nameless soda', cents: 300 });
      await syncNow(pages.deps, configId);
      const page = await pages.open({ colorScheme });
      const found: Record<string, string[]> = {};
      await page.goto('/account');
      for (const place of places) {
        await page.setViewportSize({ width: 1280, height: 800 });
        await follow(page, place);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        await page.locator('.waiting').first().waitFor({ state: 'detached' });
        for (const width of [1280, 390, 320]) {
          await page.setViewportSize({ width, height: 800 });
          const faults = await accessFaults(page, { colours: width > 320 });
          if (faults.length > 0) found[`${place} ${width}`] = faults;
          const isTooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
          if (isTooWide) found[`${place} ${width} is wider than the screen`] = [];
          const name = `mine${place.replace(/\W+/g, '-')}-${colorScheme}-${width}.png`;
          await takePicture(page, join(screens, name), { fullPage: true });
        }
      }
      expect(found).toEqual({});
      await page.context().close();
    },
    180_000,
  );

  test('wrote nothing to the console, and their policy refused nothing', () => {
    expect(pages.complaints.join('\n')).toBe('');
  });
});
