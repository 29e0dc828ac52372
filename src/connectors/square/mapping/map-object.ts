// From one catalog object to what it means: products and modifiers of an item, a discount, a list to remember, or nothing.
import { rejectOf } from '../../../catalog/check-item.ts';
import type { Formatted, Kind } from '../../../catalog/item.ts';
import { idText, isObject } from '../../../catalog/raw-fields.ts';
import type { ElementFault } from '../../../catalog/read-json-stream.ts';
import type { Json } from '../../../json.ts';
import { mapDiscount } from './map-discount.ts';
import { mapVariation } from './map-variation.ts';
import type { ModifierLists } from './modifier-lists.ts';
import { objectField, objectsField, type RawObject, UnusableField } from './raw-object.ts';

export interface Mapping {
  lists: ModifierLists;
  /** The pages hold what changed, so that an item also says which modifiers it has no more. */
  isDelta: boolean;
  /** The locations that the config speaks of; null = those that the objects name. */
  only: readonly string[] | null;
  /** Items that refer to a list which has not come yet, with what they say of it. */
  waiting: { item: RawObject; info: RawObject }[];
}

const none = { externalId: null, pathId: null };

/** Maps one object. Whatever is wrong with it becomes rejects; nothing is thrown. */
export function* mapObject(raw: Json, mapping: Mapping): Generator<Formatted, void, void> {
  if (!isObject(raw)) {
    yield unreadable('products', raw, { reason: 'not_an_object', message: 'The object is not an object.' });
    return;
  }
  try {
    yield* mapTyped(raw, mapping);
  } catch (error) {
    if (!(error instanceof UnusableField)) throw error;
    for (const kind of kindsOf(raw.type)) yield unreadable(kind, raw, error);
  }
}

function* mapTyped(raw: RawObject, mapping: Mapping): Generator<Formatted, void, void> {
  switch (raw.type) {
    case 'ITEM':
      return yield* mapItem(raw, mapping);
    case 'DISCOUNT':
      yield mapDiscount(raw, mapping.only);
      return;
    case 'MODIFIER_LIST':
      mapping.lists.addList(idOf(raw), raw);
      return;
    case 'MODIFIER':
      mapping.lists.addModifier(parentOf(raw, 'modifier_data', 'modifier_list_id'), raw);
      return;
    case 'ITEM_VARIATION':
      // In a delta its item comes with it and says more; a tombstone comes alone.
      if (!mapping.isDelta || raw.is_deleted === true) yield mapVariation(raw, null, mapping.only);
      return;
    default:
      if (typeof raw.type !== 'string') throw new UnusableField('invalid_field', 'The object has no type.');
    // Categories, taxes, images and the like are no items.
  }
}

function* mapItem(raw: RawObject, mapping: Mapping): Generator<Formatted, void, void> {
  const itemId = idOf(raw);
  const data = objectField(raw, 'item_data');
  const variations = objectsField(data, 'variations');
  const infos = objectsField(data, 'modifier_list_info');
  const isDeleted = raw.is_deleted === true;
  if (variations.length === 0 && !isDeleted) {
    // The key of no product, so that nothing is kept from being removed for its sake.
    const message = 'The item has no variation, so there is nothing that could be sold.';
    yield rejectOf('products', { externalId: itemId, pathId: itemId }, { reason: 'missing_variation', message, raw });
  }
  for (const variation of variations) yield mapVariation(variation, raw, mapping.only);
  const used = new Set<string>();
  for (const info of infos) {
    const listId = idText(info.modifier_list_id);
    if (listId === null) throw new UnusableField('invalid_field', 'A modifier_list_info names no list.');
    used.add(listId);
    if (mapping.lists.has(listId)) yield* mapping.lists.of(raw, info, mapping.only);
    else mapping.waiting.push({ item: raw, info });
  }
  if (mapping.isDelta) yield* mapping.lists.goneOf(itemId, isDeleted ? new Set() : used);
}

function idOf(raw: RawObject): string {
  const id = idText(raw.id);
  if (id === null) throw new UnusableField('missing_external_id', `The ${String(raw.type)} has no id.`);
  return id;
}

function parentOf(raw: RawObject, data: string, field: string): string {
  const id = idText(objectField(raw, data)[field]);
  if (id === null) throw new UnusableField('invalid_field', `The ${String(raw.type)} has no ${field}.`);
  return id;
}

/** The kinds that an object of this type stands for; all, where its type is not known. */
function kindsOf(type: Json | undefined): readonly Kind[] {
  if (type === 'ITEM') return ['products', 'modifiers'];
  if (type === 'ITEM_VARIATION') return ['products'];
  if (type === 'MODIFIER_LIST' || type === 'MODIFIER') return ['modifiers'];
  return type === 'DISCOUNT' ? ['discounts'] : ['products', 'modifiers', 'discounts'];
}

function unreadable(kind: Kind, raw: Json, why: { reason: string; message: string }): Formatted {
  return rejectOf(kind, none, { reason: why.reason, message: why.message, raw });
}

const faults: Readonly<Record<ElementFault, string>> = {
  too_deep: 'The object is nested deeper than 100 levels.',
  too_large: 'The object is larger than 4 MiB.',
  not_utf8: 'The object holds bytes that are not UTF-8 text.',
};

/** An object that cannot be read as a whole: a reject without key for each kind that it may have held. */
export function* mapFaulty(raw: Json, fault: ElementFault): Generator<Formatted, void, void> {
  const type = isObject(raw) ? raw.type : undefined;
  if (typeof type === 'string' && !/^(ITEM|ITEM_VARIATION|MODIFIER|MODIFIER_LIST|DISCOUNT)$/.test(type)) return;
  for (const kind of kindsOf(type)) yield unreadable(kind, raw, { reason: fault, message: faults[fault] });
}
