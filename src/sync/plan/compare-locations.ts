// What an item says by location beside its stored rows: the fields that differ, and the prices that the guard looks at.
import { type Item, type ItemLocation, locationsOf } from '../../catalog/item.ts';
import { canonicalDecimal } from '../../catalog/money.ts';
import type { Json } from '../../json.ts';
import type { StoredLocation } from '../../records/items/item-locations.ts';

/**
 * Adds what differs as `locations.<id>.<field>`: [old, new], with 'added' or 'removed' third where the item did not, or does
 * no longer, name the location.
 */
export function compareLocations(fields: Record<string, Json[]>, stored: readonly StoredLocation[], item: Item): void {
  const incoming = locationsOf(item);
  const before = new Map(stored.map((at) => [at.location_id, at]));
  const after = new Set(incoming.map(({ locationId }) => locationId));
  for (const row of stored) {
    if (!after.has(row.location_id)) addFields(fields, { id: row.location_id, old: row, isNew: null });
  }
  for (const at of incoming) {
    addFields(fields, { id: at.locationId, old: before.get(at.locationId) ?? null, isNew: storedForm(at) });
  }
}

/** The fields of a removed item's locations: none has it any more. */
export function removedLocations(stored: readonly StoredLocation[]): Record<string, Json[]> {
  const present = stored.filter((row) => row.present);
  return Object.fromEntries(present.map((row) => [`locations.${row.location_id}.present`, [true, false]]));
}

type Values = Omit<StoredLocation, 'location_id'>;

function storedForm({ price, currency, isAvailable, present }: ItemLocation): Values {
  return { price: price === null ? null : canonicalDecimal(price), currency, is_available: isAvailable, present };
}

function addFields(
  fields: Record<string, Json[]>,
  { id, old, isNew }: { id: string; old: Values | null; isNew: Values | null },
): void {
  const side = old === null ? ['added'] : isNew === null ? ['removed'] : [];
  for (const name of ['price', 'currency', 'is_available', 'present'] as const) {
    const [before, after] = [old?.[name] ?? null, isNew?.[name] ?? null];
    const isSame = name === 'price' ? decimal(before) === decimal(after) : before === after;
    if (!isSame) fields[`locations.${id}.${name}`] = [before, after, ...side];
  }
}

function decimal(value: string | boolean | null): string | null {
  return value === null ? null : canonicalDecimal(String(value));
}

/** Old and new price at each location with a price of its own before; where one states none, the item's own holds. */
export function locationPrices(
  stored: readonly StoredLocation[],
  { item, own }: { item: Item; own: number | null },
): { old: number; isNew: number | null }[] {
  const incoming = new Map(locationsOf(item).map((at) => [at.locationId, at]));
  return stored.flatMap(({ location_id, price, currency }) => {
    if (price === null) return [];
    const at = incoming.get(location_id);
    const isOther = currency !== null && (at?.currency ?? null) !== null && at?.currency !== currency;
    // Only ratios are taken from it, so a double is exact enough; it is never stored.
    const isNew = at === undefined || at.price === null ? own : Number(at.price);
    return isOther ? [] : [{ old: Number(price), isNew }];
  });
}
