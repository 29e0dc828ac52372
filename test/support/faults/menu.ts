// A small seeded catalog whose every key is distinct, in the form that the model knows and in that of the pretend POS.
import { type Kind, kinds } from '../../../src/catalog/item.ts';
import { seededRandom } from '../../../src/connectors/seeded-random.ts';
import type { Json } from '../../../src/json.ts';
import { type Dish, writeQu } from '../model-catalog.ts';

export interface MenuSize {
  products: number;
  modifiers: number;
  discounts: number;
}

/** Dishes of all kinds; the same seed gives the same ones. */
export function makeMenu(seed: number, size: MenuSize): Dish[] {
  const random = seededRandom(seed);
  return kinds.flatMap((kind) =>
    Array.from({ length: size[kind] }, (_, n) => ({
      kind,
      id: `${kind[0]}${n}`,
      path: kind === 'discounts' ? null : `${kind[0]}${n}-p`,
      name: `${kind} ${n} of ${seed}`,
      cents: 100 + Math.floor(random() * 5_000),
      available: true,
      group: `group ${n % 3}`,
      note: `note ${Math.floor(random() * 1_000)}`,
    })),
  );
}

const members = { products: 'menuItems', modifiers: 'modifiers', discounts: 'discounts' } as const;

/** The whole document of the POS; kinds that are not present are left out of it. */
export function menuDocument(
  dishes: readonly Dish[],
  present: ReadonlySet<Kind> = new Set(kinds),
): { [member: string]: Json } {
  const lists = kinds
    .filter((kind) => present.has(kind))
    .map((kind) => [members[kind], dishes.filter((dish) => dish.kind === kind).map(writeQu)] as const);
  return { ...Object.fromEntries(lists), error: '', lastModified: '2025-10-30T11:01:17.478' };
}
