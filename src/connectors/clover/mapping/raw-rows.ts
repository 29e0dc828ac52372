// What single rows of Clover's inventory say about themselves: nested lists, links to groups, whether they are deleted.
import { idText, isObject } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';

export type Row = { [key: string]: Json };

/** Clover ends every nested list here, without a word and without a way to read on. */
const mostNested = 100;

/** A nested list: {"elements": […]}; null = absent or something else. */
export function nested(value: Json | undefined): Json[] | null {
  const elements = isObject(value) ? value.elements : null;
  return Array.isArray(elements) ? elements : null;
}

/** Whether a nested list may go on where it ends. */
export function isCapped(list: readonly Json[] | null): boolean {
  return (list?.length ?? 0) >= mostNested;
}

/** Ids of the groups that an item says it has, each once. */
export function groupsOf(item: Json): string[] {
  return idsOf(isObject(item) ? (nested(item.modifierGroups) ?? []) : []);
}

/** Ids of rows, each once. */
export function idsOf(rows: readonly Json[]): string[] {
  const ids = rows.map((row) => (isObject(row) ? idText(row.id) : null)).filter((id) => id !== null);
  return [...new Set(ids)];
}

/** Whether Clover says that a row is deleted: it has the time of it, or says so. */
export function isDeleted(row: Row): boolean {
  const { deletedTime, deleted } = row;
  return deleted === true || (deletedTime !== undefined && deletedTime !== null && deletedTime !== 0);
}

/** Epoch milliseconds of the last change, or null. */
export function modifiedAt(row: Json): number | null {
  const time = isObject(row) ? row.modifiedTime : null;
  return typeof time === 'number' && Number.isSafeInteger(time) && time >= 0 ? time : null;
}
