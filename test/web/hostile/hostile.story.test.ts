// S02: whatever things are called, every page shows it as text: in a real browser, under the policy of the real server.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestSync } from '../../../src/sync/request-sync.ts';
import { cancelRun } from '../../../src/sync/requests/cancel-run.ts';
import { password } from '../../people/open-people.ts';
import { openPages, type Pages, takePicture } from '../../support/web/open-pages.ts';
import { follow } from '../../support/web/places.ts';
import { signedIn } from '../../support/web/sessions.ts';
import { type Filled, fillWithHostileNames, named } from './fill-with-hostile-names.ts';
import { nowhere, openAll, type Visit, visitsOf } from './visits.ts';
import { faultsOf, watchPage } from './watch-page.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const screens = join(root, 'coverage', 'screens');

let pages: Pages;
let filled: Filled;
let page: Page;
let seen: string[];

beforeAll(async () => {
  mkdirSync(screens, { recursive: true });
  pages = await openPages();
  filled = await fillWithHostileNames(pages);
  pages.session = filled.administrator;
  page = await pages.open();
  seen = await watchPage(page, pages.url);
});
afterAll(async () => {
  await pages.close();
  await filled.pos.stop();
});

// Where the page stands, as a route; null = somewhere that no link leads away from: nowhere, at a door, or amid what a visit opened.
let standing: string | null = null;

/** To an address of the route: as a link leads there from another page where that can be, else by loading it. */
async function goThere(route: string | null, { at }: Visit): Promise<void> {
  // Nobody who is signed in follows a link to a door; and what is attacked by an address comes with it.
  const isLoaded = standing === null || route === null || route === '/link' || /%22|%3C|%25E0/i.test(at);
  if (isLoaded) return void (await page.goto(at));
  if (standing === route) await follow(page, route === '/holds' ? '/account' : '/holds');
  await follow(page, at);
}

/** The faults of a visit, in a wide window and on a phone. */
async function visit(route: string | null, each: Visit, picture: string): Promise<string[]> {
  const { open, shows } = each;
  await page.setViewportSize({ width: 1280, height: 900 });
  await goThere(route, each);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('.waiting').first().waitFor({ state: 'detached' });
  await open?.(page);
  const wide = await faultsOf(page, shows);
  await page.setViewportSize({ width: 390, height: 844 });
  const narrow = await faultsOf(page, []);
  await takePicture(page, join(screens, `hostile-${picture}-light-390.png`));
  standing = route === '/link' || (open !== undefined && open !== openAll) ? null : route;
  return [...wide, ...narrow];
}

describe('S02: hostile names under the policy of the pages', () => {
  test('have a visit for every route of the router', () => {
    const router = readFileSync(join(root, 'src/web/router.tsx'), 'utf8');
    const routes = [...router.matchAll(/\bpage\(\s*'([^']+)'|\bpath: '([^']+)'/g)].map(([, a, b]) => a ?? b);
    const made = [...router.matchAll(/\bpage\(|\bcreateRoute\(/g)].length;
    // One createRoute stands in the function that makes a page.
    expect(routes.length).toBe(made - 1);
    expect(Object.keys(visitsOf(filled)).sort()).toEqual(routes.sort());
  });

  test('XSS names in every page under CSP: are shown as text, run nothing, and ask nobody', async () => {
    const found: Record<string, string[]> = {};
    for (const [route, visits] of Object.entries(visitsOf(filled))) {
      for (const [number, each] of visits.entries()) {
        const name = `${route.replace(/\W+/g, '-')}-${number}`;
        const faults = await visit(route, each, name);
        if (faults.length > 0) found[`${each.at} (${name})`] = faults;
      }
    }
    expect(found).toEqual({});
    expect(seen).toEqual([]);
  }, 240_000);

  test('in addresses lead to a page that says so', async () => {
    const found: Record<string, string[]> = {};
    for (const [number, each] of nowhere.entries()) {
      const faults = await visit(null, each, `nowhere-${number}`);
      if (faults.length > 0) found[each.at] = faults;
    }
    expect(found).toEqual({});
    expect(seen).toEqual([]);
  });

  test('stay text in a run that goes on, and in the message of its end', async () => {
    filled.pos.answer('hang-body', 1);
    const { run } = await requestSync(pages.deps, {
      configId: filled.failingId,
      trigger: 'manual',
      requestedBy: named.admin,
    });
    await page.goto('/');
    await page.getByRole('region', { name: 'Running now' }).waitFor();
    expect(await faultsOf(page, [named.failing])).toEqual([]);
    await page.goto(`/runs/${run.id}`);
    await page.getByRole('button', { name: 'Cancel this run' }).waitFor();
    // Its own page has no message of its end: the reader has gone on before.
    await page.getByRole('link', { name: 'Home' }).first().click();
    await page.getByRole('region', { name: 'Running now' }).waitFor();
    await cancelRun(pages.deps, { runId: run.id, requestedBy: named.admin });
    await page.locator('.toast').getByText('failing').waitFor();
    expect(await faultsOf(page, [named.failing])).toEqual([]);
    expect(seen).toEqual([]);
  });

  test('in what stands behind a sign-in lead nowhere else', async () => {
    await signedIn(pages, {
      email: 'grace@example.com',
      name: named.colleague,
      roles: [{ role: 'viewer', level: 'all', level_id: null }],
    });
    const stranger = await pages.open({ storageState: { cookies: [], origins: [] } });
    const strangerSeen = await watchPage(stranger, pages.url);
    const next =
      "/history?next=javascript:window.ran='next'&status=%3Cimg%20src=x%20onerror=window.ran=1%3E#//evil.example";
    await stranger.goto(next);
    await stranger.getByLabel('E-mail').fill("{{window.ran=1}}'$`/onerror=@evil.example");
    await stranger.getByLabel('Password', { exact: true }).fill(password);
    await stranger.keyboard.press('Enter');
    await stranger.getByRole('alert').waitFor();
    expect(await faultsOf(stranger, [])).toEqual([]);
    await stranger.getByLabel('E-mail').fill('grace@example.com');
    await stranger.keyboard.press('Enter');
    await stranger.getByRole('heading', { name: 'Sync History' }).waitFor();
    expect(new URL(stranger.url())).toMatchObject({ origin: pages.url, pathname: '/history' });
    expect(await faultsOf(stranger, [])).toEqual([]);
    expect(strangerSeen).toEqual([]);
    await stranger.context().close();
  });

  test('wrote nothing to the console, and the policy refused nothing', () => {
    expect(pages.complaints.join('\n')).toBe('');
  });
});
