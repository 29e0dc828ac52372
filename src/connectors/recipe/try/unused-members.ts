// Which members of an answer a recipe never looked at.
import { isObject } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import { Work } from '../path/work.ts';

/** More are not shown: the reader needs the first ones. */
const mostShown = 200;

/** Remembers which members of which objects were read. */
export class ReadMembers extends Work {
  private readonly names = new WeakMap<object, Set<string>>();

  override read(object: object, name: string): void {
    const known = this.names.get(object);
    if (known === undefined) this.names.set(object, new Set([name]));
    else known.add(name);
  }

  hasRead(object: object, name: string): boolean {
    return this.names.get(object)?.has(name) === true;
  }
}

/**
 * Places such as 'menuItems[].calories' that were never read, in any of the elements. What lies inside of an unused
 * member is not named again. Of an object with numbers for names, such as a table of references, the numbers are one place.
 */
export function unusedMembers(document: Json, work: ReadMembers): string[] {
  const places = new Map<string, boolean>();
  const visit = (value: Json, place: string): void => {
    if (Array.isArray(value)) {
      for (const element of value) visit(element, `${place}[]`);
    } else if (isObject(value)) {
      for (const [name, inner] of Object.entries(value)) {
        const key = /^\d+$/.test(name) ? '*' : name;
        const at = place === '' ? key : `${place}.${key}`;
        const isRead = work.hasRead(value, name);
        if (isRead || places.size < 10_000) places.set(at, isRead || places.get(at) === true);
        if (isRead) visit(inner, at);
      }
    }
  };
  visit(document, '');
  return [...places].flatMap(([place, isRead]) => (isRead ? [] : [place])).slice(0, mostShown);
}
