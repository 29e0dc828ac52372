// A seeded catalog for the pretend POS of recipes: items with their options, discounts, and what is gone.
import { seededRandom } from '../../seeded-random.ts';

export interface FakeEntry {
  id: number | string;
  [member: string]: unknown;
}

export interface FakeEntries {
  item: FakeEntry[];
  discount: FakeEntry[];
}

interface Size {
  products: number;
  modifiers: number;
  discounts: number;
  seed?: number;
}

/** The same size and seed make the same catalog. Modifiers hang below the products in turn. */
export function makeEntries({ products, modifiers, discounts, seed = 1 }: Size): FakeEntries {
  const random = seededRandom(seed);
  const amount = () => Math.floor(random() * 2_000);
  const item: FakeEntry[] = Array.from({ length: products }, (_, index) => ({
    id: 1_000 + index,
    name: `Dish ${index}`,
    price: { amount: index % 7 === 0 ? 0 : amount(), currency: 'USD' },
    soldOut: index % 5 === 0,
    options: [] as FakeEntry[],
  }));
  for (let index = 0; index < modifiers && products > 0; index++) {
    const owner = item[index % products] as FakeEntry;
    const turn = Math.floor(index / products);
    (owner.options as FakeEntry[]).push({ id: `o-${turn}`, name: `Option ${turn}`, cents: amount(), group: 'extras' });
  }
  const discount = Array.from({ length: discounts }, (_, index): FakeEntry => {
    const name = `Discount ${index}`;
    return index % 2 === 0 ? { id: 5_000 + index, name, off: '1.50' } : { id: 5_000 + index, name, percent: 10 };
  });
  return { item, discount };
}
