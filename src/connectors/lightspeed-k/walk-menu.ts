// Finds the modifiers in one screen of a Lightspeed menu: under its items, its sub-screens and its combos.
import { idText, isObject } from '../../catalog/raw-fields.ts';
import type { Json } from '../../json.ts';
import type { FoundModifier } from './map-item.ts';

type RawObject = { [key: string]: Json };

/** What is no list or no object where one belongs; `path` names the member. */
export class WrongMenu extends Error {
  readonly path: string;
  constructor(path: string) {
    super(`${path} is not what it should be`);
    this.path = path;
  }
}

/**
 * Yields every modifier of an entry, in its order, one for each place. Only for entries that are not nested too deeply, since
 * it recurses. Throws WrongMenu.
 */
export function* modifiersOf(entry: Json): Generator<FoundModifier, void, void> {
  if (!isObject(entry)) throw new WrongMenu('menuEntry');
  yield* modifiersBelow(entry, [idText(entry.sku)]);
  // A sub-screen, the groups of a combo, and the items of such a group.
  for (const member of ['menuEntry', 'menuDealGroups', 'items']) {
    for (const inner of listOf(entry, member)) yield* modifiersOf(inner);
  }
}

/** The modifiers of the groups that hang below one item or one modifier. */
function* modifiersBelow(owner: RawObject, above: readonly (string | null)[]): Generator<FoundModifier, void, void> {
  for (const group of listOf(owner, 'menuModifierGroups')) {
    if (!isObject(group)) throw new WrongMenu('menuModifierGroups');
    const place = [...above, idText(group.sku)];
    for (const raw of listOf(group, 'productModifiers')) {
      yield { raw, group, above: place };
      if (isObject(raw)) yield* modifiersBelow(raw, [...place, idText(raw.sku)]);
    }
  }
}

function listOf(object: RawObject, member: string): readonly Json[] {
  const value = object[member];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new WrongMenu(member);
  return value;
}
