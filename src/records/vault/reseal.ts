// Writes ciphertexts of the active key over those of another, only where nobody changed them meanwhile.
import type { Connection, Queryable } from '../../db/database.ts';
import type { SealedRow } from './read-sealed.ts';
import { placeNames, type SealedPlace, sealedPlaces } from './sealed-places.ts';

/** A row as it was read, and as it is to be. */
export interface Resealed extends SealedRow {
  fresh: Record<string, string>;
  /** How many of them are new. */
  moved: number;
  /** What may be shown of each secret, for those of which it is not known yet. */
  described: Record<string, object>;
}

/**
 * Writes a batch in one statement and returns the rows that it wrote. A row that changed since it was read stays as it is;
 * so does one that somebody else holds locked, unless `waits`.
 */
export async function reseal(
  q: Queryable,
  place: SealedPlace,
  { rows, waits }: { rows: readonly Resealed[]; waits: boolean },
): Promise<Resealed[]> {
  const { table, owner, part, fields, set } = sealedPlaces[place];
  const written = await q.query<{ owner: string; part: string }>(
    `with n as (
       select owner, part, old::jsonb, fields::jsonb, described::jsonb
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) as n(owner, part, old, fields, described)),
     free as (
       select n.* from ${table} t join n on ${owner} = n.owner and ${part} = n.part
        where ${fields} = n.old order by n.owner, n.part for update of t ${waits ? '' : 'skip locked'})
     update ${table} t set ${set} from free n where ${owner} = n.owner and ${part} = n.part and ${fields} = n.old
     returning n.owner, n.part`,
    [
      rows.map((row) => row.owner),
      rows.map((row) => row.part),
      rows.map((row) => JSON.stringify(row.fields)),
      rows.map((row) => JSON.stringify(row.fresh)),
      rows.map((row) => JSON.stringify(row.described)),
    ],
  );
  const keys = new Set(written.rows.map((row) => `${row.owner} ${row.part}`));
  return rows.filter((row) => keys.has(`${row.owner} ${row.part}`));
}

/** One at a time adds a key or takes one away; held to the end of the transaction. */
export async function lockKeys(connection: Connection): Promise<void> {
  await connection.query(`select pg_advisory_xact_lock(hashtextextended('tillsync encryption keys', 0))`);
}

/** Nobody writes a ciphertext until the transaction ends; waits for who is about to. */
export async function holdSealed(connection: Connection): Promise<void> {
  const tables = placeNames.map((place) => sealedPlaces[place].table);
  await connection.query(`lock table ${tables.join(', ')} in share mode`);
}
