// What an item says by location, as the edge contract carries it: a list of locations with what holds there.
import { type Json, numberFromSource } from '../../json.ts';
import { type Item, type ItemLocation, locationsOf } from '../item.ts';
import { parseMoney } from '../money.ts';
import { idText, isObject, readText } from '../raw-fields.ts';

const names = ['itemLocations', 'item_locations'] as const;

/** What cannot be read of it, as a sentence. */
export interface UnreadableLocations {
  problem: string;
}

/** What the item says by location; null = nothing. An item is saved whole: what is not said is not there. */
export function readLocations(raw: { [key: string]: Json }): ItemLocation[] | null | UnreadableLocations {
  const given = names.map((name) => (Object.hasOwn(raw, name) ? raw[name] : null)).find((value) => value !== null);
  if (given === undefined || given === null) return null;
  if (!Array.isArray(given)) return { problem: 'itemLocations is not a list.' };
  const locations: ItemLocation[] = [];
  for (const [at, each] of given.entries()) {
    const location = locationFrom(each);
    if ('problem' in location) return { problem: `itemLocations[${at}]: ${location.problem}` };
    locations.push(location);
  }
  return locations.length === 0 ? null : locations;
}

function locationFrom(raw: Json): ItemLocation | UnreadableLocations {
  if (!isObject(raw)) return { problem: 'it is not an object.' };
  const member = (...of: string[]): Json => of.map((name) => raw[name] ?? null).find((value) => value !== null) ?? null;
  const locationId = idText(member('locationId', 'location_id'));
  if (locationId === null) return { problem: 'it has no usable locationId.' };
  const price = parseMoney(member('price'));
  if (!price.ok) return { problem: `price: ${price.message}.` };
  const currency = readText(member('currency'));
  if (currency === undefined) return { problem: 'currency is not a text.' };
  const isAvailable = member('isAvailable', 'is_available');
  const present = member('present') ?? true;
  for (const [name, value] of Object.entries({ isAvailable, present })) {
    if (value !== null && typeof value !== 'boolean') return { problem: `${name} is neither true nor false.` };
  }
  return {
    locationId,
    price: price.amount,
    currency: currency ?? null,
    isAvailable: isAvailable as boolean | null,
    present: present as boolean,
  };
}

/** The member of the formatted item that says it; {} where the item says nothing by location. */
export function locationsToFormatted(item: Item): { itemLocations?: Json } {
  const locations = locationsOf(item);
  if (locations.length === 0) return {};
  const shown = locations.map(({ locationId, price, currency, isAvailable, present }): Json => {
    const fields: [string, Json | null][] = [
      ['locationId', locationId],
      ['price', price === null ? null : numberFromSource(price)],
      ['currency', currency],
      ['isAvailable', isAvailable],
      ['present', present],
    ];
    return Object.fromEntries(fields.filter(([, value]) => value !== null) as [string, Json][]);
  });
  return { itemLocations: shown };
}
