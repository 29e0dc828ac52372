// What an item is: its kinds, its fields, its key and the result of formatting one page.
import type { Json } from '../json.ts';

/** The three kinds of items, in the order in which they are saved. */
export const kinds = ['products', 'modifiers', 'discounts'] as const;
export type Kind = (typeof kinds)[number];

/** Money and percents: decimal text in major units such as '12.50'; never a float. */
export type Decimal = string;

/** One location of the POS at which an item of a source with several locations is sold, or is not. */
export interface ItemLocation {
  /** The POS's id of the location, byte-exact; once per item. */
  locationId: string;
  /** What it costs there; null = the POS does not say. The item's own price stays the one that holds where none is stated. */
  price: Decimal | null;
  /** ISO 4217 or null = unknown. */
  currency: string | null;
  /** null = the POS does not say. */
  isAvailable: boolean | null;
  /** Whether the location has the item at all. */
  present: boolean;
}

/** One product, modifier or discount as tillsync stores it. Absent is null; 0 stays '0'. */
export interface Item {
  kind: Kind;
  /** Byte-exact id of the POS; never empty. */
  externalId: string;
  /** Where the item hangs; part of the key of modifiers. Always null for discounts. */
  pathId: string | null;
  name: string | null;
  /** Products only. */
  itemType: string | null;
  /** Modifiers only. */
  modifierGroupId: string | null;
  modifierGroupName: string | null;
  /** Discounts only. */
  discountAmount: Decimal | null;
  /** Discounts only; '10' is 10 %. */
  discountPercent: Decimal | null;
  price: Decimal | null;
  /** ISO 4217 or null = unknown. */
  currency: string | null;
  /** null = the POS does not say. */
  isAvailable: boolean | null;
  /** What differs by location, in any order; absent where the source is one location or the POS states nothing by location. */
  locations?: readonly ItemLocation[];
  /** The item as the POS gave it. */
  data: Json;
}

/** An item that cannot be saved, kept aside with its reason. */
export interface Reject {
  kind: Kind;
  /** Present when the key was readable: the item then counts as seen and is not removed by absence. */
  externalId: string | null;
  pathId: string | null;
  /** Stable snake_case reason, e.g. 'missing_external_id'. */
  reason: string;
  /** One sentence for a person, naming the field and the value. */
  message: string;
  /** The raw item, storable (NUL and lone surrogates replaced), cut at 64 KiB of JSON text. */
  raw: Json;
}

/** What formatting yields, one at a time and in the order of the payload. */
export type Formatted =
  | {
      type: 'item';
      item: Item;
      /** Of two items with one key and different content the higher preference wins; ties go to the smaller fingerprint. */
      preference: number;
      /** Values that had to be changed to be storable (NUL, lone surrogates); counted and flagged, never silent. */
      sanitised?: boolean;
    }
  | { type: 'reject'; reject: Reject }
  /** The POS says that it is gone: removed at once (and guarded). An item of the same key in the same fetch wins. */
  | { type: 'removed'; kind: Kind; externalId: string; pathId: string | null }
  /** Left out on the connector's stated rule (exclude_categories). */
  | { type: 'filtered'; kind: Kind; externalId: string | null; pathId: string | null };

/** What an item says by location, by location id; [] where it says nothing, which is the same as not to have `locations`. */
export function locationsOf({ locations }: Item): readonly ItemLocation[] {
  if (locations === undefined || locations.length < 2) return locations ?? [];
  return locations.toSorted((a, b) => (a.locationId < b.locationId ? -1 : a.locationId > b.locationId ? 1 : 0));
}

/** Key of an item inside one source and kind: external id, and for modifiers the path (null is a value). */
export function itemKey(kind: Kind, externalId: string, pathId: string | null): string {
  // \u0001 cannot occur in ids (control characters are rejected), so the parts never run into each other.
  return kind === 'modifiers' ? (pathId === null ? externalId : `${externalId}\u0001${pathId}`) : externalId;
}
