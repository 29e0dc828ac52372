// Writes what items state by location: in the save transaction, some statements per thousand items, none where none does.
import { type Item, type Kind, locationsOf } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import type { Json } from '../../json.ts';
import { itemTables } from './item-table.ts';
import type { ShownLocation, StoredItem } from './stored-item.ts';

/** A stored row, as a comparison reads it: numeric as text. */
export interface StoredLocation {
  location_id: string;
  price: string | null;
  currency: string | null;
  is_available: boolean | null;
  present: boolean;
}

type Keys = readonly { externalId: string; pathId: string | null }[];

/** SQL of the stored locations of row r of a kind, as a JSON array; null = none. */
export function locationsOfRow(kind: Kind): string {
  return `(select jsonb_agg(jsonb_build_object('location_id', l.location_id, 'price', l.price::text,
             'currency', l.currency, 'is_available', l.is_available, 'present', l.present) order by l.location_id collate "C")
             from integration_item_locations l
            where l.wand_source_id = r.wand_source_id and l.kind = '${kind}' and l.external_id = r.external_id
              and ${itemTables[kind].keyHasPath ? 'l.path_id is not distinct from r.path_id' : 'l.path_id is null'})`;
}

/** What locationsOfRow selected. */
export function storedLocations(value: Json | undefined): StoredLocation[] {
  return (value ?? []) as unknown as StoredLocation[];
}

const itemsAtOnce = 1_000;

/**
 * Makes the rows of these items what the items say. `mayExist` = some of them may have rows already, which go first. Under
 * the source's lock.
 */
export async function replaceLocations(
  q: Queryable,
  sourceId: string,
  of: { kind: Kind; items: readonly Item[]; mayExist: boolean },
): Promise<void> {
  for (let start = 0; start < of.items.length; start += itemsAtOnce) {
    const batch = of.items.slice(start, start + itemsAtOnce);
    if (of.mayExist) await deleteRows(q, sourceId, { kind: of.kind, keys: batch });
    await insertRows(q, sourceId, { kind: of.kind, items: batch });
  }
}

async function deleteRows(q: Queryable, sourceId: string, of: { kind: Kind; keys: Keys }): Promise<void> {
  await q.query(`delete from integration_item_locations l ${ofKeys}`, keyParameters(sourceId, of));
}

// $1 source, $2 kind, $3 external ids, $4 paths.
const ofKeys = `using unnest($3::text[], $4::text[]) as k(external_id, path_id)
   where l.wand_source_id = $1 and l.kind = $2 and l.external_id = k.external_id
     and l.path_id is not distinct from k.path_id`;

function keyParameters(sourceId: string, { kind, keys }: { kind: Kind; keys: Keys }): unknown[] {
  return [sourceId, kind, keys.map(({ externalId }) => externalId), keys.map((key) => pathOf(kind, key))];
}

// For products the path is content, not key.
function pathOf(kind: Kind, { pathId }: { pathId: string | null }): string | null {
  return itemTables[kind].keyHasPath ? pathId : null;
}

async function insertRows(q: Queryable, sourceId: string, of: { kind: Kind; items: readonly Item[] }): Promise<void> {
  const rows = of.items.flatMap((item) => locationsOf(item).map((at) => ({ item, at })));
  if (rows.length === 0) return;
  await q.query(
    `insert into integration_item_locations
       (wand_source_id, kind, external_id, path_id, location_id, site_id, price, currency, is_available, present)
     select $1, $2, k.external_id, k.path_id, k.location_id, m.site_id, k.price::numeric, k.currency,
            k.is_available::boolean, k.present::boolean
       from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
              as k(external_id, path_id, location_id, price, currency, is_available, present)
       left join integration_site_locations m on m.wand_source_id = $1 and m.location_id = k.location_id`,
    [
      sourceId,
      of.kind,
      rows.map(({ item }) => item.externalId),
      rows.map(({ item }) => pathOf(of.kind, item)),
      rows.map(({ at }) => at.locationId),
      rows.map(({ at }) => at.price),
      rows.map(({ at }) => at.currency),
      rows.map(({ at }) => (at.isAvailable === null ? null : String(at.isAvailable))),
      rows.map(({ at }) => String(at.present)),
    ],
  );
}

/** Marks the rows of removed items: no location has them any more. */
export async function removeLocations(q: Queryable, sourceId: string, of: { kind: Kind; keys: Keys }): Promise<void> {
  await q.query(
    `update integration_item_locations l set present = false ${ofKeys.replace('using', 'from')} and l.present`,
    keyParameters(sourceId, of),
  );
}

/** What is stored of one item by location, by location id. */
export async function readLocations(
  q: Queryable,
  item: Pick<StoredItem, 'kind' | 'source_id' | 'external_id' | 'path_id'>,
): Promise<ShownLocation[]> {
  const { rows } = await q.query<Omit<ShownLocation, 'site_id'> & { site_id: string | null }>(
    `select location_id, site_id, price::text, currency, is_available, present from integration_item_locations
      where wand_source_id = $1 and kind = $2 and external_id = $3 and path_id is not distinct from $4
      order by location_id`,
    [item.source_id, item.kind, item.external_id, item.kind === 'modifiers' ? item.path_id : null],
  );
  return rows.map((row) => ({ ...row, site_id: row.site_id === null ? null : Number(row.site_id) }));
}
