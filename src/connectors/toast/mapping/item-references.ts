// Which modifier groups the items of a document refer to, gathered while the menus stream by and the groups are still to come.
import { rejectOf } from '../../../catalog/check-item.ts';
import type { Formatted } from '../../../catalog/item.ts';
import { idText, isObject, readText } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import { noIds, type RawObject } from './map-item.ts';

/** Where modifiers hang: an item, or a portion of it (half a pizza). */
export interface ModifierOwner {
  /** GUIDs: of the item, and of the portion. */
  path: readonly string[];
  /** Reference ids of modifier groups, each once, in order. */
  references: Set<string>;
}

/** By the path as text. Memory: the GUIDs and the reference ids of a document, not its items. */
export type ItemReferences = Map<string, ModifierOwner>;

/**
 * Adds the references of one raw item. An item that stands in several groups has the references of all. Returns rejects for
 * modifiers that cannot be keyed or read.
 */
export function gatherReferences(owners: ItemReferences, raw: Json): Formatted[] {
  if (!isObject(raw)) return [];
  const itemGuid = idText(raw.guid);
  const rejects: Formatted[] = [];
  gather(owners, { path: [itemGuid], object: raw, rejects });
  for (const portion of Array.isArray(raw.portions) ? raw.portions : []) {
    if (isObject(portion)) gather(owners, { path: [itemGuid, idText(portion.guid)], object: portion, rejects });
  }
  return rejects;
}

interface Gathering {
  path: (string | null)[];
  object: RawObject;
  rejects: Formatted[];
}

function gather(owners: ItemReferences, { path, object, rejects }: Gathering): void {
  const listed = referencesOf(object.modifierGroupReferences);
  if (listed === null) {
    const message = 'modifierGroupReferences of an item is not a list.';
    rejects.push(rejectOf('modifiers', noIds, { reason: 'invalid_field', message, raw: object }));
    return;
  }
  if (listed.length === 0) return;
  const guids = path.filter((guid) => guid !== null);
  if (guids.length < path.length) {
    const message = 'The modifiers of an item or portion without a usable guid have no path.';
    rejects.push(rejectOf('modifiers', noIds, { reason: 'missing_external_id', message, raw: object }));
    return;
  }
  const key = guids.join('/');
  const owner = owners.get(key) ?? { path: guids, references: new Set() };
  owners.set(key, owner);
  for (const reference of listed) owner.references.add(reference);
}

/** Reference ids as the text that is the key in the document's maps; [] where there are none, null where it is no list. */
export function referencesOf(value: Json | undefined): string[] | null {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) return null;
  // What is no scalar refers to nothing: it dangles under a name that no map has.
  return value.map((reference) => readText(reference) ?? '(none)');
}
