// The modifier lists of a fetch, and the modifiers that they mean for one item: item × list × modifier.
import { formattedItem, rejectOf } from '../../../catalog/check-item.ts';
import type { Formatted } from '../../../catalog/item.ts';
import { idText, isObject } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import { overridesOf, presenceOf } from './presence.ts';
import {
  moneyField,
  objectField,
  objectsField,
  type RawObject,
  textField,
  UnusableField,
  versionOf,
} from './raw-object.ts';

interface KnownList {
  /** The list itself, without its modifiers. */
  list: RawObject;
  /** By id; those without an id under ''. */
  modifiers: Map<string, RawObject>;
  withoutId: RawObject[];
  /** Whether the list itself has come, and not only modifiers that name it. */
  isWhole: boolean;
}

/** Lists by id, as they came; the newer version of a list or a modifier wins. */
export class ModifierLists {
  private readonly lists = new Map<string, KnownList>();

  /** Takes a MODIFIER_LIST with its modifiers. Throws UnusableField. */
  addList(id: string, raw: RawObject): void {
    const { modifiers, ...data } = objectField(raw, 'modifier_list_data');
    const known = this.lists.get(id);
    if (known !== undefined && versionOf(known.list) > versionOf(raw)) return;
    const list = { ...raw, modifier_list_data: data };
    const entry: KnownList = { list, modifiers: new Map(), withoutId: [], isWhole: true };
    this.lists.set(id, entry);
    for (const modifier of objectsField({ modifiers: modifiers ?? null }, 'modifiers')) put(entry, modifier);
  }

  /** Takes a MODIFIER that came by itself: most come inside their list, too, and are one and the same. */
  addModifier(listId: string, raw: RawObject): void {
    let entry = this.lists.get(listId);
    if (entry === undefined) {
      entry = { list: { id: listId }, modifiers: new Map(), withoutId: [], isWhole: false };
      this.lists.set(listId, entry);
    }
    put(entry, raw);
  }

  has(listId: string): boolean {
    return this.lists.get(listId)?.isWhole === true;
  }

  /** The rows of one list under one item; `info` is what the item says of the list. */
  *of(item: RawObject, info: RawObject, only: readonly string[] | null): Generator<Formatted, void, void> {
    const listId = idText(info.modifier_list_id) ?? '';
    const entry = this.lists.get(listId);
    if (entry === undefined) return;
    for (const raw of [...entry.modifiers.values(), ...entry.withoutId]) {
      yield mapModifier({ item, info, list: entry.list, listId, raw }, only);
    }
  }

  /** Every key that could be stored under an item but is not any more: that of all lists which it does not use. */
  *goneOf(itemId: string, used: ReadonlySet<string>): Generator<Formatted, void, void> {
    for (const [listId, { modifiers }] of this.lists) {
      if (used.has(listId)) continue;
      for (const externalId of modifiers.keys()) {
        yield { type: 'removed', kind: 'modifiers', externalId, pathId: `${itemId}/${listId}/${externalId}` };
      }
    }
  }
}

function put({ modifiers, withoutId }: KnownList, raw: RawObject): void {
  const id = idText(raw.id);
  if (id === null) {
    withoutId.push(raw);
    return;
  }
  const known = modifiers.get(id);
  if (known === undefined || versionOf(known) <= versionOf(raw)) modifiers.set(id, raw);
}

interface Hanging {
  item: RawObject;
  info: RawObject;
  list: RawObject;
  listId: string;
  raw: RawObject;
}

function mapModifier(hanging: Hanging, only: readonly string[] | null): Formatted {
  const { item, info, list, listId, raw } = hanging;
  const externalId = idText(raw.id);
  const pathId = externalId === null ? null : `${idText(item.id) ?? ''}/${listId}/${externalId}`;
  const ids = { externalId, pathId };
  if (externalId === null || pathId === null) {
    const message = `A modifier of the list ${listId} has no id.`;
    return rejectOf('modifiers', ids, { reason: 'missing_external_id', message, raw });
  }
  if ([item, list, raw].some((object) => object.is_deleted === true)) {
    return { type: 'removed', kind: 'modifiers', externalId, pathId };
  }
  try {
    const modifier = objectField(raw, 'modifier_data');
    const { amount, currency } = moneyField(modifier, 'price_money');
    const isOff = info.enabled === false || objectField(item, 'item_data').is_archived === true;
    const presence = presenceOf({ chain: [item, list, raw], overrides: overridesOf(modifier), isOff }, only);
    return formattedItem(
      {
        kind: 'modifiers',
        externalId,
        pathId,
        name: textField(modifier, 'name'),
        itemType: null,
        modifierGroupId: listId,
        modifierGroupName: textField(objectField(list, 'modifier_list_data'), 'name'),
        discountAmount: null,
        discountPercent: null,
        price: amount,
        currency,
        ...presence,
        data: { ...raw, modifier_list_info: ownInfo(info, externalId) },
      },
      Math.max(versionOf(item), versionOf(list), versionOf(raw)),
    );
  } catch (error) {
    if (!(error instanceof UnusableField)) throw error;
    return rejectOf('modifiers', ids, { reason: error.reason, message: error.message, raw });
  }
}

// What the item says of the list (minimum, maximum, enabled), and of its modifiers only this one's overrides.
function ownInfo(info: RawObject, modifierId: string): Json {
  const { modifier_overrides, ...own } = info;
  if (!Array.isArray(modifier_overrides)) return own;
  const overrides = modifier_overrides.filter((each) => isObject(each) && idText(each.modifier_id) === modifierId);
  return overrides.length === 0 ? own : { ...own, modifier_overrides: overrides };
}
