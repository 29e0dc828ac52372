// Modifier groups met so far in one pass over the pages, and what an item makes of them: one modifier per item, group and modifier.
import { rejectOf } from '../../../catalog/check-item.ts';
import type { Formatted } from '../../../catalog/item.ts';
import { idText, isObject, readText } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import { mapModifier, pathOf } from './map-item.ts';
import { idsOf, isCapped, isDeleted, modifiedAt, nested, type Row } from './raw-rows.ts';

interface Group {
  id: string;
  name: string | null;
  isDeleted: boolean;
  modifiers: Json[];
  /** Its nested list was full and its own list has not come: there may be more modifiers. */
  isCutOff: boolean;
}

const place = 'groups';

/** What goes on from page to page. */
export class KnownGroups {
  private readonly groups = new Map<string, Group>();
  private readonly used = new Set<string>();
  /** Links to groups by item, where its nested list was full and its own list has come. */
  private readonly links = new Map<string, Json[]>();

  /** Those of the pass under way; a page that stands alone begins with none. */
  static of(earlier: Map<string, unknown> | undefined): KnownGroups {
    const known = earlier?.get(place);
    if (known instanceof KnownGroups) return known;
    const none = new KnownGroups();
    earlier?.set(place, none);
    return none;
  }

  /** A row of the list of groups. One without an id can be referred to by nobody. */
  add(raw: Json): void {
    const group = groupFrom(raw);
    if (group !== null) this.groups.set(group.id, group);
  }

  /** The group's own list of modifiers begins, or goes on: it takes the place of the nested one. */
  beginModifiers(id: string): void {
    const group = this.groups.get(id);
    if (!group?.isCutOff) return;
    group.isCutOff = false;
    group.modifiers = [];
  }

  addModifier(id: string, raw: Json): void {
    this.groups.get(id)?.modifiers.push(raw);
  }

  /** A row of an item's own list of groups; an item that comes twice has those of both. */
  addLink(item: string, raw: Json): void {
    const known = this.links.get(item);
    if (known === undefined) this.links.set(item, [raw]);
    else known.push(raw);
  }

  /** The groups that an item says it has, each once, and whether there may be more. */
  private groupsAt(raw: Row, item: string): { rows: Json[]; isCutOff: boolean } {
    const rows = nested(raw.modifierGroups) ?? [];
    const links = this.links.get(item) ?? [];
    const isCutOff = isCapped(rows) && links.length === 0;
    if (links.length === 0) return { rows, isCutOff };
    const inLinks = new Set(links.map((row) => (isObject(row) ? idText(row.id) : null)));
    const others = rows.filter((row) => !isObject(row) || !inLinks.has(idText(row.id)));
    return { rows: onceEach([...links, ...others]), isCutOff };
  }

  /** All modifiers of all groups of an item. Where they cannot all be known, a reject without key keeps what is stored. */
  expand(raw: Row, { item, currency }: { item: string; currency: string | null }, into: Formatted[]): void {
    const { rows, isCutOff } = this.groupsAt(raw, item);
    if (isCutOff) {
      into.push(
        unknownModifiers(`Item ${item} has 100 modifier groups or more, and Clover tells only the first 100.`, raw),
      );
    }
    for (const row of rows) {
      const id = isObject(row) ? idText(row.id) : null;
      const group = id === null ? undefined : (this.groups.get(id) ?? expandedIn(row));
      if (group === undefined) {
        into.push(
          unknownModifiers(
            `Item ${item} has the modifier group ${id ?? 'without an id'}, which Clover did not list.`,
            row,
          ),
        );
        continue;
      }
      this.used.add(group.id);
      if (group.isDeleted) continue;
      if (group.isCutOff) {
        into.push(
          unknownModifiers(
            `Modifier group ${group.id} of item ${item} has 100 modifiers or more, and they did not come.`,
            row,
          ),
        );
      }
      const preference = modifiedAt(raw) ?? 0;
      for (const modifier of group.modifiers) into.push(mapModifier(modifier, { item, group, preference }, currency));
    }
  }

  /** Removes the modifiers of the groups that a changed item had and has no more; a deleted item has none. */
  takeOff(raw: Row, { item, former }: { item: string; former: readonly string[] }, into: Formatted[]): void {
    if (former.length === 0) return;
    const isGone = isDeleted(raw);
    // What is missing from a list that is cut off may still be there.
    const { rows, isCutOff } = this.groupsAt(raw, item);
    if (!isGone && isCutOff) return;
    const kept = new Set(isGone ? [] : idsOf(rows));
    for (const id of former) {
      if (kept.has(id)) continue;
      for (const modifier of this.groups.get(id)?.modifiers ?? []) {
        const externalId = isObject(modifier) ? idText(modifier.id) : null;
        if (externalId === null) continue;
        into.push({
          type: 'removed',
          kind: 'modifiers',
          externalId,
          pathId: pathOf({ item, group: { id } }, externalId),
        });
      }
    }
  }

  /** After the last item: modifiers of groups that hang on none are on no menu; they are counted, not stored. */
  leaveOut(into: Formatted[]): void {
    for (const group of this.groups.values()) {
      if (this.used.has(group.id) || group.isDeleted) continue;
      for (const modifier of group.modifiers) {
        const externalId = isObject(modifier) ? idText(modifier.id) : null;
        into.push({ type: 'filtered', kind: 'modifiers', externalId, pathId: null });
      }
    }
  }
}

/** Rows with an id once each; the others as they are. */
function onceEach(rows: readonly Json[]): Json[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const id = isObject(row) ? idText(row.id) : null;
    if (id === null) return true;
    return !seen.has(id) && seen.add(id);
  });
}

function groupFrom(raw: Json): Group | null {
  const id = isObject(raw) ? idText(raw.id) : null;
  if (id === null || !isObject(raw)) return null;
  const modifiers = nested(raw.modifiers) ?? [];
  const name = readText(raw.name) ?? null;
  return { id, name, isDeleted: isDeleted(raw), modifiers, isCutOff: isCapped(modifiers) };
}

/** A group that an item brings along with its modifiers (expand=modifierGroups.modifiers). */
function expandedIn(row: Json): Group | undefined {
  return isObject(row) && nested(row.modifiers) !== null ? (groupFrom(row) ?? undefined) : undefined;
}

/** Modifiers that cannot be known: without a key, so that absence removes none in this run. */
export function unknownModifiers(message: string, raw: Json): Formatted {
  return rejectOf('modifiers', { externalId: null, pathId: null }, { reason: 'unknown_modifiers', message, raw });
}
