// Counts the ciphertexts of each place by the key that opens them, and reads those that another key than one wrote.
import type { Queryable } from '../../db/database.ts';
import { numberOf } from '../row-values.ts';
import { placeNames, type SealedPlace, sealedPlaces } from './sealed-places.ts';

/** How many ciphertexts of a place one key opens; key_id null = what stands there is no ciphertext. */
export interface SealedCount {
  place: SealedPlace;
  key_id: string | null;
  secrets: number;
}

/** A row that holds ciphertexts. */
export interface SealedRow {
  owner: string;
  part: string;
  /** Field → ciphertext. */
  fields: Record<string, string>;
}

// What stands before a ciphertext, and the key's id in it: looked at once for each group.
const keyId = String.raw`case when head ~ '^v1\.[0-9a-f]{8}\.$' then substr(head, 4, 8) end`;

/** All places, in one statement. */
export async function countSealed(q: Queryable): Promise<SealedCount[]> {
  const counts = placeNames.map((place) => {
    const { table, fields } = sealedPlaces[place];
    return `${place} as materialized (select '${place}' as place, left(f.value, 12) as head, count(*) as secrets
      from ${table} t, jsonb_each_text(${fields}) f group by 2)`;
  });
  const all = placeNames.map((place) => `select * from ${place}`).join(' union all ');
  // As a plain union of small tables PostgreSQL would start two parallel workers for it: 28 ms instead of 1.
  const { rows } = await q.query<{ place: SealedPlace; key_id: string | null; secrets: string }>(
    `with ${counts.join(', ')} select place, ${keyId} as key_id, sum(secrets) as secrets
      from (${all}) a group by 1, 2 order by 1, 2`,
  );
  return rows.map((row) => ({ ...row, secrets: numberOf(row.secrets) ?? 0 }));
}

/** The next rows of a place, in the order of their keys, that hold anything which the key `except` does not open. */
export async function readSealed(
  q: Queryable,
  place: SealedPlace,
  from: { except: string; after: Pick<SealedRow, 'owner' | 'part'> | null; limit: number },
): Promise<SealedRow[]> {
  const { table, owner, part, fields } = sealedPlaces[place];
  const { rows } = await q.query<SealedRow>(
    `select ${owner} as owner, ${part} as part, ${fields} as fields from ${table} t
      where ($2::uuid is null or (${owner}, ${part} collate "C") > ($2::uuid, $3::text collate "C"))
        and exists (select from jsonb_each_text(${fields}) f where f.value not like $1)
      order by ${owner}, ${part} collate "C" limit $4`,
    [`v1.${from.except}.%`, from.after?.owner ?? null, from.after?.part ?? null, from.limit],
  );
  return rows;
}

/** The names of some configs that hold a secret of this key, for a person who looks for it. */
export async function namesOfKey(q: Queryable, key: string, limit: number): Promise<string[]> {
  const { table, fields } = sealedPlaces.credentials;
  const { rows } = await q.query<{ name: string }>(
    `select t.config_name as name from ${table} t
      where exists (select from jsonb_each_text(${fields}) f where f.value like $1) order by t.created_at, t.id limit $2`,
    [`v1.${key}.%`, limit],
  );
  return rows.map(({ name }) => name);
}
