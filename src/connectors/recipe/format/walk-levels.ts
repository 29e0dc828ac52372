// Walks the levels of a mapping from the page inwards, and maps each innermost element in the order of the page.
import { rejectOf } from '../../../catalog/check-item.ts';
import { documentError } from '../../../catalog/document-error.ts';
import type { Formatted } from '../../../catalog/item.ts';
import { idText, isObject } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import { type Reading, readPath } from '../path/read-path.ts';
import type { ReadyLevel, ReadyMapping } from './compile-mapping.ts';
import { type MappingSettings, mapElement } from './map-element.ts';

const noIds = { externalId: null, pathId: null };

/**
 * Yields what the mapping finds in a page. Returns false where the page has not answered its kind at all: the list of the
 * first level is missing or null. Throws TillsyncError body_wrong_shape where it is no list, recipe_too_much.
 */
export function* walkLevels(
  mapping: ReadyMapping,
  page: Reading,
  settings: MappingSettings,
): Generator<Formatted, boolean, void> {
  const [first] = mapping.levels as [ReadyLevel];
  const list = readPath(first.path, page);
  if (list === null) return false;
  if (!Array.isArray(list)) {
    const detail = `${first.shown} (${mapping.where}.each[0].path) is not a list`;
    throw documentError('body_wrong_shape', { excerpt: '', detail });
  }
  yield* walk(mapping, { reading: page, list, at: 0 }, settings);
  return true;
}

interface Step {
  /** Of the element that the list belongs to. */
  reading: Reading;
  list: readonly Json[];
  /** Which level the list is. */
  at: number;
}

function* walk(mapping: ReadyMapping, step: Step, settings: MappingSettings): Generator<Formatted, void, void> {
  const level = mapping.levels[step.at] as ReadyLevel;
  const { work } = step.reading;
  for (const entry of step.list) {
    work.step();
    const element = level.lookup === null ? entry : lookedUp(readPath(level.lookup, step.reading), entry, work);
    if (element === null && level.lookup !== null) {
      work.item();
      yield dangling(mapping, level, entry);
      continue;
    }
    const scope = level.as === null ? step.reading.scope : { ...step.reading.scope, [level.as]: element };
    const reading: Reading = { current: element, scope, work };
    if (step.at === mapping.levels.length - 1) {
      work.item();
      yield mapElement(mapping, reading, settings);
    } else {
      yield* inner(mapping, { reading, at: step.at + 1 }, settings);
    }
    if (level.down !== null && isObject(element)) yield* deeper(mapping, { ...step, list: [element] }, settings);
  }
}

function* inner(
  mapping: ReadyMapping,
  { reading, at }: Omit<Step, 'list'>,
  settings: MappingSettings,
): Generator<Formatted, void, void> {
  const level = mapping.levels[at] as ReadyLevel;
  const list = readPath(level.path, reading);
  if (list === null) return;
  if (Array.isArray(list)) {
    yield* walk(mapping, { reading, list, at }, settings);
    return;
  }
  reading.work.item();
  const message = `${level.shown} (${mapping.where}.each[${at}].path) is not a list.`;
  yield rejectOf(mapping.kind, noIds, { reason: 'invalid_field', message, raw: reading.current });
}

// Below an element lie elements of its own sort; a document is a tree, so there is an end.
function* deeper(mapping: ReadyMapping, step: Step, settings: MappingSettings): Generator<Formatted, void, void> {
  const level = mapping.levels[step.at] as ReadyLevel;
  const [element] = step.list;
  if (isObject(element)) step.reading.work.read(element, level.down ?? '');
  const below =
    isObject(element) && Object.hasOwn(element, level.down ?? '') ? (element[level.down ?? ''] ?? null) : null;
  if (Array.isArray(below)) yield* walk(mapping, { ...step, list: below }, settings);
  else if (below !== null) {
    step.reading.work.item();
    const message = `${level.down} (${mapping.where}.each[${step.at}].down) is not a list.`;
    yield rejectOf(mapping.kind, noIds, { reason: 'invalid_field', message, raw: element ?? null });
  }
}

function lookedUp(table: Json, key: Json, work: Reading['work']): Json {
  const name = idText(key);
  if (name !== null && isObject(table)) work.read(table, name);
  return name !== null && isObject(table) && Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}

function dangling(mapping: ReadyMapping, level: ReadyLevel, key: Json): Formatted {
  const message = `${level.shown} refers to ${JSON.stringify(key).slice(0, 60)}, which the answer does not hold.`;
  return rejectOf(mapping.kind, noIds, { reason: 'dangling_reference', message, raw: key });
}
