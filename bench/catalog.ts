// Makes the catalogs: formatted items as a POS would give them, about 560 bytes of JSON each, and their edits.
import type { Item, Kind } from '../src/catalog/item.ts';
import type { Json } from '../src/json.ts';
import { pick, type Random, seeded, shuffled } from './random.ts';

const foods = [
  'Cheese Burger',
  'Chicken Wrap',
  'Garden Salad',
  'Hot Dog',
  'Iced Tea',
  'Lemonade',
  'Milk Shake',
  'Onion Rings',
];
// 19 of 1,061 items of a real capture hold a character beyond ASCII; here it is one in 33.
const foreignFoods = ['Crème brûlée', 'Jalapeño Burger', 'Smørrebrød', 'Gyūdon 牛丼', 'Family Pizza 🍕'];
const sizes = ['Small', 'Regular', 'Large', 'Kids', 'Family', 'Doppio'];
const groups = ['Add-Ons', 'Sauces', 'Extras', 'Ingredients', 'Toppings', 'Preparation', 'Combo Sides'];
const colours = ['amber', 'teal', 'crimson', 'slate', 'olive'];
const taxes = ['state', 'county', 'prepared food', 'takeaway'];
const sentence =
  'Freshly made to order; may contain traces of nuts, sesame and gluten. Prepared for you while you wait, also to take away; ' +
  'ask for the list of allergens.';

/** How many items of each kind a catalog of `n` has: 425 : 685 : 10, as in the original's own example. */
export function split(n: number): Record<Kind, number> {
  const products = Math.round((n * 425) / 1120);
  const discounts = Math.max(1, Math.round((n * 10) / 1120));
  return { products, modifiers: n - products - discounts, discounts };
}

/** A catalog of `n` items; the same seed gives the same items. They are what a JSON parser would have made. */
export function makeCatalog(n: number, seed = 1): Item[] {
  return [...catalogItems(n, seed)];
}

/** The items of makeCatalog, one at a time. */
export function* catalogItems(n: number, seed = 1): Generator<Item, void, void> {
  const random = seeded(seed);
  const counts = split(n);
  for (let i = 0; i < counts.products; i++) yield parsed(product(random, i));
  for (let i = 0; i < counts.modifiers; i++) yield parsed(modifier(random, i));
  for (let i = 0; i < counts.discounts; i++) yield parsed(discount(random, i));
}

// Concatenated strings are ropes in V8 until they are first read; a parser's are not, so the first contender to read
// them must not pay for that.
function parsed(item: Item): Item {
  return JSON.parse(JSON.stringify(item)) as Item;
}

const nothing = {
  pathId: null,
  itemType: null,
  modifierGroupId: null,
  modifierGroupName: null,
  discountAmount: null,
  discountPercent: null,
  price: null,
};

function food(random: Random): string {
  return random() < 0.03 ? pick(random, foreignFoods) : pick(random, foods);
}

function product(random: Random, i: number): Item {
  const externalId = `${100_000 + i}`;
  const name = `${food(random)} ${pick(random, sizes)} ${i}`;
  const cents = 199 + Math.floor(random() * 2400);
  const pathId = `${10 + (i % 40)}-${externalId}`;
  return {
    ...nothing,
    kind: 'products',
    externalId,
    pathId,
    name,
    itemType: pick(random, ['Standard', 'Combo', 'Retail']),
    price: moneyText(cents),
    currency: 'USD',
    isAvailable: random() > 0.03,
    data: raw(random, { id: externalId, pathId, name, price: cents / 100 }),
  };
}

function modifier(random: Random, i: number): Item {
  const externalId = `${500_000 + Math.floor(i / 4)}`;
  const group = Math.floor(random() * groups.length);
  const name = `${pick(random, ['Extra', 'No', 'Light', 'Double', 'Without'])} ${food(random)}`;
  // Most choices are free, and some have no price of their own.
  const draw = random();
  const cents = draw < 0.1 ? null : draw < 0.4 ? 0 : 100 + Math.floor(random() * 400);
  // One modifier hangs under several products: the path makes the key. Every twentieth hangs nowhere.
  const pathId = i % 20 === 0 ? null : `${100_000 + (i % 425)}-${900 + group}-${i}`;
  return {
    ...nothing,
    kind: 'modifiers',
    externalId: pathId === null ? `${externalId}-${i}` : externalId,
    pathId,
    name,
    modifierGroupId: `${900 + group}`,
    modifierGroupName: groups[group] as string,
    price: cents === null ? null : moneyText(cents),
    currency: 'USD',
    isAvailable: true,
    data: raw(random, { id: externalId, pathId, name, price: cents === null ? null : cents / 100 }),
  };
}

function discount(random: Random, i: number): Item {
  const isPercent = i % 2 === 0;
  const cents = 100 + Math.floor(random() * 900);
  const name = `${isPercent ? 'Happy Hour' : 'Coupon'} ${pick(random, sizes)} ${i}`;
  return {
    ...nothing,
    kind: 'discounts',
    externalId: `D${i}`,
    name,
    discountAmount: isPercent ? null : moneyText(cents),
    discountPercent: isPercent ? String(5 + (i % 40)) : null,
    currency: isPercent ? null : 'USD',
    isAvailable: true,
    data: raw(random, { id: `D${i}`, pathId: null, name, price: isPercent ? null : cents / 100 }),
  };
}

function raw(random: Random, of: { id: string; pathId: string | null; name: string; price: number | null }): Json {
  return {
    id: of.id,
    itemPathKey: of.pathId,
    name: of.name,
    price: of.price,
    description: sentence.slice(0, 80 + Math.floor(random() * 56)),
    plu: Math.floor(random() * 1_000_000),
    displayAttribute: {
      sortOrder: Math.floor(random() * 400),
      color: pick(random, colours),
      isVisible: random() > 0.1,
    },
    taxes: [{ name: pick(random, taxes), rate: Math.floor(random() * 1200) / 100, inclusive: random() > 0.5 }],
    nutrition: {
      calories: Math.floor(random() * 1400),
      allergens: ['nuts', 'gluten'].slice(0, 1 + (of.name.length % 2)),
    },
    image: `https://images.example/menu/${Math.floor(random() * 1e9).toString(36)}/${of.id}.webp`,
    schedule: { from: '06:00', to: random() > 0.5 ? '23:30' : '22:00', days: [1, 2, 3, 4, 5, 6, 7] },
    revision: 0,
  };
}

function moneyText(cents: number): string {
  return (cents / 100).toFixed(2).replace(/\.?0+$/, '');
}

/** The item with another price (where it has one) and another revision: what a menu edit in the POS gives. */
export function changedOne(item: Item): Item {
  const data = item.data as { [key: string]: Json };
  const revision = Number(data.revision) + 1;
  if (item.price === null || item.price === '0') return { ...item, data: { ...data, revision } };
  // 25 cents: well below the half by which the guard calls a price moved.
  const price = moneyText(Math.round(Number(item.price) * 100) + 25);
  return { ...item, price, data: { ...data, price: Number(price), revision } };
}

/** How many items 1 % of a catalog are. */
export function onePercent(n: number): number {
  return Math.max(1, Math.round(n / 100));
}

/** Another catalog with 1 % of the items edited; `turn` decides which, so that following edits meet other items. */
export function changeOnePercent(items: readonly Item[], turn: number): Item[] {
  const chosen = chosenPercent(items.length, turn);
  return items.map((item, index) => (chosen.has(index) ? changedOne(item) : item));
}

/** Another catalog with every item edited. */
export function changeAll(items: readonly Item[]): Item[] {
  return items.map(changedOne);
}

/** Another catalog without 1 % of the items. */
export function removeOnePercent(items: readonly Item[], turn: number): Item[] {
  const chosen = chosenPercent(items.length, turn);
  return items.filter((_item, index) => !chosen.has(index));
}

/** The same items in another order. */
export function reorder(items: readonly Item[], turn: number): Item[] {
  return shuffled(seeded(turn + 1), items);
}

// Spread over the whole catalog, as edits of a menu are.
function chosenPercent(n: number, turn: number): Set<number> {
  const count = onePercent(n);
  const chosen = new Set<number>();
  for (let i = 0; i < count; i++) chosen.add((Math.floor((i * n) / count) + turn * 7) % n);
  return chosen;
}
