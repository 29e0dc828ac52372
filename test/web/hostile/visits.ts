// Every page, drawer, dialog and tab where a name is shown, by the route of the router that it belongs to.
import type { Page } from 'playwright-core';
import { type Filled, items, named } from './fill-with-hostile-names.ts';
import { attacks, endless } from './hostile-names.ts';

export interface Visit {
  at: string;
  /** Opens what is not open by its address. */
  open?: (page: Page) => Promise<unknown>;
  /** Names that must stand there as text. */
  shows: readonly string[];
}

const item = (number: number) => items[number]?.name ?? '';
const idOf = (number: number) => items[number]?.id ?? '';
const all = items.map(({ name }) => name);
const ids = items.map(({ id }) => id);
/** Folds everything open. */
export const openAll = (page: Page): Promise<unknown> =>
  page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`);

/** Route of the router → its visits. */
export function visitsOf(filled: Filled): Readonly<Record<string, readonly Visit[]>> {
  return { ...integrationVisits(filled), ...runVisits(filled), ...itemVisits(filled), ...peopleVisits() };
}

type Visits = Readonly<Record<string, readonly Visit[]>>;

function integrationVisits({ configId, failingId, pos }: Filled): Visits {
  return {
    '/': [
      { at: '/', shows: [named.failing, named.config] },
      {
        at: '/',
        open: (page) => palette(page, 'sync'),
        shows: [`Sync ${named.config} now`, `Sync ${named.failing} now`],
      },
    ],
    '/integrations': [
      { at: '/integrations', shows: [named.config, named.failing, named.defaults, named.site, named.concept] },
      { at: '/integrations?name=%3Cimg', shows: [named.config] },
    ],
    '/integrations/$configId': [
      {
        at: `/integrations/${configId}`,
        shows: [named.config, named.defaults, named.brand, named.pause, named.adminEmail],
      },
      {
        at: `/integrations/${configId}`,
        open: async (page) => {
          await page.getByRole('button', { name: 'More actions' }).click();
          await page.getByRole('menuitem', { name: 'Test connection' }).click();
          await page.getByText('The connection works. Nothing was stored.').waitFor();
        },
        shows: [item(5), idOf(0)],
      },
      {
        at: `/integrations/${configId}`,
        open: async (page) => {
          await page.getByRole('button', { name: 'More actions' }).click();
          await page.getByRole('menuitem', { name: 'Change the schedule' }).click();
          await page.getByLabel('Every … minutes').waitFor();
        },
        shows: [],
      },
      { at: `/integrations/${failingId}`, shows: [named.failing] },
    ],
    '/integrations/$configId/settings': [
      {
        at: `/integrations/${configId}/settings`,
        shows: [named.config, named.brand, named.defaults, attacks.template('establishment')],
      },
    ],
    '/integrations/new': [
      { at: '/integrations/new', shows: [named.recipe] },
      {
        at: '/integrations/new?connector=hostile-till',
        open: async (page) => {
          await page.getByLabel('Applies to').selectOption({ label: 'Site' });
          await page.getByRole('textbox', { name: 'Name', exact: true }).fill(named.config);
        },
        shows: [named.recipe, named.param, named.site, named.config],
      },
      {
        at: '/integrations/new?connector=qu',
        open: async (page) => {
          await page.getByLabel('brand').fill(named.brand);
          await page.getByLabel('establishment').fill(item(1));
          await page.getByLabel('base_url').fill(pos.url);
          await page.getByRole('button', { name: 'Test connection' }).click();
          await page.getByText('The connection works. Nothing was stored.').waitFor();
        },
        shows: [named.brand, item(5)],
      },
    ],
  };
}

function runVisits({ runs, parentId }: Filled): Visits {
  return {
    '/history': [
      { at: '/history', shows: [named.config, named.failing] },
      { at: '/history?trigger=%22%3E%3Cscript%3Ewindow.ran%3D1%3C%2Fscript%3E', shows: [] },
    ],
    '/holds': [
      { at: '/holds', shows: [named.held, item(7), idOf(7)] },
      {
        at: '/holds',
        open: (page) => page.getByRole('button', { name: 'Approve…' }).click(),
        shows: [],
      },
    ],
    '/runs/$runId': [
      { at: `/runs/${runs.first.id}`, shows: [named.config, ...all, endless, ...ids, named.discount] },
      { at: `/runs/${runs.changing.id}`, open: openAll, shows: [item(0), item(5), named.config] },
      { at: `/runs/${runs.first.id}?tab=rejects`, open: openAll, shows: [named.rejected.replaceAll('"', '\\"')] },
      { at: `/runs/${runs.first.id}?tab=duplicates`, shows: [`m ${idOf(0)}`] },
      { at: `/runs/${runs.failed.id}?tab=log`, shows: [named.failing, named.worse] },
      { at: `/runs/${runs.first.id}?tab=settings`, shows: [named.config, named.brand] },
      { at: `/runs/${runs.first.id}?tab=facts`, shows: [`user:${named.adminEmail}`] },
      { at: `/runs/${runs.held.id}`, shows: [named.held, item(4)] },
      { at: `/runs/${parentId}`, shows: [named.config, named.failing] },
      { at: '/runs/%22%3E%3Cimg%20src=x%20onerror=window.ran=1%3E', shows: [] },
    ],
  };
}

function itemVisits({ sourceId }: Filled): Visits {
  const address = (id: string) =>
    [sourceId, 'products', id, id].map((part) => encodeURIComponent(encodeURIComponent(part))).join('~');
  return {
    '/catalog': [
      { at: '/catalog', shows: [item(3)] },
      { at: '/catalog?search=%3Cimg%20src', shows: [item(0)] },
      // One of each sort; the page of the first run above shows them all.
      ...items.slice(2, 7).map(({ name, id }, number) => ({
        at: `/catalog?item=${address(id)}`,
        open: openAll,
        shows: [number === 0 ? item(7) : name, id],
      })),
      { at: `/catalog?item=${address('endless')}`, open: openAll, shows: [endless] },
      { at: `/catalog?view=tree&source=${sourceId}`, open: openAll, shows: [named.group, item(3)] },
      { at: '/catalog?item=%25E0%25A4%25A~products~%3Cimg', shows: [] },
    ],
    '/rejects': [
      { at: '/rejects', shows: [] },
      {
        at: '/rejects?group=products.invalid_field',
        open: async (page) => {
          await page.locator('.reject-body details').first().waitFor();
          await openAll(page);
        },
        shows: [named.config, named.rejected.replaceAll('"', '\\"')],
      },
    ],
    '/connectors/recipes/new': [
      {
        at: '/connectors/recipes/new',
        open: (page) => page.getByRole('textbox', { name: 'Recipe (YAML or JSON)' }).fill(named.recipe),
        shows: [named.recipe],
      },
    ],
    '/connectors/recipes/$recipeId': [
      { at: '/connectors/recipes/hostile-till', shows: [named.recipe] },
      { at: '/connectors/recipes/%3Cimg%20src=x%20onerror=window.ran=1%3E', shows: [] },
    ],
    '/connectors': [{ at: '/connectors', shows: [named.recipe] }],
    '/hierarchy': [
      { at: '/hierarchy', shows: [named.concept, named.company, named.site, named.config, named.defaults] },
    ],
  };
}

function peopleVisits(): Visits {
  return {
    '/hierarchy/import': [{ at: '/hierarchy/import', shows: [named.config, named.company] }],
    '/people': [
      { at: '/people', shows: [named.admin, named.adminEmail, named.colleague, named.colleagueEmail] },
      {
        at: '/people',
        open: (page) => page.getByRole('button', { name: named.colleague }).click(),
        shows: [named.colleague, named.site],
      },
      {
        at: '/people',
        open: async (page) => {
          await page.getByRole('button', { name: 'Add a user' }).click();
          await page.getByLabel('Applies to').selectOption({ label: 'Company' });
        },
        shows: [named.company],
      },
    ],
    '/keys': [
      { at: '/keys', shows: [named.key, named.admin] },
      { at: '/keys', open: (page) => page.getByRole('button', { name: 'Make a key' }).click(), shows: [] },
    ],
    '/audit': [
      { at: '/audit', open: openAll, shows: [named.config, named.site, named.pause, named.adminEmail] },
      { at: `/audit?actor=${encodeURIComponent(named.colleague)}`, shows: [named.colleague] },
    ],
    '/account': [
      { at: '/account', shows: [named.admin, named.adminEmail, named.device] },
      { at: '/account', open: (page) => page.getByRole('button', { name: /^Account/ }).click(), shows: [named.admin] },
    ],
    '/doctor': [{ at: '/doctor', shows: [named.policy] }],
    '/system': [{ at: '/system', open: openAll, shows: [named.worker] }],
    '/link': [{ at: '/link#%22%3E%3Cimg%20src=x%20onerror=window.ran=1%3E', shows: [] }],
  };
}

/** Addresses that no route has. */
export const nowhere: readonly Visit[] = [
  { at: '/%3Cscript%3Ewindow.ran=1%3C/script%3E', shows: ['There is no page at this address'] },
  {
    at: "/nowhere/javascript:window.ran='x'?next=javascript:window.ran=1#<img src=x onerror=window.ran=1>",
    shows: ['There is no page at this address'],
  },
  { at: '/integrations/%22%3E%3Csvg%20onload=window.ran=1%3E', shows: [] },
  { at: '/%2F%2Fevil.example/%5C..%5C', shows: [] },
];

async function palette(page: Page, text: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill(text);
}
