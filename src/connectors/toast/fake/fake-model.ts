// The menus of a pretend restaurant as the restaurant sees them: items, shared modifier groups, options, discounts; seeded.
import { itemKey, type Kind } from '../../../catalog/item.ts';
import type { FakeSize } from '../../connector-fake.ts';
import { seededRandom } from '../../seeded-random.ts';

export interface FakeOption {
  guid: string;
  name: string;
  price: number | null;
  pricingStrategy: string;
  /** Nested in it. */
  groups: FakeGroup[];
}

export interface FakeGroup {
  guid: string;
  name: string;
  options: FakeOption[];
}

export interface FakeItem {
  guid: string;
  name: string;
  price: number | null;
  pricingStrategy: string;
  groups: FakeGroup[];
  /** Its price on the second menu; undefined = it is not on it. */
  otherPrice?: number | null;
}

export interface FakeDiscount {
  guid: string;
  entityType: 'Discount';
  externalId: string | null;
  name: string;
  active: boolean;
  type: string;
  percentage: number | null;
  amount: number | null;
  selectionType: string;
  nonExclusive: boolean;
  itemPickingPriority: string;
  fixedTotal: number | null;
  promoCodes: string[];
}

export interface FakeModel {
  restaurantGuid: string;
  items: FakeItem[];
  discounts: FakeDiscount[];
}

type Random = () => number;

/**
 * Every item has its share of `modifiers`: groups are shared by all items with the same share, and of five or more, five
 * are a tree three levels deep. Some prices are null, some items stand on two menus, some at another price there.
 */
export function makeModel({ products, modifiers, discounts, seed = 1 }: FakeSize): FakeModel {
  const random = seededRandom(seed);
  const restaurantGuid = guid(random);
  const tree = makeTree(random);
  const plain = new Map<number, FakeGroup>();
  const items = Array.from({ length: products }, (_, index) => {
    const share = Math.floor(modifiers / products) + (index === 0 ? modifiers % products : 0);
    return makeItem(index, random, groupsFor(share, { tree, plain, random }));
  });
  return {
    restaurantGuid,
    items,
    discounts: Array.from({ length: discounts }, (_, index) => makeDiscount(index, random)),
  };
}

function groupsFor(share: number, of: { tree: FakeGroup; plain: Map<number, FakeGroup>; random: Random }): FakeGroup[] {
  const hasTree = share >= 5;
  const rest = hasTree ? share - 5 : share;
  const groups = hasTree ? [of.tree] : [];
  if (rest === 0) return groups;
  const known = of.plain.get(rest) ?? makeGroup(`Choice of ${rest}`, rest, of.random);
  of.plain.set(rest, known);
  return [...groups, known];
}

function makeTree(random: Random): FakeGroup {
  const [size, crust, rim] = [
    makeGroup('Größe', 2, random),
    makeGroup('Crust', 2, random),
    makeGroup('Rim', 1, random),
  ];
  (size.options[0] as FakeOption).groups.push(crust);
  (crust.options[0] as FakeOption).groups.push(rim);
  return size;
}

function makeGroup(name: string, options: number, random: Random): FakeGroup {
  return {
    guid: guid(random),
    name,
    options: Array.from({ length: options }, (_, index) => {
      const isPriced = index % 4 !== 3;
      return {
        guid: guid(random),
        name: `${name} ${index + 1}`,
        price: isPriced ? Math.round(random() * 300) / 100 : null,
        pricingStrategy: isPriced ? 'BASE_PRICE' : 'GROUP_PRICE',
        groups: [],
      };
    }),
  };
}

function makeItem(index: number, random: Random, groups: FakeGroup[]): FakeItem {
  const isPriced = index % 9 !== 4;
  const isMenuPriced = index % 14 === 7;
  const price = Math.round(200 + random() * 2_800) / 100;
  const other = index % 7 !== 0 ? {} : { otherPrice: isMenuPriced ? Math.round(price * 100 + 150) / 100 : price };
  return {
    guid: guid(random),
    name: index % 20 === 19 ? 'Missing name' : `${index % 2 === 0 ? 'Crème brûlée' : 'Burger'} ${index + 1}`,
    price: isPriced || isMenuPriced ? price : null,
    pricingStrategy: isMenuPriced ? 'MENU_SPECIFIC_PRICE' : isPriced ? 'BASE_PRICE' : 'OPEN_PRICE',
    groups,
    ...(isPriced || isMenuPriced ? other : {}),
  };
}

function makeDiscount(index: number, random: Random): FakeDiscount {
  const isPercent = index % 2 === 0;
  const isOpen = index % 5 === 4;
  return {
    guid: guid(random),
    entityType: 'Discount',
    externalId: null,
    name: `Discount ${index + 1}`,
    active: index % 3 !== 2,
    type: `${isOpen ? 'OPEN_' : ''}${isPercent ? 'PERCENT' : 'FIXED'}`,
    percentage: isPercent && !isOpen ? 10 + index / 2 : null,
    amount: isPercent || isOpen ? null : Math.round(random() * 1_000) / 100 + 0.01,
    selectionType: index % 2 === 0 ? 'CHECK' : 'ITEM',
    nonExclusive: false,
    itemPickingPriority: 'FIRST',
    fixedTotal: null,
    promoCodes: [],
  };
}

/** A GUID that is the same for the same seed. */
function guid(random: Random): string {
  const digits = (count: number) =>
    Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join('');
  return `${digits(8)}-${digits(4)}-4${digits(3)}-a${digits(3)}-${digits(12)}`;
}

/** `<kind> <itemKey>` of all that a correct sync stores, by walking the model. */
export function keysOf({ items, discounts }: FakeModel): string[] {
  const key = (kind: Kind, id: string, path: string | null) => `${kind} ${itemKey(kind, id, path)}`;
  const below = (groups: readonly FakeGroup[], path: string): string[] =>
    groups.flatMap((group) =>
      group.options.flatMap((option) => {
        const here = `${path}/${group.guid}/${option.guid}`;
        return [key('modifiers', option.guid, here), ...below(option.groups, here)];
      }),
    );
  return [
    ...items.map((item) => key('products', item.guid, null)),
    ...items.flatMap((item) => below(item.groups, item.guid)),
    ...discounts.map((discount) => key('discounts', discount.guid, null)),
  ];
}
