// An invented Clover inventory: seeded, so that the same seed always gives the same rows.
import { seededRandom } from '../../seeded-random.ts';

export interface FakeModifier {
  id: string;
  name: string;
  price: number;
  available?: boolean;
}

export interface FakeGroup {
  id: string;
  name: string;
  modifiers: FakeModifier[];
}

export interface FakeItem {
  id: string;
  name: string;
  price: number;
  priceType: 'FIXED' | 'VARIABLE' | 'PER_UNIT';
  hidden: boolean;
  available: boolean;
  modifiedTime: number;
  deletedTime?: number;
  categories: { id: string; name: string }[];
  /** Ids of groups. */
  groups: string[];
}

export interface FakeDiscount {
  id: string;
  name: string;
  amount?: number;
  percentage?: number;
}

export interface FakeInventory {
  merchant: { id: string; name: string; currency: string };
  items: FakeItem[];
  groups: FakeGroup[];
  discounts: FakeDiscount[];
  /** A member that every list bears beside its elements; a real one has none of this name. */
  note?: object;
}

export interface InventorySize {
  products: number;
  modifiers: number;
  discounts: number;
  seed?: number;
}

const dishes = 'Croissant,Crème brûlée,Jalapeño roll,Açaí bowl,Bagel,Smørrebrød,Tarte,Matcha 抹茶,Soup'.split(',');
const extras = 'Oat milk,Añejo cheese,Honey,No ice,Syrup,Chili,Double shot,Basil,Olives'.split(',');
const categories = 'Bakery,Drinks,Lunch,Breakfast'.split(',');

/** Modifiers come in groups of five; each group hangs on two items. One more item than asked for is deleted. */
export function makeInventory({ products, modifiers, discounts, seed = 1 }: InventorySize): FakeInventory {
  const random = seededRandom(seed);
  const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)] ?? '';
  const groups = Array.from({ length: Math.ceil(modifiers / 5) }, (_, index) => ({
    id: fakeId('G', index),
    name: `Group ${index + 1}`,
    modifiers: Array.from({ length: Math.min(5, modifiers - index * 5) }, (_, at) =>
      makeModifier(index * 5 + at, pick(extras)),
    ),
  }));
  const items = Array.from({ length: products }, (_, index): FakeItem => {
    const priceType = index % 17 === 3 ? 'VARIABLE' : index % 17 === 5 ? 'PER_UNIT' : 'FIXED';
    const category = index % categories.length;
    return {
      id: fakeId('I', index),
      name: `${pick(dishes)} ${index + 1}`,
      price: priceType === 'VARIABLE' ? 0 : Math.floor(random() * 2_000),
      priceType,
      hidden: index % 13 === 7,
      available: index % 11 !== 4,
      modifiedTime: 1_500_000_000_000 + index * 3_600_000,
      categories: [{ id: fakeId('C', category), name: categories[category] ?? '' }],
      groups: [],
    };
  });
  for (const [index, { id }] of groups.entries()) {
    for (const at of [index, index + 1]) items[at % Math.max(1, products)]?.groups.push(id);
  }
  const [first] = items;
  if (first) items.splice(1, 0, { ...first, id: fakeId('D', 0), name: 'Gone', deletedTime: 1_500_000_000_000 });
  return {
    merchant: { id: 'FAKEMERCHANT1', name: 'Café “Main Street”', currency: 'USD' },
    items,
    groups: groups.map((group) => ({ ...group })),
    discounts: Array.from({ length: discounts }, (_, index) => ({
      id: fakeId('X', index),
      name: `Discount ${index + 1}`,
      ...(index % 2 === 0 ? { amount: -100 * (index + 1) } : { percentage: 5 + (index % 90) }),
    })),
  };
}

/** Modifier number `index`; the same number always has the same id. */
export function makeModifier(index: number, name: string): FakeModifier {
  return { id: fakeId('M', index), name, price: (index % 7) * 25, ...(index % 9 === 2 ? { available: false } : {}) };
}

/** 13 characters, as ids of Clover have them. */
export function fakeId(kind: string, index: number): string {
  return kind + index.toString(36).toUpperCase().padStart(12, '0');
}
