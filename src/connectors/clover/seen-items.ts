// What a fetch of items gathers for the next one: which groups each item has, and how far changes were read.
import { idText, isObject } from '../../catalog/raw-fields.ts';
import type { FetchedPage } from '../connector.ts';
import type { ListPage } from './api/read-list.ts';
import { notedPage, type PageNote } from './mapping/page.ts';
import { groupsOf, isCapped, isDeleted, modifiedAt, nested } from './mapping/raw-rows.ts';

/** Gathers from the items of a fetch what the next one has to know. */
export class SeenItems {
  readonly links: Map<string, readonly string[]>;
  newest: number | null = null;
  private readonly met = new Set<string>();
  private readonly former: ReadonlyMap<string, readonly string[]>;

  constructor(former: ReadonlyMap<string, readonly string[]> = new Map()) {
    this.former = former;
    this.links = new Map(former);
  }

  /**
   * The page to store, with the groups that its items had before. `whole` are the groups of items whose nested list is full, as
   * far as their own list could be read.
   */
  take(
    { text, elements, repeated }: ListPage,
    of: Pick<PageNote, 'currency' | 'onlyDeleted'>,
    whole: ReadonlyMap<string, readonly string[]> = new Map(),
  ): FetchedPage {
    const former = new Map<string, readonly string[]>();
    for (const element of elements) {
      const id = isObject(element) ? idText(element.id) : null;
      if (id === null || !isObject(element) || (of.onlyDeleted && !isDeleted(element))) continue;
      this.newest = Math.max(this.newest ?? 0, modifiedAt(element) ?? 0) || this.newest;
      const before = this.former.get(id);
      if (before !== undefined) former.set(id, before);
      const known = whole.get(id);
      const now = isDeleted(element) ? [] : [...new Set([...groupsOf(element), ...(known ?? [])])];
      // Of a list that is cut off, what was known before may still be there. Of an item that came twice in this fetch the
      // modifiers of both are saved: the next one, which reads it again, takes off what is wrong.
      const also = [
        ...(known === undefined && isCapped(nested(element.modifierGroups)) ? (before ?? []) : []),
        ...(this.met.has(id) ? (this.links.get(id) ?? []) : []),
      ];
      const all = [...new Set([...now, ...also])];
      this.met.add(id);
      if (all.length === 0) this.links.delete(id);
      else this.links.set(id, all);
    }
    const note: PageNote = { ...of, resource: 'items', repeated };
    return notedPage(text, former.size === 0 ? note : { ...note, former });
  }
}
