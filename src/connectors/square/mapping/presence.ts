// At which locations an object is sold, what it costs there and whether it is sold out: only what Square states by location.
import type { ItemLocation } from '../../../catalog/item.ts';
import type { Json } from '../../../json.ts';
import { moneyField, noMoney, objectsField, type RawObject, textField, UnusableField } from './raw-object.ts';

export interface Sold {
  /** The objects that must all be present: an item and its variation; an item, a list and its modifier; a discount. */
  chain: readonly RawObject[];
  /** `location_overrides` of the last of them. */
  overrides: readonly RawObject[];
  /** Whether it is switched off everywhere, e.g. archived. */
  isOff: boolean;
}

export interface Presence {
  isAvailable: boolean;
  /** Absent where no location is named. */
  locations?: readonly ItemLocation[];
}

/**
 * `only` = the locations that the config speaks of; null = those that the objects name. An item is available unless it is
 * off, or at none of the locations. Throws UnusableField.
 */
export function presenceOf({ chain, overrides, isOff }: Sold, only: readonly string[] | null): Presence {
  const places = chain.map(placesOf);
  const byLocation = new Map<string, RawObject>();
  for (const override of overrides) {
    const id = textField(override, 'location_id');
    if (id === null || id === '') throw new UnusableField('invalid_field', 'A location_override names no location.');
    byLocation.set(id, override);
  }
  const isEverywhere = places.every(({ everywhere }) => everywhere);
  const named = only ?? places.flatMap(({ present, absent }) => [...present, ...absent]).concat([...byLocation.keys()]);
  if (named.length === 0) return { isAvailable: !isOff && isEverywhere };
  const locations = [...new Set(named)].map((locationId): ItemLocation => {
    const present = places.every((place) => isAt(place, locationId));
    const override = byLocation.get(locationId) ?? {};
    const isVariable = override.pricing_type === 'VARIABLE_PRICING';
    const { amount, currency } = isVariable ? noMoney : moneyField(override, 'price_money');
    const isAvailable = present && !isOff ? notSoldOut(override) : false;
    return { locationId, price: amount, currency: amount === null ? null : currency, isAvailable, present };
  });
  // What is not everywhere is at locations that it names.
  const isSomewhere =
    only === null
      ? isEverywhere || locations.some(({ present }) => present)
      : locations.some(({ isAvailable }) => isAvailable !== false);
  return { isAvailable: !isOff && isSomewhere, locations };
}

interface Places {
  everywhere: boolean;
  present: ReadonlySet<string>;
  absent: ReadonlySet<string>;
}

const nowhere: ReadonlySet<string> = new Set();

// Where it is not said, an object is present everywhere (Square's default).
function placesOf(object: RawObject): Places {
  return {
    everywhere: object.present_at_all_locations !== false,
    present: idsOf(object, 'present_at_location_ids'),
    absent: idsOf(object, 'absent_at_location_ids'),
  };
}

function isAt({ everywhere, present, absent }: Places, location: string): boolean {
  return everywhere ? !absent.has(location) : present.has(location) && !absent.has(location);
}

function idsOf(object: RawObject, name: string): ReadonlySet<string> {
  const ids = object[name] ?? null;
  // The usual case, three times for each row.
  if (ids === null) return nowhere;
  if (Array.isArray(ids) && ids.every(isText)) return new Set(ids);
  throw new UnusableField('invalid_field', `${name} is not a list of location ids.`);
}

function isText(value: Json): value is string {
  return typeof value === 'string' && value !== '';
}

function notSoldOut({ sold_out }: RawObject): boolean | null {
  if (sold_out === null || sold_out === undefined) return null;
  if (typeof sold_out === 'boolean') return !sold_out;
  throw new UnusableField('invalid_field', 'sold_out is neither true nor false.');
}

/** `location_overrides` of the data of an object. Throws UnusableField. */
export function overridesOf(data: RawObject): readonly RawObject[] {
  return objectsField(data, 'location_overrides');
}
