// The modifier groups and options of one document by their reference ids, each read once however many items share it.

import type { Decimal } from '../../../catalog/item.ts';
import { idText, isObject } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import { referencesOf } from './item-references.ts';
import { moneyField, type RawObject, textField, UnusableField, withoutReferences } from './map-item.ts';

export interface ModifierGroup {
  guid: string;
  name: string | null;
  /** Without references. */
  data: RawObject;
  options: readonly string[];
}

export interface ModifierOption {
  guid: string;
  name: string | null;
  price: Decimal | null;
  data: RawObject;
  /** Groups nested in it. */
  groups: readonly string[];
}

/** Why a reference leads to nothing that can be used. */
export interface Unusable {
  reason: string;
  message: string;
  raw: Json;
}

/** Both maps as they came; a map that did not come holds nothing. */
export class ModifierMaps {
  private readonly rawGroups: Readonly<RawObject>;
  private readonly rawOptions: Readonly<RawObject>;
  private readonly groups = new Map<string, ModifierGroup | Unusable>();
  private readonly options = new Map<string, ModifierOption | Unusable>();

  constructor(maps: { groups: RawObject | null; options: RawObject | null }) {
    this.rawGroups = maps.groups ?? {};
    this.rawOptions = maps.options ?? {};
  }

  group(reference: string): ModifierGroup | Unusable {
    return readOnce(this.groups, reference, () =>
      read({ map: this.rawGroups, reference, what: 'group' }, (raw, known) => ({
        ...known,
        options: listField(raw, 'modifierOptionReferences'),
      })),
    );
  }

  option(reference: string): ModifierOption | Unusable {
    return readOnce(this.options, reference, () =>
      read({ map: this.rawOptions, reference, what: 'option' }, (raw, known) => ({
        ...known,
        price: moneyField(raw, 'price'),
        groups: listField(raw, 'modifierGroupReferences'),
      })),
    );
  }
}

function readOnce<T>(known: Map<string, T>, reference: string, read: () => T): T {
  const found = known.get(reference) ?? read();
  known.set(reference, found);
  return found;
}

interface Looked {
  map: Readonly<RawObject>;
  reference: string;
  what: 'group' | 'option';
}

interface Known {
  guid: string;
  name: string | null;
  data: RawObject;
}

function read<T>({ map, reference, what }: Looked, rest: (raw: RawObject, known: Known) => T): T | Unusable {
  const raw = Object.hasOwn(map, reference) ? (map[reference] ?? null) : null;
  const named = `The modifier ${what} with referenceId ${JSON.stringify(reference.slice(0, 40))}`;
  if (raw === null)
    return { reason: 'dangling_reference', message: `${named} is not in the document.`, raw: reference };
  if (!isObject(raw)) return { reason: 'not_an_object', message: `${named} is not an object.`, raw };
  const guid = idText(raw.guid);
  if (guid === null) return { reason: 'missing_external_id', message: `${named} has no usable guid.`, raw };
  if (guid.includes('\uFFFD'))
    return { reason: 'invalid_external_id', message: `The guid of ${named} is not UTF-8 text.`, raw };
  try {
    return rest(raw, { guid, name: textField(raw, 'name'), data: withoutReferences(raw) });
  } catch (error) {
    if (!(error instanceof UnusableField)) throw error;
    return { reason: error.reason, message: `${named}: ${error.message}`, raw };
  }
}

function listField(raw: RawObject, name: string): string[] {
  const references = referencesOf(raw[name]);
  if (references !== null) return references;
  throw new UnusableField('invalid_field', `${name} is not a list.`);
}
