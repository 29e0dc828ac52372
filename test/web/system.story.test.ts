// The system page in a real browser: what an administrator reads there when all is well and when it is not, and who may not.
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { requestSync } from '../../src/sync/request-sync.ts';
import { applyRetention } from '../../src/sync/upkeep/apply-retention.ts';
import { addQuConfig } from '../support/engine.ts';
import { accessFaults, openPages, type Pages, takePicture } from '../support/web/open-pages.ts';
import { signedIn } from '../support/web/sessions.ts';

let pages: Pages;
let page: Page;
const screens = join(import.meta.dirname, '..', '..', 'coverage', 'screens');

// The settings of a process of its own, which are the same on every machine.
const { settings } = readConfig(
  { DATABASE_URL: 'postgresql://till@db.example/till', TILLSYNC_ADMIN_KEY: 'canary-0123456789', TILLSYNC_PORT: '8080' },
  '/nowhere',
);

beforeAll(async () => {
  mkdirSync(screens, { recursive: true });
  const about = {
    version: '0.1.0',
    startedAt: new Date(Date.now() - 3 * 86_400_000).toISOString(),
    hasOwnDatabase: false,
    keyFrom: 'environment' as const,
    settings,
    settingWarnings: [],
  };
  const keep = { runsDays: 400, runsPerSource: 1_000, logsDays: 30, payloadsDays: 30, payloadsPerSource: 1_000 };
  pages = await openPages({ about, worker: 'till-1:4711', keep: { ...keep, auditDays: 400 } });
  await applyRetention(pages.deps);
  pages.session = await signedIn(pages, { email: 'ada@example.com', name: 'Ada' });
  page = await pages.open();
});
afterAll(() => pages.close());

/** Opens the system page, in a profile of its own where there are options. */
async function opened(options?: Parameters<Pages['open']>[0]): Promise<Page> {
  const on = options === undefined ? page : await pages.open(options);
  await on.goto('/system');
  await on.getByRole('heading', { level: 1, name: 'System' }).waitFor();
  return on;
}

test('an administrator finds it in the menu, and reads that everything is in order', async () => {
  await page.goto('/');
  await page.getByRole('navigation').getByRole('link', { name: 'System' }).click();
  await page.getByText('tillsync 0.1.0 has run for 3 days').waitFor();
  await page.getByText('Everything is in order.').waitFor();
  const worker = page.getByRole('row', { name: /till-1:4711/ });
  expect(await worker.innerText()).toMatch(/Alive/);
  expect(await page.getByRole('region', { name: 'Workers' }).innerText()).toContain('0 of 2 slots in use');
  expect(await page.getByRole('region', { name: 'Retention' }).innerText()).toMatch(/Runs\s+400 days, of one source/);
  const set = page.getByRole('table', { name: 'Settings in effect' });
  expect(await set.getByRole('row', { name: /DATABASE_URL/ }).innerText()).toMatch(/set\s+environment/);
  expect(await set.getByRole('row', { name: /TILLSYNC_PORT/ }).innerText()).toContain('8080');
  expect(await page.getByText('canary').count()).toBe(0);
  await page.locator('summary', { hasText: 'settings are at their defaults' }).click();
  await page.getByRole('row', { name: /TILLSYNC_LEASE_SECONDS/ }).waitFor();
});

test('takes the diagnostic bundle along as a packed file, and the audit log says so', async () => {
  await opened();
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Diagnostic bundle' }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toMatch(/^tillsync-diagnostics-[\dT-]+\.json\.gz$/);
  const bundle = JSON.parse(gunzipSync(await readFile(await download.path())).toString('utf8'));
  expect(bundle.system.process.version).toBe('0.1.0');
  await page.goto('/audit?action=diagnostics.exported');
  await page.getByText('user:ada@example.com').first().waitFor();
});

test('needs a person where a worker fell silent and a sync waits, and goes on by itself', async () => {
  await opened();
  await page.getByText('Everything is in order.').waitFor();
  const { database } = pages.deps;
  await database.query(
    `insert into integration_workers (worker, slots, version, started_at, seen_at)
     values ('till-2:815', 4, '0.1.0', now() - interval '2 days', now() - interval '20 minutes')`,
  );
  const { configId } = await addQuConfig(pages.deps, 'https://pos.example');
  const { run } = await requestSync(pages.deps, { configId, trigger: 'manual', requestedBy: 'test' });
  await database.query(
    `update integration_sync_history set status = 'in_progress', phase = 'fetch', worker = 'till-1:4711', started_at = now(),
       lease_expires_at = now() + interval '1 hour' where id = $1`,
    [run.id],
  );
  const needs = page.getByRole('region', { name: 'Needs you' });
  await needs.getByText('The worker till-2:815 has not been heard of for 20 min').waitFor({ timeout: 30_000 });
  expect(await page.getByRole('row', { name: /till-2:815/ }).innerText()).toContain('Silent');
  await page
    .getByRole('row', { name: /till-1:4711/ })
    .getByRole('link', { name: 'QU POS acme 17' })
    .waitFor();
});

test('a colleague who may not see it reads so, and has no link to it', async () => {
  const roles = [{ role: 'operator' as const, level: 'all' as const, level_id: null }];
  const storageState = await signedIn(pages, { email: 'grace@example.com', name: 'Grace', roles });
  const page = await opened({ storageState });
  await page.getByText('You may not see this').waitFor();
  expect(await page.getByRole('navigation').getByRole('link', { name: 'System' }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Diagnostic bundle' }).count()).toBe(0);
  await page.context().close();
});

test.each(['light', 'dark'] as const)(
  'has no fault that axe finds in %s, folded open, and no sideways scroll down to 320 px',
  async (colorScheme) => {
    const page = await opened({ colorScheme });
    await page.getByRole('region', { name: 'Needs you' }).waitFor();
    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
    const found: Record<string, string[]> = {};
    for (const width of [1280, 390, 320]) {
      await page.setViewportSize({ width, height: 900 });
      const faults = await accessFaults(page, { colours: width === 1280 });
      if (faults.length > 0) found[width] = faults;
      if (await page.evaluate('document.documentElement.scrollWidth > innerWidth')) found[`${width} is too wide`] = [];
      await takePicture(page, join(screens, `system-${colorScheme}-${width}.png`), { fullPage: true });
    }
    expect(found).toEqual({});
    await page.context().close();
  },
);

test('says in German what it says in English', async () => {
  const page = await pages.open({ locale: 'de-DE' });
  await page.goto('/system');
  await page.getByRole('heading', { name: 'Tresorschlüssel' }).waitFor();
  await page.getByText('Laufzeit 3 Tage').waitFor();
  const needs = page.getByRole('region', { name: 'Braucht dich' });
  await needs.getByText('Vom Worker till-2:815 war 20 Minuten lang nichts zu hören').waitFor();
  expect(await needs.innerText()).not.toMatch(/worker .* has not been heard|given to others/);
  await takePicture(page, join(screens, 'system-german-1280.png'), { fullPage: true });
  await page.context().close();
});

test('wrote nothing to the console, and the policy of the pages refused nothing', () => {
  expect(pages.complaints.join('\n')).toBe('');
});
