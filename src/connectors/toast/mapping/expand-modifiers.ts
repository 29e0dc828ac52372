// From shared groups and options to one modifier per place: item / group / option, and so on where options have groups.
import { formattedItem, rejectOf } from '../../../catalog/check-item.ts';
import type { Formatted } from '../../../catalog/item.ts';
import type { ItemReferences, ModifierOwner } from './item-references.ts';
import { emptyItem, type MappingRules, noIds, preferenceOf } from './map-item.ts';
import type { ModifierGroup, ModifierMaps, ModifierOption, Unusable } from './modifier-maps.ts';

/** Levels of groups in options in groups. A path of six has 480 bytes, and 512 is the most that a key may have. */
const mostLevels = 6;
/** Modifiers of one item, and of one document; groups that were looked at count, too. */
const mostPerItem = 20_000;
const mostInAll = 1_000_000;

export interface Limits {
  perItem?: number;
  inAll?: number;
}

interface Expansion {
  maps: ModifierMaps;
  rules: MappingRules;
  /** What was said already: a group that many items share is told once. */
  told: Set<string>;
  perItem: number;
  /** Left for the item under way, and for the document. */
  left: { item: number; all: number };
}

/** Where the walk is. */
interface Place {
  /** GUIDs from the item on. */
  path: readonly string[];
  /** GUIDs of the groups among them. */
  groups: readonly string[];
  level: number;
}

/**
 * Yields the modifiers of all owners. Returns null, or why not all of them came: the document then is not complete. What a
 * reference leads to and cannot be used is a reject; the other modifiers of its item come all the same.
 */
export function* expandModifiers(
  owners: ItemReferences,
  using: { maps: ModifierMaps; rules: MappingRules; limits?: Limits },
): Generator<Formatted, string | null, void> {
  const { maps, rules, limits = {} } = using;
  const inAll = limits.inAll ?? mostInAll;
  const perItem = limits.perItem ?? mostPerItem;
  const expansion: Expansion = { maps, rules, told: new Set(), perItem, left: { item: 0, all: inAll } };
  for (const owner of owners.values()) {
    expansion.left.item = perItem;
    yield* expandOwner(expansion, owner);
    if (expansion.left.all < 0)
      return `The document has more than ${inAll} modifiers when each is counted at each item.`;
  }
  return null;
}

function* expandOwner(expansion: Expansion, { path, references }: ModifierOwner): Generator<Formatted, void, void> {
  // A portion's GUID takes the room of one level less: item/portion and five levels have 443 bytes.
  yield* walk(expansion, references, { path, groups: [], level: path.length });
  if (expansion.left.item >= 0) return;
  const message = `The item ${path[0]} has more than ${expansion.perItem} modifiers; the rest is left out.`;
  yield rejectOf('modifiers', noIds, { reason: 'too_many_modifiers', message, raw: path[0] ?? null });
}

function isSpent({ left }: Expansion): boolean {
  left.item--;
  left.all--;
  return left.item < 0 || left.all < 0;
}

function* walk(expansion: Expansion, references: Iterable<string>, place: Place): Generator<Formatted, void, void> {
  for (const reference of references) {
    if (isSpent(expansion)) return;
    const group = expansion.maps.group(reference);
    if ('reason' in group) {
      yield* tell(expansion, { place, reference, ids: noIds, unusable: group });
      continue;
    }
    const broken = brokenOff(group, place);
    if (broken !== null) {
      // The group itself is no modifier: with a key that no modifier has, the reject keeps none from being removed.
      const ids = { externalId: group.guid, pathId: [...place.path, group.guid].join('/') };
      yield* tell(expansion, { place, reference, ids, unusable: broken });
      continue;
    }
    const inside = { ...place, path: [...place.path, group.guid], groups: [...place.groups, group.guid] };
    yield* walkOptions(expansion, group, inside);
  }
}

function brokenOff({ guid, data }: ModifierGroup, { groups, level }: Place): Unusable | null {
  if (groups.includes(guid)) {
    return {
      reason: 'modifier_cycle',
      message: `The modifier group ${guid} contains itself; it is followed once.`,
      raw: data,
    };
  }
  if (level <= mostLevels) return null;
  const message = `The modifier group ${guid} is nested deeper than ${mostLevels} levels.`;
  return { reason: 'modifier_too_deep', message, raw: data };
}

function* walkOptions(expansion: Expansion, group: ModifierGroup, place: Place): Generator<Formatted, void, void> {
  for (const reference of group.options) {
    if (isSpent(expansion)) return;
    const option = expansion.maps.option(reference);
    if ('reason' in option) {
      yield* tell(expansion, { place, reference, ids: noIds, unusable: option });
      continue;
    }
    const path = [...place.path, option.guid];
    yield modifierOf(option, { group, path, rules: expansion.rules });
    if (option.groups.length > 0) yield* walk(expansion, option.groups, { ...place, path, level: place.level + 1 });
  }
}

function modifierOf(
  option: ModifierOption,
  { group, path, rules }: { group: ModifierGroup; path: readonly string[]; rules: MappingRules },
): Formatted {
  const item = {
    ...emptyItem('modifiers', option.guid),
    pathId: path.join('/'),
    name: option.name,
    modifierGroupId: group.guid,
    modifierGroupName: group.name,
    price: option.price,
    currency: rules.currency,
    data: { ...option.data, modifierGroup: group.data },
  };
  return formattedItem(item, preferenceOf(option.price));
}

interface Told {
  place: Place;
  reference: string;
  ids: { externalId: string | null; pathId: string | null };
  unusable: Unusable;
}

/** Once for each place in the document that refers to it, not for each item that shares the place. */
function* tell({ told }: Expansion, { place, reference, ids, unusable }: Told): Generator<Formatted, void, void> {
  const { reason, message, raw } = unusable;
  const from = place.path.at(-1) ?? '';
  const key = JSON.stringify([reason, from, reference]);
  if (told.has(key)) return;
  told.add(key);
  yield rejectOf('modifiers', ids, { reason, message: `${message} Referred to by ${from}.`, raw });
}
