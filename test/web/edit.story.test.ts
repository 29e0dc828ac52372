// Editing in a real browser: settings with what they inherit, another person's change, the hierarchy, and sites of an account.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPasswords } from '../../src/access/people/passwords/open-passwords.ts';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import { getConfig } from '../../src/records/configs/read-configs.ts';
import { listSources } from '../../src/records/sources/read-sources.ts';
import { explainConfig } from '../../src/sync/configs/explain-config.ts';
import { addNode } from '../../src/sync/hierarchy/change-hierarchy.ts';
import { addConfig, setConfig } from '../../src/sync/set-config.ts';
import { userWithPassword, withFactor } from '../people/open-people.ts';
import { syncNow } from '../support/engine.ts';
import { accessFaults, openPages, type Pages, takePicture } from '../support/web/open-pages.ts';
import { follow } from '../support/web/places.ts';

let pages: Pages;
let page: Page;
let pos: FakeQu;
let defaultsId: string;
let siteId: string;
const screens = join(import.meta.dirname, '..', '..', 'coverage', 'screens');

beforeAll(async () => {
  mkdirSync(screens, { recursive: true });
  pages = await openPages();
  pos = await startFakeQu({ products: 12, modifiers: 6, discounts: 2, repeated: 0 });
  const concept = await addNode(pages.deps, 'concept', { name: 'Burgers', above: null });
  const company = await addNode(pages.deps, 'company', { name: 'Burger Group', above: concept.id });
  const site = await addNode(pages.deps, 'site', { name: 'Main St', above: company.id });
  ({ id: defaultsId } = await addConfig(pages.deps, {
    connectorId: 'qu',
    name: 'Burger Group',
    companyId: company.id,
    params: { brand: 'burgers', base_url: pos.url, currency: 'USD', auth: 'api_key' },
    secrets: { api_key: 'company-key-abcd' },
  }));
  ({ id: siteId } = await addConfig(pages.deps, {
    connectorId: 'qu',
    name: 'QU · Main St',
    siteId: site.id,
    params: { establishment: '17' },
    secrets: {},
  }));
  await syncNow(pages.deps, siteId);
  pages.session = await sessionOf('admin');
  page = await pages.open();
});
afterAll(async () => {
  await pages.close();
  await pos.stop();
});

/** What a sign-in leaves in a browser, without the way there. */
async function sessionOf(role: 'viewer' | 'operator' | 'admin'): Promise<NonNullable<Pages['session']>> {
  const { database, vault } = pages.deps;
  const people = { database, vault, passwords: openPasswords({ cost: { logN: 4, r: 1, p: 1 } }) };
  const roles = [{ role, level: 'all', level_id: null }] as const;
  const opened = await userWithPassword(people, { email: `${role}@example.com`, roles }, new Date());
  const { token } = role === 'admin' ? await withFactor(people, opened, new Date()) : opened;
  const { hostname, origin } = new URL(pages.url);
  const cookie = { name: 'tillsync-session', value: token, domain: hostname, path: '/', expires: -1, secure: false };
  return {
    cookies: [{ ...cookie, httpOnly: true, sameSite: 'Strict' }],
    origins: [{ origin, localStorage: [{ name: 'tillsync.signed-in', value: 'yes' }] }],
  };
}

async function picture(page: Page, name: string): Promise<void> {
  await takePicture(page, join(screens, `${name}.png`), { fullPage: true });
}

async function openSettings(id = siteId): Promise<void> {
  await page.goto(`/integrations/${id}/settings`);
  await page.getByRole('heading', { name: 'Guard' }).waitFor();
}

// The name that the command knows a setting by ends its label; that of no setting is all of it.
const field = (page: Page, name: string) => page.getByRole('textbox', { name: new RegExp(`(^| )${name}$`) });
const row = (page: Page, name: string) => page.locator('.setting', { has: field(page, name) });
const isBack = (page: Page, name: string) => page.getByRole('heading', { name, level: 1, exact: true }).waitFor();

describe('settings', () => {
  test('say where each value comes from; one is overridden, tried, tested and saved, and the inherited one comes back', async () => {
    await openSettings();
    await page.getByText('Nothing is changed yet.').waitFor();
    expect(await row(page, 'currency').innerText()).toContain('from company Burger Group');
    expect(await page.locator('.setting', { hasText: 'api_key' }).first().innerText()).toMatch(/ends in abcd/);
    await row(page, 'currency').getByRole('button', { name: 'Override' }).click();
    await field(page, 'currency').fill('EUR');
    await page.getByText('1 change not saved yet').waitFor();
    await page.getByText('The same catalog stays: no source and no item goes or moves.').waitFor();
    await page.getByRole('button', { name: 'Test connection' }).click();
    await page.getByText('The connection works. Nothing was stored.').waitFor();
    await picture(page, 'edit-tested');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await isBack(page, 'QU · Main St');
    expect((await getConfig(pages.deps.database, siteId))?.params).toEqual({ establishment: '17', currency: 'EUR' });
    await page.getByRole('link', { name: 'Edit settings' }).click();
    await row(page, 'currency').getByRole('button', { name: 'Use the inherited value again (USD)' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await isBack(page, 'QU · Main St');
    expect((await getConfig(pages.deps.database, siteId))?.params).toEqual({ establishment: '17' });
  });

  test('that name the catalog ask what becomes of the items before anything is saved, and take them along', async () => {
    await openSettings();
    await field(page, 'establishment').fill('18');
    await page.getByText(/It would leave .* with 20 items\./).waitFor();
    await page.getByText('It would read brand burgers, establishment 18, a catalog that is not known yet.').waitFor();
    expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
    await picture(page, 'edit-identity');
    await page.getByLabel(/Take them along: 20 items move/).check();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await isBack(page, 'QU · Main St');
    const [source, ...others] = await listSources(pages.deps.database);
    expect(source).toMatchObject({ identity: { brand: 'burgers', establishment: '18' } });
    expect(others).toEqual([]);
  });

  test('of a level show which integrations below would change', async () => {
    await openSettings(defaultsId);
    await field(page, 'brand').fill('pizzas');
    await page.getByText('Of the integrations below, one changes:').waitFor();
    await page.getByText('QU · Main St: another catalog').waitFor();
    await picture(page, 'edit-level');
    await page.getByRole('button', { name: 'Discard the changes' }).click();
    await page.getByText('Nothing is changed yet.').waitFor();
    // What only those below need keeps nobody from saving.
    await field(page, 'currency').fill('CAD');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await isBack(page, 'Burger Group');
    expect((await getConfig(pages.deps.database, defaultsId))?.params.currency).toBe('CAD');
    await setConfig(pages.deps, { configId: defaultsId, params: { currency: 'USD' } });
  });

  test('that somebody else changed meanwhile are told with both values, and nothing typed is lost', async () => {
    await openSettings();
    await field(page, 'Name').fill('Mine');
    await row(page, 'currency').getByRole('button', { name: 'Override' }).click();
    await field(page, 'currency').fill('EUR');
    await setConfig(pages.deps, { configId: siteId, name: 'Theirs', params: { currency: 'GBP' } });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'Somebody changed this integration meanwhile' }).waitFor();
    const told = page.locator('.conflict').getByRole('row');
    expect((await told.nth(1).innerText()).split(/\s*\t\s*|\n/).slice(0, 4)).toEqual([
      'Name',
      'QU · Main St',
      'Theirs',
      'Mine',
    ]);
    await picture(page, 'edit-conflict');
    await told.nth(2).getByRole('button', { name: 'Take theirs' }).click();
    await page.getByText('1 change not saved yet').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await isBack(page, 'Mine');
    expect(await getConfig(pages.deps.database, siteId)).toMatchObject({ name: 'Mine', params: { currency: 'GBP' } });
  });

  test('that are not saved are not lost by a wrong click; secrets and limits are written with the rest', async () => {
    await openSettings();
    await page.getByRole('button', { name: 'Set its own api_key' }).click();
    await page.getByLabel('New value of api_key').fill('site-key-number-wxyz');
    await page.getByText('Other limits (12)').click();
    await field(page, 'Removed at once, share').fill('35');
    await page.getByText('2 changes not saved yet').waitFor();
    await page.getByRole('link', { name: 'Hierarchy' }).click();
    await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor();
    await page.getByRole('button', { name: 'Stay here' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await isBack(page, 'Mine');
    expect((await getConfig(pages.deps.database, siteId))?.guard).toEqual({ removed_share: 0.35 });
    const { secrets } = await explainConfig(pages.deps, siteId);
    expect(secrets).toMatchObject([{ ends_in: 'wxyz', from: { config_id: siteId } }]);
    expect(await page.content()).not.toContain('site-key-number');
  });

  test('have a schedule in words with its next five times; a wrong one is told while it is typed; a pause has its reason', async () => {
    await page.goto(`/integrations/${siteId}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Change the schedule' }).click();
    await page.getByLabel('How often').selectOption('cron');
    await page.getByLabel('by a cron expression').fill('61 4 * * *');
    await page.getByText(/cannot be read/).waitFor();
    await page.getByLabel('by a cron expression').fill('30 4 * * 1-5');
    await page.getByLabel('Time zone').fill('Europe/Berlin');
    await page.getByText('Monday to Friday at 04:30, Europe/Berlin').waitFor();
    expect(await page.getByRole('region', { name: 'The next five times' }).getByRole('listitem').count()).toBe(5);
    await picture(page, 'edit-schedule');
    await page.getByRole('button', { name: 'Save the schedule' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('Monday to Friday at 04:30, Europe/Berlin').waitFor();
    await page.getByText('Removals last looked for').waitFor();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Pause the schedule' }).click();
    await page.getByLabel('Why, for whoever wonders later').fill('Closed for renovation');
    await page.keyboard.press('Enter');
    await page.getByText('Closed for renovation').waitFor();
  });
});

describe('the hierarchy', () => {
  test('takes new places, other names, and says what hangs on one that cannot go', async () => {
    await page.goto('/hierarchy');
    await page.getByRole('button', { name: 'Actions for Burger Group' }).click();
    await page.getByRole('menuitem', { name: 'Add a site below' }).click();
    await field(page, 'Name').fill('High St');
    await page.keyboard.press('Enter');
    await page.getByText('High St').waitFor();
    await page.getByRole('button', { name: 'Actions for High St' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await field(page, 'Name').fill('Market Sq');
    await page.getByRole('button', { name: 'Save the name' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('Market Sq', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Actions for Burger Group' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove it' }).click();
    await page.getByText(/The company "Burger Group" \(\d+\) still has 2 sites/).waitFor();
    await picture(page, 'hierarchy-refused');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Actions for Market Sq' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove it' }).click();
    await page.getByText('Market Sq', { exact: true }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Sync now Burger Group' }).click();
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
    await page.getByRole('heading', { name: /^Sync of/, level: 1 }).waitFor();
  });

  test('imports the sites of an account: looked at, picked, connected', async () => {
    await page.goto('/hierarchy/import');
    await page.getByLabel('Account of').selectOption({ label: 'Burger Group' });
    await page.getByRole('button', { name: 'List the places' }).click();
    await page.getByLabel('Import Main St 17').uncheck();
    await page.getByLabel(/Also connect each/).check();
    await picture(page, 'hierarchy-import');
    await page.getByRole('button', { name: 'Import 1 site', exact: true }).click();
    await page.getByText('Main St 18 not added').waitFor();
    await page.getByText(/already reads this catalog/).waitFor();
    await page.goto('/hierarchy/import');
    await page.getByLabel('Account of').selectOption({ label: 'Burger Group' });
    await page.getByRole('button', { name: 'List the places' }).click();
    await page.getByLabel('Import Main St 18').uncheck();
    await page.getByLabel(/Also connect each/).check();
    await page.getByRole('button', { name: 'Import 1 site', exact: true }).click();
    await page.getByText('1 site is imported.').waitFor();
    await page.getByRole('link', { name: 'Back to the hierarchy' }).click();
    await page.getByText('Main St 17').first().waitFor();
  });
});

describe('whoever may less', () => {
  test.each(['viewer', 'operator'] as const)('a %s sees the values and only what that role may do', async (role) => {
    const page = await pages.open({ storageState: await sessionOf(role) });
    await page.goto(`/integrations/${siteId}`);
    await page.getByText('from company Burger Group').first().waitFor();
    expect(await page.getByRole('link', { name: 'Edit settings' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /Sync now/ }).count()).toBe(role === 'viewer' ? 0 : 1);
    await page.goto('/hierarchy');
    await page.getByText('Burger Group').first().waitFor();
    expect(await page.getByRole('button', { name: /^Actions for/ }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /^Sync now/ }).count()).toBe(role === 'viewer' ? 0 : 2);
    await page.goto(`/integrations/${siteId}/settings`);
    await page.getByText('You may not see this').waitFor();
    await page.context().close();
  });
});

describe('an integration', () => {
  test('is deleted by typing its name, and its items are marked removed as it was said', async () => {
    await openSettings();
    const before = await getConfig(pages.deps.database, siteId);
    await page.getByRole('button', { name: 'Delete this integration…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Mark 20 items removed/).check();
    const go = dialog.getByRole('button', { name: 'Delete it' });
    await dialog.getByLabel('Type Mine to confirm').fill('Min');
    expect(await go.isDisabled()).toBe(true);
    await dialog.getByLabel('Type Mine to confirm').fill('Mine');
    await picture(page, 'edit-delete');
    await go.click();
    await page.getByRole('heading', { name: 'Integration Access' }).waitFor();
    expect(await getConfig(pages.deps.database, siteId)).toBeNull();
    const [source] = await listSources(pages.deps.database, { id: before?.source_id ?? '' });
    expect(source).toMatchObject({ retired_at: expect.any(String), items: { products: { live: 0, removed: 12 } } });
  });
});

describe('the pages', () => {
  test.each(['light', 'dark'] as const)(
    'of editing have no fault that axe finds in %s, and fit 320 px',
    async (look) => {
      const page = await pages.open({ colorScheme: look });
      const found: Record<string, string[]> = {};
      await page.goto('/');
      for (const place of [
        `/integrations/${defaultsId}/settings`,
        '/hierarchy',
        '/hierarchy/import',
        '/integrations',
      ]) {
        await page.setViewportSize({ width: 1280, height: 900 });
        await follow(page, place);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.locator('.waiting').first().waitFor({ state: 'detached' });
        for (const width of look === 'light' ? [1280, 390, 320] : [1280]) {
          await page.setViewportSize({ width, height: 900 });
          const faults = await accessFaults(page, { colours: width > 390 });
          if (faults.length > 0) found[`${place} ${width}`] = faults;
          const isTooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
          if (isTooWide) found[`${place} ${width} is wider than the screen`] = [];
          await picture(page, `edit${place.replace(defaultsId, 'id').replace(/\W+/g, '-')}-${look}-${width}`);
        }
      }
      expect(found).toEqual({});
      expect(pages.complaints.join('\n')).toBe('');
      await page.context().close();
    },
  );
});
