// Reads the keys of one source and kind with their fingerprints: the one read that a plan rests on.
import { fingerprintDigits } from '../../catalog/fingerprint.ts';
import type { Kind } from '../../catalog/item.ts';
import { copyOut } from '../../db/copy.ts';
import type { Connection, Queryable } from '../../db/database.ts';
import { itemTables, uuidLiteral } from './item-table.ts';

/** One stored row as the plan needs it. */
export interface StoredKey {
  externalId: string;
  /** Null also for kinds whose key has no path. */
  pathId: string | null;
  /** Fingerprint, 48 hex digits; '' = not known (adopted, written by another program, or by an earlier version). */
  hash: string;
  removed: boolean;
}

/**
 * Streams the keys of a source in no particular order to `onKey`. COPY, because it is the cheapest read PostgreSQL has
 * (1-1.8 M rows/s); the key's INCLUDE columns make it an index-only scan.
 */
export async function readKeys(
  connection: Connection,
  of: { sourceId: string; kind: Kind },
  onKey: (key: StoredKey) => void,
): Promise<void> {
  const { table, keyHasPath } = itemTables[of.kind];
  let rest: Buffer = Buffer.alloc(0);
  await copyOut(
    connection,
    `copy (select ${hexOf('content_hash')}, (removed_at is not null)::int, external_id${keyHasPath ? ', path_id' : ''}
           from ${table} where wand_source_id = ${uuidLiteral(of.sourceId)}) to stdout`,
    (piece) => {
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      let from = 0;
      for (let end = bytes.indexOf(lineEnd); end !== -1; end = bytes.indexOf(lineEnd, from)) {
        onKey(parseKey(bytes, from, end));
        from = end + 1;
      }
      rest = bytes.subarray(from);
    },
  );
}

// A hash of another length is none that can be compared.
const hexOf = (column: string) =>
  `case when octet_length(${column}) = ${fingerprintDigits / 2} then encode(${column}, 'hex') else '' end`;

const lineEnd = 0x0a;
const tab = 0x09;

// Cut out of the bytes: a slice of a long text would keep all of it in memory as long as the key lives.
function parseKey(bytes: Buffer, from: number, end: number): StoredKey {
  const hashEnd = bytes[from] === tab ? from : from + fingerprintDigits;
  const idFrom = hashEnd + 3;
  const tabAt = bytes.indexOf(tab, idFrom);
  const idEnd = tabAt === -1 || tabAt >= end ? end : tabAt;
  const path = idEnd === end ? '\\N' : bytes.toString('utf8', idEnd + 1, end);
  return {
    hash: bytes.toString('latin1', from, hashEnd),
    removed: bytes[hashEnd + 1] === 0x31,
    externalId: unescapeCopyText(bytes.toString('utf8', idFrom, idEnd)),
    pathId: path === '\\N' ? null : unescapeCopyText(path),
  };
}

const unescaped: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v' };

function unescapeCopyText(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.)/g, (_all, letter: string) => unescaped[letter] ?? letter) : text;
}

/**
 * The stored rows of some keys, for a save that speaks of a few items of a large source: its cost grows with the keys
 * asked for, not with the source. For modifiers also the row of the same id that was adopted without its path.
 */
export async function readKeysOf(
  queryable: Queryable,
  of: { sourceId: string; kind: Kind; keys: readonly { externalId: string; pathId: string | null }[] },
): Promise<StoredKey[]> {
  const { table, keyHasPath } = itemTables[of.kind];
  // An id has few paths, so its rows are looked up by the id. `offset 0`: see lookUp() in item-table.ts.
  const match = keyHasPath
    ? 'and (t.path_id = k.path_id or (t.path_id is null and (k.path_id is null or t.content_hash is null)))'
    : '';
  const { rows } = await queryable.query<{
    hash: string;
    removed: boolean;
    external_id: string;
    path_id: string | null;
  }>(
    `select found.* from unnest($2::text[], $3::text[]) as k(external_id, path_id)
       cross join lateral (
         select ${hexOf('t.content_hash')} as hash, t.removed_at is not null as removed, t.external_id,
            ${keyHasPath ? 't.path_id' : 'null::text as path_id'}
           from ${table} t where t.wand_source_id = $1 and t.external_id = k.external_id ${match} offset 0) as found`,
    [of.sourceId, of.keys.map((key) => key.externalId), of.keys.map((key) => key.pathId)],
  );
  return rows.map((row) => ({
    externalId: row.external_id,
    pathId: row.path_id,
    hash: row.hash,
    removed: row.removed,
  }));
}

const hashedCounts = Object.values(itemTables).map(
  ({ table }) => `select count(*) as rows, count(content_hash) as hashed from ${table}
        where wand_source_id = $1 and removed_at is null`,
);

/**
 * SQL of the number of live rows that source $1 has over all kinds, or null when one of them has no fingerprint; reads the
 * keys' indexes only.
 */
export const allHashedCount = `(select case when sum(hashed) = sum(rows) then sum(rows)::int end
  from (${hashedCounts.join(' union all ')}) as counts)`;

/** How many live rows of one kind have a price that is known. */
export async function countPriced(queryable: Queryable, of: { sourceId: string; kind: Kind }): Promise<number> {
  const price = of.kind === 'discounts' ? 'coalesce(discount_amount, price)' : 'price';
  const { rows } = await queryable.query<{ count: number }>(
    `select count(${price})::int as count from ${itemTables[of.kind].table}
      where wand_source_id = $1 and removed_at is null`,
    [of.sourceId],
  );
  return rows[0]?.count ?? 0;
}

/** How many live rows a source has, per kind; reads the key's index only. */
export async function countLive(queryable: Queryable, sourceId: string): Promise<Record<Kind, number>> {
  const count = (table: string) =>
    `(select count(*)::int from ${table} where wand_source_id = $1 and removed_at is null)`;
  const { rows } = await queryable.query<Record<Kind, number>>(
    `select ${Object.values(itemTables)
      .map(({ kind, table }) => `${count(table)} as ${kind}`)
      .join(', ')}`,
    [sourceId],
  );
  return rows[0] ?? { products: 0, modifiers: 0, discounts: 0 };
}

/** Whether the source has any row, removed ones included. */
export async function hasRows(queryable: Queryable, sourceId: string): Promise<boolean> {
  const some = Object.values(itemTables).map(({ table }) => `exists (select from ${table} where wand_source_id = $1)`);
  const { rows } = await queryable.query<{ found: boolean }>(`select ${some.join(' or ')} as found`, [sourceId]);
  return rows[0]?.found === true;
}
