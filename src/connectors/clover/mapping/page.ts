// A page as it is stored: Clover's own answer, with one member put before it that says what its elements are.
import { isObject } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import type { FetchedPage } from '../../connector.ts';

/** Clover's answers do not say what they list, nor in which currency. */
export const noteMember = 'clover_page';

export type Resource = 'groups' | 'modifiers' | 'item_groups' | 'items' | 'discounts';
const resources: readonly string[] = ['groups', 'modifiers', 'item_groups', 'items', 'discounts'] satisfies Resource[];

export interface PageNote {
  resource: Resource;
  /** ISO 4217, or null = the POS did not say. */
  currency: string | null;
  /** The group whose modifiers these are; for 'modifiers' only. */
  group?: string;
  /** The item whose groups these are; for 'item_groups' only. */
  item?: string;
  /** So many of the first rows were in the page before, too. */
  repeated?: number;
  /** Groups that changed items of this page had when they were last saved, by item id. */
  former?: ReadonlyMap<string, readonly string[]>;
  /** Asked for as deleted: a row that does not say so itself tells nothing. */
  onlyDeleted?: true;
  /** The last page of a whole read: what no item refers to now is known. */
  last?: true;
}

/** Puts the note before the first member of the answer, which is a JSON object; the rest stays byte for byte. */
export function notedPage(text: string, note: PageNote): FetchedPage {
  const rest = text.slice(text.indexOf('{') + 1);
  const comma = /^\s*\}/.test(rest) ? '' : ',';
  const whole = `{${JSON.stringify(noteMember)}:${noteText(note)}${comma}${rest}`;
  const { resource, group, item } = note;
  return { body: pieces(whole), meta: { resource, ...(group ? { group } : {}), ...(item ? { item } : {}) } };
}

/** Ids are the POS's: as names of members they may be any text, so they are looked up in maps only. */
function noteText({ former, ...note }: PageNote): string {
  return JSON.stringify(former === undefined ? note : { ...note, former: Object.fromEntries(former) });
}

async function* pieces(text: string): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(text);
}

/** Reads the note of a stored page; null when it is none. */
export function readNote(value: Json): PageNote | null {
  if (!isObject(value)) return null;
  const { resource, currency = null, group, item, repeated, former, onlyDeleted, last } = value;
  if (typeof resource !== 'string' || !resources.includes(resource)) return null;
  return {
    resource: resource as Resource,
    currency: typeof currency === 'string' ? currency : null,
    ...(typeof group === 'string' ? { group } : {}),
    ...(typeof item === 'string' ? { item } : {}),
    ...(typeof repeated === 'number' ? { repeated } : {}),
    ...(isObject(former) ? { former: linksOf(former) } : {}),
    ...(onlyDeleted === true ? { onlyDeleted } : {}),
    ...(last === true ? { last } : {}),
  };
}

function linksOf(former: { [key: string]: Json }): Map<string, string[]> {
  const links = Object.entries(former).map(([item, groups]): [string, string[]] => [
    item,
    Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [],
  ]);
  return new Map(links);
}
