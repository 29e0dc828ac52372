// A tillsync in which everything that somebody may name is named by an attacker, and whose POS answers as one.
import { createKey } from '../../../src/access/create-key.ts';
import { addUser } from '../../../src/access/people/accounts/change-users.ts';
import { type FakeQu, startFakeQu } from '../../../src/connectors/qu/fake.ts';
import type { FakeItem } from '../../../src/connectors/qu/fake-catalog.ts';
import type { Run } from '../../../src/records/runs/run.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { addNode } from '../../../src/sync/hierarchy/change-hierarchy.ts';
import { storeRecipe } from '../../../src/sync/recipes/store-recipe.ts';
import { requestFanOut } from '../../../src/sync/requests/request-fan-out.ts';
import { pauseConfig } from '../../../src/sync/schedule/set-schedule.ts';
import { addConfig } from '../../../src/sync/set-config.ts';
import { cli, home, viewer } from '../../people/open-people.ts';
import { syncNow } from '../../support/engine.ts';
import type { Pages } from '../../support/web/open-pages.ts';
import { signedIn } from '../../support/web/sessions.ts';
import { allAttacks, attacks, endless } from './hostile-names.ts';

/** What each thing is called. */
export const named = {
  concept: attacks.script('concept'),
  company: attacks.vector('company'),
  site: attacks.image('site'),
  config: attacks.image('config'),
  held: attacks.link('held'),
  failing: attacks.scriptEnd('failing'),
  defaults: attacks.frame('defaults'),
  brand: attacks.attribute('brand'),
  pause: attacks.link('pause'),
  group: attacks.mutation('group'),
  admin: attacks.vector('admin'),
  adminEmail: '"><svg/onload=window.ran=1>@evil.example',
  colleague: attacks.image('colleague'),
  colleagueEmail: "javascript:window.ran='mail'//@evil.example",
  key: attacks.script('key'),
  device: attacks.image('device'),
  recipe: attacks.link('recipe'),
  param: attacks.style('param'),
  policy: attacks.image('policy').slice(0, 60),
  worker: attacks.image('worker'),
  rejected: attacks.scriptEnd('rejected'),
  discount: attacks.bidi('discount'),
  worse: attacks.script('error of the POS'),
} as const;

/** Of each attack, the item that is named by it. */
export const items = allAttacks.map((attack) => ({
  name: attacks[attack](`item-${attack}`),
  id: attacks[attack](`id-${attack}`),
}));

export interface Filled {
  pos: FakeQu;
  configId: string;
  failingId: string;
  parentId: string;
  sourceId: string;
  /** Made every item; changed some; failed; held. */
  runs: Record<'first' | 'changing' | 'failed' | 'held', Run>;
  administrator: Awaited<ReturnType<typeof signedIn>>;
}

/** Fills it; the POS is the caller's to stop. */
export async function fillWithHostileNames(pages: Pages): Promise<Filled> {
  const { deps } = pages;
  const from = { ...home, userAgent: named.device };
  const administrator = await signedIn(pages, { email: named.adminEmail, name: named.admin, from });
  const place = await addPlaces(deps);
  const roles = [{ ...viewer, level: 'site' as const, level_id: place.siteId }];
  await addUser(deps, { actor: cli, email: named.colleagueEmail, name: named.colleague, roles });
  await createKey(deps.database, { name: named.key, createdBy: named.admin, access: 'read' });
  await storeRecipe(deps, recipe, { by: named.admin });
  const policy = named.policy.replaceAll('"', '""');
  await deps.database.query(`create policy "${policy}" on integration_products using (true)`);
  await deps.database.query(`insert into integration_workers (worker, slots, version) values ($1, 1, $1)`, [
    named.worker,
  ]);
  const pos = await startHostilePos();
  return { ...(await syncAll(deps, pos, place)), pos, administrator };
}

interface Place {
  conceptId: number;
  companyId: number;
  siteId: number;
}

async function addPlaces(deps: Deps): Promise<Place> {
  const { id: conceptId } = await addNode(deps, 'concept', { name: named.concept, above: null });
  const { id: companyId } = await addNode(deps, 'company', { name: named.company, above: conceptId });
  const { id: siteId } = await addNode(deps, 'site', { name: named.site, above: companyId });
  return { conceptId, companyId, siteId };
}

async function startHostilePos(): Promise<FakeQu> {
  const pos = await startFakeQu({ products: 0, modifiers: 0, discounts: 0, repeated: 0 });
  const group = { id: named.group, name: named.group };
  const modifiers = items.map(({ name, id }) => ({ ...productOf({ name, id: `m ${id}` }), modifierGroup: group }));
  const endlessItem = { ...productOf({ name: endless, id: 'endless' }), description: endless };
  const rejected = { ...productOf({ name: 'a', id: 'reject' }), name: { en: named.rejected } };
  const twin = { ...productOf({ name: 'twin', id: `m ${items[0]?.id}` }), modifierGroup: group };
  pos.setCatalog({
    ...pos.catalog,
    menuItems: [...items.map(productOf), endlessItem, rejected],
    modifiers: [...modifiers, twin],
    discounts: [{ id: attacks.link('discount-id'), name: named.discount, discountAmount: 1 }],
  });
  return pos;
}

/** Every end that a run can have. */
async function syncAll(deps: Deps, pos: FakeQu, place: Place): Promise<Omit<Filled, 'pos' | 'administrator'>> {
  const by = { requestedBy: `user:${named.adminEmail}` };
  await addConfig(deps, {
    connectorId: 'qu',
    name: named.defaults,
    level: 'concept',
    conceptId: place.conceptId,
    params: { brand: named.brand, base_url: pos.url },
    secrets: {},
  });
  const add = async (name: string, establishment: string) => {
    const config = {
      connectorId: 'qu',
      name,
      level: 'site' as const,
      ...place,
      params: { establishment },
      secrets: {},
    };
    // Once a year: of a shorter one a time came round while the test ran, and its sync took the hold away.
    return (await addConfig(deps, { ...config, schedule: { everyMinutes: 525_600 } })).id;
  };
  const configId = await add(named.config, attacks.template('establishment'));
  const first = await syncNow(deps, configId, by);
  pos.edit(({ menuItems }) => {
    for (const [index, item] of menuItems.slice(0, 3).entries()) item.name = items[index + 5]?.name ?? '';
  });
  const changing = await syncNow(deps, configId, by);
  const heldId = await add(named.held, 'held');
  await syncNow(deps, heldId, by);
  pos.answer('empty', 1);
  const held = await syncNow(deps, heldId, by);
  const failingId = await add(named.failing, 'failing');
  pos.answer({ status: 200, body: JSON.stringify({ error: named.worse }) }, 1);
  const failed = await syncNow(deps, failingId, by);
  const company = { level: 'company' as const, id: place.companyId };
  const parent = await requestFanOut(deps, { ...company, trigger: 'manual', dryRun: true, ...by });
  await pauseConfig(deps, { configId, by: named.adminEmail, reason: named.pause });
  const runs = { first, changing, failed, held };
  return { configId, failingId, parentId: parent.id, sourceId: first.source_id ?? '', runs };
}

function productOf({ name, id }: { name: string; id: string }): FakeItem {
  return {
    pathId: id,
    id,
    name,
    description: name,
    itemType: name,
    prices: { priceType: 1, prices: [{ price: 2.5, priceValueId: 1 }], id: 0 },
    isOutOfStock: false,
  };
}

const recipe = JSON.stringify({
  recipe: 1,
  id: 'hostile-till',
  title: named.recipe,
  params: { shop: { description: named.param } },
  identity: ['shop'],
  removal: 'absence',
  requests: [{ path: '/shops/{shop}', products: { each: [{ path: 'items' }], key: 'id', fields: { name: 'name' } } }],
});
