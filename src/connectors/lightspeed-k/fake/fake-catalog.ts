// An invented Lightspeed catalog: items with ids beyond 2^47 and 2^53, two menus that share items, a combo, and discounts.
import { type Json, numberFromSource } from '../../../json.ts';
import type { FakeSize } from '../../connector-fake.ts';
import { seededRandom } from '../../seeded-random.ts';

type Row = { [name: string]: Json };

export interface FakeCatalog {
  items: Row[];
  /** Menu id → the menu. */
  menus: Map<string, Row>;
  discounts: Row[];
  /** `<kind> <itemKey>` of what a correct sync stores. */
  keys: string[];
}

const dishes = 'Burger,Crème brûlée,Fish & chips,Pâté,Smørrebrød,Tarte,Soupe du jour,抹茶 latte'.split(',');
const extras = 'Oat milk,No ice,Double shot,Añejo,Gherkin,Side/fries,100% juice'.split(',');
const types = ['ITEM', 'ITEM', 'ITEM', 'SEQUENCE', 'GROUP', 'SUB_ITEM'];
const modes = ['AMOUNT', 'AMOUNT', 'AMOUNT', 'PERCENT', 'POSITIVE_OPEN_PRICE', 'NEGATIVE_OPEN_PRICE'];

/** Modifiers of one group. */
const perGroup = 5;

/** The same seed and size make the same catalog. */
export function makeCatalog({ products, modifiers, discounts, seed = 1 }: FakeSize): FakeCatalog {
  const random = seededRandom(seed);
  const items = Array.from({ length: products }, (_, index) => makeItem(index, random));
  const entries = items.map(
    (item): Row => ({
      '@type': 'menuItem',
      productName: item.name ?? null,
      productPrice: 10,
      sku: item.sku ?? null,
      pricingStrategy: 'PRICE_CANNOT_BE_CUSTOMIZED',
      menuModifierGroups: [],
    }),
  );
  const paths: string[] = [];
  for (let first = 0; first < modifiers; first += perGroup) {
    const entry = entries[(first / perGroup) % entries.length];
    if (entry === undefined) break;
    const group = makeGroup(first, Math.min(perGroup, modifiers - first), random);
    (entry.menuModifierGroups as Json[]).push(group);
    for (const { sku } of group.productModifiers as Row[]) {
      paths.push(`modifiers ${sku}\u0001${[entry.sku, group.sku, sku].map(segment).join('/')}`);
    }
  }
  const codes = Array.from({ length: discounts }, (_, index) => makeDiscount(index, random));
  const keys = [
    ...items.map(({ id }) => `products ${JSON.stringify(id)}`),
    ...paths,
    ...codes.map(({ code }) => `discounts ${code}`),
  ];
  return { items, menus: makeMenus(entries), discounts: codes, keys };
}

/** An item with number `index`; the same number always has the same id. */
export function makeItem(index: number, random: () => number): Row {
  // Real ids lie beyond 2^47; every tenth lies beyond what a double can carry, too.
  const id = index % 10 === 9 ? 9_007_199_254_740_993n + BigInt(2 * index) : 141_948_669_132_000n + BigInt(index);
  return {
    id: numberFromSource(String(id)),
    name: `${pick(dishes, random)} ${index + 1}`,
    sku: `SKU-${index + 1}`,
    active: random() < 0.9,
    accountingGroup: { id: 40_570_261_078_058, name: 'Food' },
    prices: [
      { amount: amount(random), name: 'Default' },
      { amount: amount(random), name: 'Tuesday Special' },
    ],
    priceMode: pick(modes, random),
    sharingType: 'SHARED',
    itemType: pick(types, random),
  };
}

function makeGroup(first: number, count: number, random: () => number): Row {
  const modifiers = Array.from({ length: count }, (_, n): Row => {
    const index = first + n;
    const name = pick(extras, random);
    return {
      '@type': 'menuProductModifier',
      productName: `${name} ${index + 1}`,
      productPrice: random() < 0.5 ? 0 : amount(random),
      extraPrice: 0,
      // SKUs hold slashes and percent signs as their owners like.
      sku: `${index % 7 === 3 ? 'M/%' : 'M-'}${index + 1}`,
    };
  });
  return {
    description: `Group ${first / perGroup + 1}`,
    sku: `G-${first / perGroup + 1}`,
    mustSelectAnItem: false,
    multiSelectionPermitted: true,
    productModifiers: modifiers,
  };
}

/** Both menus hold all items; the second holds the first one in a sub-screen and in a combo, too. */
function makeMenus(entries: Row[]): FakeCatalog['menus'] {
  const menu = (id: number, name: string, menuEntryGroups: Json[]): [string, Row] => [
    String(id),
    { menuName: name, menuEntryGroups, richDataMissing: false, ikentooMenuId: id },
  ];
  const screen = (id: string, menuEntry: Json[]): Row => ({ '@type': 'group', id, name: `Screen ${id}`, menuEntry });
  const again = entries.slice(0, 1);
  const deal: Row = {
    '@type': 'menuDeal',
    productName: 'Combo',
    sku: 'DEAL-1',
    menuDealGroups: [{ description: 'Choice', sku: 'DG-1', items: again }],
  };
  return new Map([
    menu(141_948_669_132_851, 'Lunch', [screen('1', entries)]),
    menu(141_948_669_132_852, 'Dinner', [screen('2', [...entries, screen('3', [...again, deal])])]),
  ]);
}

function makeDiscount(index: number, random: () => number): Row {
  const code = `CODE_${index + 1}`;
  return index % 2 === 0
    ? { name: `Percent off ${index + 1}`, code, discountPercentage: 5 * (1 + (index % 20)) }
    : { name: `Amount off ${index + 1}`, code, discountAmount: amount(random) };
}

function segment(sku: Json | undefined): string {
  return String(sku).replaceAll('%', '%25').replaceAll('/', '%2F');
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T;
}

function amount(random: () => number): number {
  return Math.round(50 + random() * 1_950) / 100;
}
