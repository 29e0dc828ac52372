// One run in every detail, what is taken along, the tree of the catalog, why an item is so, and adoption, in a real browser.
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import type { Run } from '../../src/records/runs/run.ts';
import { requestRetryOf } from '../../src/sync/requests/redo-run.ts';
import { runSync } from '../../src/sync/run-sync.ts';
import { saveFormatted } from '../../src/sync/save-formatted.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { addQuConfig, syncNow } from '../support/engine.ts';
import { accessFaults, openPages, type Pages, takePicture } from '../support/web/open-pages.ts';
import { follow } from '../support/web/places.ts';
import { signedIn } from '../support/web/sessions.ts';

let pages: Pages;
let pos: FakeQu;
let page: Page;
let first: Run;
let changing: Run;
let failed: Run;
let retried: Run;
let treeSource: string;
const screens = join(import.meta.dirname, '..', '..', 'coverage', 'screens');

// A till that says where its options hang: item / group / option, and an option with a group of its own.
async function fillTree(): Promise<string> {
  const config = await addConfig(pages.deps, {
    connectorId: 'file',
    name: 'Corner Till',
    params: { name: 'Corner Till' },
    secrets: {},
  });
  const option = (pathId: string, price: number) => {
    const [id = '', group = ''] = pathId.split('/').reverse();
    return { id, pathId, name: `Option ${id}`, modifierGroupId: group, category: `Group ${group}`, price };
  };
  await saveFormatted(pages.deps, {
    configId: config.id,
    requestedBy: 'test',
    formattedData: {
      products: [
        { id: 'burger', name: 'Burger', price: 9.5 },
        { id: 'soup', name: 'Soup', price: 4 },
      ],
      modifiers: [
        option('burger/extras/cheese', 1.2),
        option('burger/extras/bacon', 2),
        option('burger/extras/bacon/kind/smoked', 0.5),
      ],
    },
  });
  return config.source_id ?? '';
}

beforeAll(async () => {
  mkdirSync(screens, { recursive: true });
  pages = await openPages();
  pos = await startFakeQu({ products: 12, modifiers: 8, discounts: 2, repeated: 2 });
  const { configId } = await addQuConfig(pages.deps, pos.url, { currency: 'USD' });
  first = await syncNow(pages.deps, configId);
  pos.edit(({ menuItems }) => {
    const price = { id: 0, prices: [{ price: 99.5, priceValueId: 1 }], priceType: 1 };
    Object.assign(menuItems[0] ?? {}, { priceAttribute: { ...price, prices: [{ price: 90 }] }, prices: price });
    Object.assign(menuItems[1] ?? {}, { name: 'A new name' });
  });
  changing = await syncNow(pages.deps, configId);
  pos.answer('401', 1);
  failed = await syncNow(pages.deps, configId);
  const { run } = await requestRetryOf(pages.deps, { runId: failed.id, requestedBy: 'test' });
  retried = await runSync(pages.deps, run.id);
  treeSource = await fillTree();
  pages.session = await signedIn(pages, { email: 'ada@example.com', name: 'Ada' });
  page = await pages.open({ acceptDownloads: true });
});
afterAll(async () => {
  await pages.close();
  await pos.stop();
});

async function downloaded(name: string): Promise<string> {
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name }).click();
  return await readFile(await (await coming).path(), 'utf8');
}

describe('somebody who takes things along', () => {
  test('exports Sync History as it is filtered', async () => {
    await page.goto('/history?status=failed');
    await page
      .getByRole('link', { name: /refuses|token|401|credential/i })
      .first()
      .waitFor();
    const rows = (await downloaded('CSV, for spreadsheets')).trim().split('\r\n');
    expect(rows).toHaveLength(2);
    expect(rows[1]?.startsWith(failed.id)).toBe(true);
  });

  test('filters the changes of a run, and exports those', async () => {
    await page.goto(`/runs/${changing.id}`);
    const changes = page.getByRole('list', { name: 'Changes' }).getByRole('listitem');
    await changes.nth(1).waitFor();
    await page.getByLabel('Field').selectOption('price');
    await changes.nth(1).waitFor({ state: 'detached' });
    await changes.first().locator('.price').waitFor();
    expect(await changes.count()).toBe(1);
    const lines = (await downloaded('NDJSON, for programs')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).fields.price[1])).toEqual(['99.5']);
    await page.getByLabel('What happened').selectOption('removed');
    await page.getByText('No change of this run matches the filter.').waitFor();
  });
});

describe('a run in detail', () => {
  test('shows the settings that it used, and who set them', async () => {
    await page.goto(`/runs/${first.id}?tab=settings`);
    const row = page.getByRole('row', { name: /currency/ });
    expect(await row.innerText()).toMatch(/USD\s+QU POS/);
    await page.getByText('removed_share').waitFor();
    await pages.deps.database.query('update integration_sync_history set settings = null where id = $1', [failed.id]);
    await page.goto(`/runs/${failed.id}?tab=settings`);
    await page.getByText('The settings of this run are not kept.').waitFor();
  });

  test('shows its tries, each with a link, and what the POS answered', async () => {
    await page.goto(`/runs/${failed.id}?tab=facts`);
    const attempts = page.getByRole('region', { name: 'Attempts' });
    await attempts.getByText('Attempt 1, this run').waitFor();
    await attempts.getByRole('link', { name: /^Attempt 2/ }).click();
    await page.waitForURL(`**/runs/${retried.id}*`);
    await page.goto(`/runs/${first.id}?tab=facts`);
    await page.getByRole('button', { name: 'Look at page 0' }).click();
    await page.getByText('"menuItems"').waitFor();
    const coming = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download page 0' }).click();
    const whole = JSON.parse(await readFile(await (await coming).path(), 'utf8'));
    expect(whole.discounts).toHaveLength(2);
  });

  test('leads to the runs before and after it by keys, and to a line of its log', async () => {
    await page.goto(`/runs/${changing.id}`);
    await page.getByRole('link', { name: 'Older run' }).waitFor();
    await page.locator('main').focus();
    await page.keyboard.press('j');
    await page.waitForURL(`**/runs/${first.id}*`);
    await page.getByRole('link', { name: 'Newer run' }).waitFor();
    await page.keyboard.press('k');
    await page.waitForURL(`**/runs/${changing.id}*`);
    await page.goto(`/runs/${changing.id}?tab=log#line-2`);
    await page.locator('#line-2.is-linked').waitFor();
    await page.getByLabel('Step').selectOption('save');
    await page.locator('#line-2').waitFor({ state: 'detached' });
  });

  test('names repeated keys with a way to the item that was kept', async () => {
    await page.goto(`/runs/${first.id}?tab=duplicates`);
    await page.getByRole('table', { name: 'Duplicates' }).getByRole('link').first().click();
    await page.getByRole('dialog').getByText('As the POS gave it').waitFor();
  });
});

describe('the catalog', () => {
  test('shows which options hang where, as deep as the POS nests them', async () => {
    await page.goto(`/catalog?view=tree&source=${treeSource}`);
    await page.getByText('Burger', { exact: true }).click();
    await page.getByText('Group extras').first().waitFor();
    const bacon = page.locator('li', { hasText: 'Option bacon' }).last();
    await bacon.getByText('Option smoked').waitFor();
    await page.getByText('Soup', { exact: true }).click();
    await page.getByText('No option hangs here.').waitFor();
  });

  test('says it where a POS does not tell what hangs where, and shows its groups', async () => {
    await page.goto(`/catalog?view=tree&source=${first.source_id}`);
    await page.getByText('This POS does not say which product has which options.').waitFor();
    await page.locator('.tree summary').first().click();
    await page.locator('.tree .option').first().waitFor();
  });

  test('explains an item: which runs, which answer, which settings, and the prices that the POS names', async () => {
    const id = String(pos.catalog.menuItems[0]?.pathId);
    await page.goto(`/catalog?item=${encodeURIComponent(`${first.source_id}~products~${id}~`)}`);
    const why = page.getByRole('dialog').getByRole('region', { name: 'Why it is so' });
    const fact = (name: string) => why.locator('.fact', { hasText: name });
    expect(await fact('Price set by').getByRole('link').getAttribute('href')).toBe(`/runs/${changing.id}`);
    expect(await fact('Came with').getByRole('link').getAttribute('href')).toBe(`/runs/${first.id}`);
    await why.getByText('currency').waitFor();
    await why.getByText('Its only page:').waitFor();
    const named = await why.locator('.prices-named').innerText();
    expect(named).toMatch(/prices\.prices\[0\]\.price\s+99\.5/);
    expect(named).toMatch(/priceAttribute\.prices\[0\]\.price\s+90/);
    await page.getByRole('dialog').getByLabel('Field').selectOption('price');
    expect(await page.getByRole('dialog').locator('.timeline > li').count()).toBe(1);
  });

  test('finds items by their id and by whether they are there', async () => {
    await page.goto('/catalog?id=burger');
    await page.getByRole('button', { name: 'Burger' }).waitFor();
    await page.getByLabel('State').selectOption('true');
    await page.getByText('No item matches this filter.').waitFor();
  });
});

describe('the schema doctor', () => {
  test('says what adoption would do, or that there is nothing to adopt', async () => {
    await page.goto('/doctor');
    const adoption = page.getByRole('region', { name: 'Adoption of an original database' });
    await adoption.getByText('Nothing to adopt: these tables are tillsync’s own.').waitFor();
    await adoption.getByText('No migration waits').waitFor();
  });
});

describe('these pages', () => {
  test.each(['light', 'dark'] as const)(
    'have no fault that axe finds in %s, and fit into 390 px',
    async (colorScheme) => {
      const looking = await pages.open({ colorScheme });
      const item = encodeURIComponent(`${first.source_id}~products~${String(pos.catalog.menuItems[0]?.pathId)}~`);
      const places = {
        // No two in a row are the same page: a link leads to each.
        'detail-tree': `/catalog?view=tree&source=${treeSource}`,
        'detail-facts': `/runs/${failed.id}?tab=facts`,
        'detail-groups': `/catalog?view=tree&source=${first.source_id}`,
        'detail-settings': `/runs/${first.id}?tab=settings`,
        'detail-item': `/catalog?item=${item}`,
      };
      const found: Record<string, string[]> = {};
      await looking.goto('/');
      for (const [name, address] of Object.entries(places)) {
        await looking.setViewportSize({ width: 1280, height: 900 });
        await follow(looking, address);
        await looking.getByRole('heading', { level: 1 }).waitFor();
        await looking.locator('.waiting').first().waitFor({ state: 'detached' });
        if (name === 'detail-tree') {
          await looking.getByText('Burger', { exact: true }).click();
          await looking.getByText('Group extras').first().waitFor();
        }
        for (const width of colorScheme === 'light' ? [1280, 390] : [1280]) {
          await looking.setViewportSize({ width, height: 900 });
          const faults = await accessFaults(looking, { colours: width > 390 });
          if (faults.length > 0) found[`${name} ${width}`] = faults;
          const isTooWide = await looking.evaluate('document.documentElement.scrollWidth > innerWidth');
          if (isTooWide) found[`${name} ${width} is wider than the screen`] = [];
          await takePicture(looking, join(screens, `${name}-${colorScheme}-${width}.png`));
        }
      }
      expect(found).toEqual({});
      await looking.context().close();
    },
  );

  test('tell what adoption would do to a table of the original that came back, and write nothing', async () => {
    const { database } = pages.deps;
    // The key and the view go with the column that they carry along.
    await database.query('alter table integration_discounts drop column content_hash cascade');
    await database.transaction(async (connection) => {
      await connection.query(`select set_config('tillsync.sync', '1', true)`);
      await connection.query(
        `insert into integration_discounts (wand_source_id, source_id, external_id, name)
         select wand_source_id, source_id, external_id, name from integration_discounts`,
      );
    });
    const rows = async () => (await database.query('select id from integration_discounts order by id')).rows;
    const before = await rows();
    await page.goto('/doctor');
    const adoption = page.getByRole('region', { name: 'Adoption of an original database' });
    await adoption.getByText('Tables of the original wait.').waitFor();
    const row = adoption.getByRole('row', { name: /integration_discounts/ });
    expect(await row.innerText()).toContain('2 rows of 2 keys');
    await adoption.getByText('Examples of duplicates').click();
    expect(await adoption.getByText(/ to the archive$/).count()).toBe(2);
    await takePicture(page, join(screens, 'detail-adoption-light-1280.png'), { fullPage: true });
    expect(await accessFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 900 });
    expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
    await takePicture(page, join(screens, 'detail-adoption-light-390.png'), { fullPage: true });
    expect(await rows()).toEqual(before);
  });

  test('wrote nothing to the console, and their policy refused nothing', () => {
    expect(pages.complaints.join('\n')).toBe('');
  });
});
