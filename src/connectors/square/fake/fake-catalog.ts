// A seeded Square catalog that can be edited: lists shared by many items, tombstones, and a clock that only edits move.
import { itemKey } from '../../../catalog/item.ts';
import { seededRandom } from '../../seeded-random.ts';
import type { FakeDiscount, FakeItem, FakeList, FakeModifier, FakeObject, FakeVariation } from './catalog-object.ts';

/** The locations of the pretend seller. */
export const fakeLocations = ['LMAIN', 'LNORTH', 'LPIER'] as const;
const firstMoment = Date.parse('2025-06-01T08:00:00.000Z');
/** Items that share one list, as was measured in a real account. */
const mostSharing = 35;
const modifiersOfList = 5;

export interface CatalogSize {
  /** Variations; an item has one to three. */
  products: number;
  /** Modifiers in their lists; each is a row under each item that uses its list. */
  modifiers: number;
  discounts: number;
  seed?: number;
}

type Facts = Pick<FakeObject, 'id' | 'updated_at' | 'version' | 'is_deleted' | 'present_at_all_locations'>;

export class FakeCatalog {
  readonly items = new Map<string, FakeItem>();
  readonly lists = new Map<string, FakeList>();
  readonly discounts = new Map<string, FakeDiscount>();
  /** What was deleted, as it was before. */
  readonly tombstones: FakeObject[] = [];
  private moment = firstMoment;
  // Made at leisure, edited in quick succession.
  private step = 1_000;

  constructor(size: CatalogSize) {
    const random = seededRandom(size.seed ?? 1);
    const upTo = (most: number) => Math.floor(random() * most);
    for (let at = 0; at < size.modifiers; at += modifiersOfList) {
      this.addList(`LIST${at / modifiersOfList}`, Math.min(modifiersOfList, size.modifiers - at), upTo);
    }
    for (let at = 0, item = 0; at < size.products; item++) {
      const variations = Math.min(1 + upTo(3), size.products - at);
      this.addItem(`ITEM${item}`, variations, upTo);
      at += variations;
    }
    for (let at = 0; at < size.discounts; at++) this.addDiscount(`DISC${at}`, at, upTo);
    this.step = 7;
  }

  /** When it last changed. */
  get latestTime(): string {
    return new Date(this.moment).toISOString();
  }

  /** Lets time pass: what is edited next lies outside of any overlap with what was before. */
  pass(minutes = 60): void {
    this.moment += minutes * 60_000;
  }

  /** The next moment, as the changed state of an object. */
  stamp(): Pick<Facts, 'updated_at' | 'version'> {
    this.moment += this.step;
    return { updated_at: this.latestTime, version: this.moment };
  }

  /** Changes fields of an object's data and gives it a new version; a nested object does not touch the one around it. */
  touch(object: FakeObject, fields: Readonly<Record<string, unknown>> = {}): void {
    Object.assign(dataOf(object), fields);
    Object.assign(object, this.stamp());
  }

  /** Deletes it; with an item go its variations, with a list its modifiers. Items keep referring to the list. */
  remove(object: FakeItem | FakeList | FakeDiscount): void {
    const stamp = this.stamp();
    const nested = object.type === 'ITEM' ? object.item_data.variations : nestedOf(object);
    for (const each of [object, ...nested]) this.tombstones.push({ ...each, ...stamp, is_deleted: true });
    this.items.delete(object.id);
    this.lists.delete(object.id);
    this.discounts.delete(object.id);
  }

  /** Deletes one variation or modifier of its parent. */
  removeNested(object: FakeVariation | FakeModifier): void {
    this.tombstones.push({ ...object, ...this.stamp(), is_deleted: true });
    for (const item of this.items.values()) without(item.item_data.variations, object);
    for (const list of this.lists.values()) without(list.modifier_list_data.modifiers, object);
  }

  /** Every object by type, nested ones too, in the order in which they were made; the deleted ones last. */
  *objects(types: ReadonlySet<string>): Generator<FakeObject, void, void> {
    for (const object of [...this.lists.values(), ...this.items.values(), ...this.discounts.values()]) {
      if (types.has(object.type)) yield object;
      for (const nested of nestedOf(object)) if (types.has(nested.type)) yield nested;
    }
    for (const object of this.tombstones) if (types.has(object.type)) yield object;
  }

  /** `<kind> <itemKey>` of every row that a correct sync stores. */
  expectedKeys(): string[] {
    const keys: string[] = [];
    for (const item of this.items.values()) {
      for (const { id } of item.item_data.variations) keys.push(`products ${itemKey('products', id, item.id)}`);
      for (const { modifier_list_id } of item.item_data.modifier_list_info ?? []) {
        const list = this.lists.get(modifier_list_id);
        for (const { id } of list?.modifier_list_data.modifiers ?? []) {
          keys.push(`modifiers ${itemKey('modifiers', id, `${item.id}/${modifier_list_id}/${id}`)}`);
        }
      }
    }
    for (const id of this.discounts.keys()) keys.push(`discounts ${itemKey('discounts', id, null)}`);
    return keys;
  }

  private facts(id: string): Facts {
    return { id, ...this.stamp(), is_deleted: false, present_at_all_locations: true };
  }

  addList(id: string, modifiers: number, upTo: (most: number) => number): FakeList {
    const list: FakeList = {
      type: 'MODIFIER_LIST',
      ...this.facts(id),
      modifier_list_data: { name: `Extras ${id}`, selection_type: 'MULTIPLE', modifiers: [] },
    };
    for (let at = 0; at < modifiers; at++) {
      list.modifier_list_data.modifiers.push({
        type: 'MODIFIER',
        ...this.facts(`${id}M${at}`),
        modifier_data: {
          name: `Extra ${at}`,
          ordinal: at,
          modifier_list_id: id,
          price_money: { amount: upTo(300), currency: 'USD' },
          ...(upTo(8) === 0 ? { location_overrides: [{ location_id: 'LPIER', sold_out: true }] } : {}),
        },
      });
    }
    this.lists.set(id, list);
    return list;
  }

  addItem(id: string, variations: number, upTo: (most: number) => number): FakeItem {
    const item: FakeItem = {
      type: 'ITEM',
      ...this.facts(id),
      item_data: { name: `Dish ${id}`, product_type: 'FOOD_AND_BEV', is_archived: false, variations: [] },
    };
    const lists = this.listsFor(this.items.size, upTo);
    if (lists.length > 0) item.item_data.modifier_list_info = lists;
    if (upTo(10) === 0) Object.assign(item, { present_at_all_locations: false, present_at_location_ids: ['LNORTH'] });
    for (let at = 0; at < variations; at++) item.item_data.variations.push(this.variation(item, at, upTo));
    this.items.set(id, item);
    return item;
  }

  private variation(item: FakeItem, at: number, upTo: (most: number) => number): FakeVariation {
    const isVariable = upTo(12) === 0;
    const price = { amount: 100 + upTo(2_000), currency: 'USD' };
    return {
      type: 'ITEM_VARIATION',
      ...this.facts(`${item.id}V${at}`),
      item_variation_data: {
        item_id: item.id,
        name: ['Regular', 'Large', 'Family'][at] ?? `Size ${at}`,
        ordinal: at,
        pricing_type: isVariable ? 'VARIABLE_PRICING' : 'FIXED_PRICING',
        ...(isVariable ? {} : { price_money: price }),
        ...(upTo(6) === 0
          ? {
              location_overrides: [
                { location_id: 'LPIER', price_money: { amount: price.amount + 50, currency: 'USD' } },
              ],
            }
          : {}),
        sellable: true,
      },
    };
  }

  // The first list is shared by the first 35 items; each list after it by as many of those that follow.
  private listsFor(
    index: number,
    upTo: (most: number) => number,
  ): NonNullable<FakeItem['item_data']['modifier_list_info']> {
    const ids = [...this.lists.keys()];
    if (ids.length === 0) return [];
    const chosen = new Set([Math.floor(index / mostSharing) % ids.length, upTo(ids.length)]);
    return [...chosen].map((at) => ({
      modifier_list_id: ids[at] ?? '',
      min_selected_modifiers: 0,
      max_selected_modifiers: 1 + upTo(3),
      enabled: upTo(15) !== 0,
      ...(upTo(4) === 0 ? { modifier_overrides: [{ modifier_id: `${ids[at]}M0`, on_by_default: true }] } : {}),
    }));
  }

  private addDiscount(id: string, at: number, upTo: (most: number) => number): void {
    const kinds: FakeDiscount['discount_data'][] = [
      { name: `Percent ${at}`, discount_type: 'FIXED_PERCENTAGE', percentage: `${1 + upTo(90)}.5` },
      {
        name: `Amount ${at}`,
        discount_type: 'FIXED_AMOUNT',
        amount_money: { amount: 50 + upTo(900), currency: 'USD' },
      },
      { name: `Open ${at}`, discount_type: 'VARIABLE_AMOUNT', amount_money: { amount: 0, currency: 'USD' } },
      { name: `Open percent ${at}`, discount_type: 'VARIABLE_PERCENTAGE' },
    ];
    const data = kinds[at % kinds.length];
    if (data !== undefined) this.discounts.set(id, { type: 'DISCOUNT', ...this.facts(id), discount_data: data });
  }
}

function nestedOf(object: FakeItem | FakeList | FakeDiscount): readonly (FakeVariation | FakeModifier)[] {
  if (object.type === 'ITEM') return object.item_data.variations;
  return object.type === 'MODIFIER_LIST' ? object.modifier_list_data.modifiers : [];
}

function without(list: { id: string }[], { id }: { id: string }): void {
  const at = list.findIndex((each) => each.id === id);
  if (at !== -1) list.splice(at, 1);
}

function dataOf(object: FakeObject): object {
  switch (object.type) {
    case 'ITEM':
      return object.item_data;
    case 'ITEM_VARIATION':
      return object.item_variation_data;
    case 'MODIFIER_LIST':
      return object.modifier_list_data;
    case 'MODIFIER':
      return object.modifier_data;
    case 'DISCOUNT':
      return object.discount_data;
  }
}
