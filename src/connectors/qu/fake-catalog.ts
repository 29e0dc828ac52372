// An invented Qu catalog with the quirks of real ones: seeded, so that the same seed always gives the same bytes.
import type { Json } from '../../json.ts';
import { seededRandom } from '../seeded-random.ts';

export type FakeItem = { [key: string]: Json };

/** What the pretend POS answers with. */
export interface FakeCatalog {
  menuItems: FakeItem[];
  modifiers: FakeItem[];
  discounts: FakeItem[];
  error: string;
  lastModified: string;
}

export interface CatalogSize {
  seed?: number;
  /** Distinct keys; default 425. */
  products?: number;
  /** Distinct keys; default 685. */
  modifiers?: number;
  /** Default 10. */
  discounts?: number;
  /** Modifiers that come a second time, two thirds of them with other content and price 0; default 15. */
  repeated?: number;
}

const dishes =
  'Croissant,Crème brûlée,Jalapeño roll,Açaí bowl,Bagel,Smørrebrød,Pão de queijo,Tarte,Müsli,Matcha 抹茶,Toast,Soup';
const kindsOfDish = 'Small,Large,Deluxe,Half,Vegan,Spicy,“House”,N° 5,Extra,Classic,Día,Winter';
const extras =
  'Oat milk,Añejo cheese,Honey,No ice,Syrup,Gluten-free,Chili,Double shot,Crème fraîche,Basil,Olives,Sugar';
const groups = 'Milk,Sauce,Topping,Bread,Size,Sweetener,Side,Préparation';
const categories = 'Bakery,Drinks,Lunch,OLO Lunch,Breakfast';

/** Makes a catalog. Keys (pathId; id for discounts) are distinct but for `repeated` modifiers. */
export function makeCatalog(size: CatalogSize = {}): FakeCatalog {
  const { seed = 1, products = 425, modifiers = 685, discounts = 10, repeated = 15 } = size;
  const random = seededRandom(seed);
  const catalog: FakeCatalog = {
    menuItems: Array.from({ length: products }, (_, index) => makeProduct(index, random)),
    modifiers: Array.from({ length: modifiers }, (_, index) => makeModifier(index, random)),
    discounts: Array.from({ length: discounts }, (_, index) => makeDiscount(index, random)),
    error: '',
    lastModified: '2025-10-30T11:01:17.478',
  };
  repeatModifiers(catalog.modifiers, Math.min(repeated, modifiers));
  return catalog;
}

/** A product with number `index`; the same number always has the same key. */
function makeProduct(index: number, random: () => number): FakeItem {
  const id = 70_000 + index;
  const dish = `${pick(dishes, random)}, ${pick(kindsOfDish, random)} ${index + 1}`;
  const price = makePrice(random);
  const isScheduled = random() < 0.1;
  const isOut = random() < 0.1;
  return {
    // One sellable id may hang in several places: only the path is unique.
    pathId: `${50_000 + (index % 12)}-${id}`,
    id: index % 11 === 10 ? id - 1 : id,
    name: dish,
    displayAttribute: { itemTitle: dish, kitchenTitle: dish.toUpperCase(), displayGroupId: index % 70 },
    description: random() < 0.5 ? '' : `Made fresh – “${dish}”.`,
    ...(random() < 0.3 ? { menuCategory: { id: index % 5, name: pick(categories, random) } } : {}),
    priceAttribute: prices(price, id),
    scheduledPrices: isScheduled
      ? [{ effective: { effectiveStartDateTime: '2025-04-07T01:00:00' }, price: prices(cheaper(price), id) }]
      : [],
    itemType: 1,
    prices: prices(isScheduled ? cheaper(price) : price, id),
    isOutOfStock: isOut,
  };
}

function makeModifier(index: number, random: () => number): FakeItem {
  const id = 90_000 + (index % 230);
  const group = 60_000 + Math.floor(index / 230) * 100 + (index % 8);
  const name = `${pick(extras, random)} ${(index % 230) + 1}`;
  // A modifier whose price is not told at all, beside the many that cost nothing.
  const price = random() < 0.03 ? null : random() < 0.6 ? 0 : makePrice(random);
  return {
    pathId: `${group}-${id}`,
    id,
    name,
    displayAttribute: { itemTitle: name, displayGroupId: index % 9 },
    priceAttribute: prices(price, id),
    scheduledPrices: [],
    itemType: 1,
    modifierGroup: { id: group, name: `${pick(groups, random)} ${group}` },
    prices: prices(price, id),
    isOutOfStock: random() < 0.02,
  };
}

function makeDiscount(index: number, random: () => number): FakeItem {
  const name = `${index % 2 === 0 ? 'Rabatt für Gäste' : 'Student discount'} ${index + 1}`;
  // More than half are percentages, whose amount Qu does not tell.
  return index % 5 < 3 ? { id: 40_000 + index, name } : { id: 40_000 + index, name, discountAmount: makePrice(random) };
}

function repeatModifiers(modifiers: FakeItem[], count: number): void {
  for (let n = 0; n < count; n++) {
    const original = modifiers[n * Math.max(1, Math.floor(modifiers.length / (count + 1)))] as FakeItem;
    const id = Number(original.id);
    if (n % 3 === 2) {
      modifiers.push(structuredClone(original));
      continue;
    }
    // The priced row is the true one; its twin costs 0 and is named otherwise on the screen.
    const price = prices(0.99 + n, id);
    original.prices = price;
    original.priceAttribute = price;
    const displayAttribute = { itemTitle: `${String(original.name)} (included)`, displayGroupId: 0 };
    modifiers.push({
      ...structuredClone(original),
      displayAttribute,
      prices: prices(0, id),
      priceAttribute: prices(0, id),
    });
  }
}

function pick(list: string, random: () => number): string {
  const words = list.split(',');
  return words[Math.floor(random() * words.length)] as string;
}

function makePrice(random: () => number): number {
  return Math.round(50 + random() * 1_950) / 100;
}

function cheaper(price: number): number {
  return Math.round(price * 75) / 100;
}

function prices(price: number | null, id: number): FakeItem {
  return { priceType: 1, prices: price === null ? [] : [{ price, priceValueId: id }], id: 0 };
}

/** What a correct sync of this catalog counts, with no category excluded. */
export function expectationOf(catalog: FakeCatalog): Record<'products' | 'modifiers' | 'discounts', FakeCounts> {
  const count = (items: readonly FakeItem[], keyOf: (item: FakeItem) => Json | undefined): FakeCounts => {
    const distinct = new Set(items.map((item) => String(keyOf(item)))).size;
    return { received: items.length, distinct, duplicates: items.length - distinct };
  };
  return {
    products: count(catalog.menuItems, ({ pathId }) => pathId),
    modifiers: count(catalog.modifiers, ({ pathId }) => pathId),
    discounts: count(catalog.discounts, ({ id }) => id),
  };
}

export interface FakeCounts {
  received: number;
  distinct: number;
  duplicates: number;
}

/** Raises the effective and the base price of `count` products by 10 cents; returns their keys. */
export function changePrices(catalog: FakeCatalog, count: number): string[] {
  const changed: string[] = [];
  for (const item of catalog.menuItems) {
    if (changed.length === count) break;
    const first = firstPrice(item);
    if (first === null) continue;
    const price = Math.round(Number(first.price) * 100 + 10) / 100;
    item.prices = prices(price, Number(item.id));
    item.priceAttribute = prices(price, Number(item.id));
    changed.push(String(item.pathId));
  }
  return changed;
}

/** Adds `count` products with new keys; returns them. */
export function addProducts(catalog: FakeCatalog, count: number): string[] {
  const random = seededRandom(catalog.menuItems.length + count);
  const known = new Set(catalog.menuItems.map(({ pathId }) => String(pathId)));
  const added: string[] = [];
  for (let index = catalog.menuItems.length; added.length < count; index++) {
    const product = makeProduct(index, random);
    if (known.has(String(product.pathId))) continue;
    catalog.menuItems.push(product);
    added.push(String(product.pathId));
  }
  return added;
}

/** Drops the last `count` products of the list but for those just added (keys in `keep`); returns their keys. */
export function dropProducts(catalog: FakeCatalog, count: number, keep: readonly string[] = []): string[] {
  const candidates = catalog.menuItems.map(({ pathId }) => String(pathId)).filter((key) => !keep.includes(key));
  const dropped = count === 0 ? [] : candidates.slice(-count);
  catalog.menuItems = catalog.menuItems.filter(({ pathId }) => !dropped.includes(String(pathId)));
  return dropped;
}

/** The same rows in another order, the same for the same seed. */
export function reorder(catalog: FakeCatalog, seed: number): void {
  const random = seededRandom(seed);
  for (const list of [catalog.menuItems, catalog.modifiers, catalog.discounts]) {
    for (let at = list.length - 1; at > 0; at--) {
      const other = Math.floor(random() * (at + 1));
      [list[at], list[other]] = [list[other] as FakeItem, list[at] as FakeItem];
    }
  }
}

function firstPrice(item: FakeItem): FakeItem | null {
  const list = (item.prices as FakeItem).prices;
  return Array.isArray(list) && list.length > 0 ? (list[0] as FakeItem) : null;
}
