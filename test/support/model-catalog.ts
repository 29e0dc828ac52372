// Random catalogs for the model test: items as a person means them, how each face writes them, and random edits.
import fc from 'fast-check';
import type { Item, Kind } from '../../src/catalog/item.ts';
import type { Json } from '../../src/json.ts';

/** One item as it is meant. The two faces write it differently; what must be stored follows from it alone. */
export interface Dish {
  kind: Kind;
  /** null = the item comes without an id. */
  id: string | null;
  path: string | null;
  name: string | null;
  /** 'odd' = a price that nobody can read. */
  cents: number | null | 'odd';
  available: boolean | null;
  group: string;
  note: string;
}

export type Face = 'qu-document' | 'save-body';

/** What a dish must become: an item with its preference, or a reject with or without a readable key. */
export type Meant =
  | { type: 'item'; item: Item; preference: number }
  | { type: 'reject'; externalId: string | null; pathId: string | null };

/** Amounts are written as numbers, or, in a save body, as text with two decimals: the same content. */
export function amountOf(cents: number | null): string | null {
  if (cents === null) return null;
  const [whole = '0', part = ''] = (Math.abs(cents) / 100).toFixed(2).split('.');
  const rest = part.replace(/0+$/, '');
  return `${cents < 0 ? '-' : ''}${whole}${rest === '' ? '' : `.${rest}`}`;
}

/** What must be stored of a dish that came through this face. */
export function meantBy(dish: Dish, face: Face): Meant {
  const { kind, id, cents } = dish;
  const pathId = kind === 'discounts' ? null : dish.path;
  const externalId = face === 'qu-document' ? (pathId ?? id) : id;
  if (externalId === null) return { type: 'reject', externalId: null, pathId: null };
  if (cents === 'odd') return { type: 'reject', externalId, pathId };
  const isModifier = kind === 'modifiers';
  const amount = amountOf(cents);
  const item: Item = {
    kind,
    externalId,
    pathId,
    name: dish.name,
    itemType: null,
    modifierGroupId: isModifier && face === 'qu-document' ? `id of ${dish.group}` : null,
    modifierGroupName: isModifier ? dish.group : null,
    discountAmount: kind === 'discounts' ? amount : null,
    discountPercent: null,
    price: kind === 'discounts' ? null : amount,
    currency: null,
    isAvailable: dish.available,
    data: face === 'qu-document' ? writeQu(dish) : { note: dish.note },
  };
  return { type: 'item', item, preference: amount === null || amount === '0' ? 0 : 1 };
}

/** The dish as the POS writes it. */
export function writeQu(dish: Dish): { [key: string]: Json } {
  const { kind, cents } = dish;
  const price = cents === 'odd' ? '$5' : cents === null ? null : cents / 100;
  const raw: { [key: string]: Json } = { name: dish.name, note: dish.note };
  if (dish.id !== null) raw.id = dish.id;
  if (dish.available !== null) raw.isOutOfStock = !dish.available;
  if (kind === 'discounts') return price === null ? raw : { ...raw, discountAmount: price };
  if (dish.path !== null) raw.pathId = dish.path;
  if (kind === 'modifiers') raw.modifierGroup = { id: `id of ${dish.group}`, name: dish.group };
  return { ...raw, prices: { prices: price === null ? [] : [{ price }] } };
}

/** The dish in a body of save-integration-data; `asText` writes amounts as '4.50'. */
export function writeFormatted(dish: Dish, asText: boolean): Json {
  const { kind, cents } = dish;
  const amount = cents === 'odd' ? '12,50' : cents === null ? null : asText ? (cents / 100).toFixed(2) : cents / 100;
  const raw: { [key: string]: Json } = { name: dish.name, isAvailable: dish.available, data: { note: dish.note } };
  if (dish.id !== null) raw[asText ? 'id' : 'mappingId'] = dish.id;
  if (kind !== 'discounts') raw[asText ? 'path_id' : 'pathId'] = dish.path;
  if (kind === 'modifiers') raw.category = dish.group;
  raw[kind === 'discounts' ? 'discountAmount' : 'price'] = amount;
  return raw;
}

/** Random dishes from small pools, so that keys meet again and again. */
export const dishes: fc.Arbitrary<Dish> = fc.record({
  kind: fc.constantFrom<Kind>('products', 'products', 'modifiers', 'modifiers', 'discounts'),
  id: fc.constantFrom('a', 'b', 'c', 'd', 'é', 'A', '0', ' e', 'f\u0301', null),
  path: fc.constantFrom(null, null, 'p', 'q-1'),
  name: fc.constantFrom(null, 'Café', "O'Hara\\t", 'Tea'),
  cents: fc.constantFrom<Dish['cents']>(null, 0, 450, 999, 1_205, -100, 'odd'),
  available: fc.constantFrom(null, true, false),
  group: fc.constantFrom('Milk', 'Sauce'),
  note: fc.constantFrom('x', 'y', '0'),
});

export type Edit =
  | { edit: 'add'; dish: Dish }
  | { edit: 'drop' | 'copy' | 'move'; at: number }
  | { edit: 'change' | 'twin'; at: number; dish: Dish };

const at = fc.nat(200);
export const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ edit: fc.constant('add' as const), dish: dishes }),
  fc.record({ edit: fc.constantFrom('drop' as const, 'copy' as const, 'move' as const), at }),
  fc.record({ edit: fc.constantFrom('change' as const, 'change' as const, 'twin' as const), at, dish: dishes }),
);

/** The catalog after one edit; places beyond its end wrap around. */
export function edited(catalog: readonly Dish[], change: Edit): Dish[] {
  if (change.edit === 'add') return [...catalog, change.dish];
  const place = catalog.length === 0 ? -1 : change.at % catalog.length;
  const found = catalog[place];
  if (found === undefined) return [];
  const others = catalog.filter((_dish, index) => index !== place);
  switch (change.edit) {
    case 'drop':
      return others;
    case 'copy':
      return [...catalog, { ...found }];
    case 'move':
      return [...others, found];
    case 'change':
      return catalog.with(place, { ...change.dish, kind: found.kind, id: found.id, path: found.path });
    case 'twin':
      // A second row of the same key with other content: mostly the one that costs nothing.
      return [{ ...found, cents: 0, note: change.dish.note }, ...catalog];
  }
}
