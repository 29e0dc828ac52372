// What the raw data of an item says beyond its columns: category, limits of a modifier group, targets of a discount.
import type { Json } from '../../json.ts';
import { idText, isObject, readText } from '../raw-fields.ts';

type RawObject = { [key: string]: Json };

/** Members in which POS say the same thing, in lower case without underscores. */
const minNames = new Set(['min', 'minimum', 'minselections', 'minselect', 'minselectedmodifiers', 'minrequired']);
const maxNames = new Set(['max', 'maximum', 'maxselections', 'maxselect', 'maxselectedmodifiers', 'maxallowed']);
const groupNames = new Set([
  'modifiergroup',
  'group',
  'optiongroup',
  'modifierlist',
  'modifierlistinfo',
  'modifierlistdata',
]);
const groupListNames = new Set(['modifiergroups', 'optiongroups', 'groups', 'modifierlists']);
const optionNames = new Set(['options', 'modifiers', 'modifieroptions', 'items']);
const categoryNames = new Set(['category', 'menucategory', 'categoryname', 'reportinggroup']);
const targetNames = new Set(['productids', 'itemids', 'products', 'items', 'appliesto', 'targets', 'targetids']);
const idNames = new Set(['id', 'guid', 'groupid', 'modifierlistid', 'productid', 'itemid']);

/** How many options of a group have to be and may be chosen; null = not said, or no limit. */
export interface GroupLimits {
  min: number | null;
  max: number | null;
}

export interface EmbeddedGroup extends GroupLimits {
  id: string;
  name: string | null;
  /** How many options its own list names; null = it has no list. */
  options: number | null;
}

/** The category that the data names, '' without one. */
export function categoryIn(data: Json): string {
  const found = memberOf(data, categoryNames);
  if (isObject(found)) return readText(found.name ?? found.title) ?? idText(found.id) ?? '';
  return readText(found) ?? '';
}

/** The limits of the group of a modifier: in the object of its group, else beside its own members. */
export function limitsIn(data: Json): GroupLimits {
  const group = memberOf(data, groupNames);
  const inGroup = limitsOf(group);
  return inGroup.min === null && inGroup.max === null ? limitsOf(data) : inGroup;
}

/** The groups that a product names with their limits, where the POS lists them inside it. */
export function groupsIn(data: Json): EmbeddedGroup[] {
  const list = memberOf(data, groupListNames);
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).flatMap((group) => {
    const id = idText(memberOf(group, idNames));
    const options = memberOf(group, optionNames);
    if (id === null) return [];
    const name = readText(group.name) ?? null;
    return [{ id, name, ...limitsOf(group), options: Array.isArray(options) ? options.length : null }];
  });
}

/** The ids of the items that a discount is for; null = the data does not say, [] never. */
export function targetsIn(data: Json): string[] | null {
  const list = memberOf(data, targetNames);
  if (!Array.isArray(list) || list.length === 0) return null;
  const ids = list.map((each) => idText(isObject(each) ? memberOf(each, idNames) : each));
  return ids.every((id) => id !== null) ? ids : null;
}

function limitsOf(object: Json | undefined): GroupLimits {
  const max = countIn(object, maxNames);
  // 0 and below mean no limit where a POS has no other word for it.
  return { min: countIn(object, minNames), max: max === null || max <= 0 ? null : max };
}

function countIn(object: Json | undefined, names: ReadonlySet<string>): number | null {
  const value = memberOf(object, names);
  const count = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) ? count : null;
}

function memberOf(object: Json | undefined, names: ReadonlySet<string>): Json | undefined {
  if (!isObject(object)) return undefined;
  const name = Object.keys(object as RawObject).find((each) => names.has(each.toLowerCase().replaceAll('_', '')));
  return name === undefined ? undefined : object[name];
}
