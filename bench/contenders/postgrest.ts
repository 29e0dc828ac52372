// A supabase-js `.upsert(rows, { onConflict })`: the statement that PostgREST makes of it, 1,000 rows per request.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type Kind, kinds } from '../../src/catalog/item.ts';
import { byKind, type Contender, scenarios } from '../contender.ts';
import { itemRow, keyColumns, peerColumns, tableOf } from './item-rows.ts';

const rowsPerRequest = 1000;

export const postgrest: Contender = {
  id: 'postgrest',
  label: 'PostgREST upsert, 1000/request',
  role: 'peer',
  scenarios,
  removes: false,
  rows: 'items',
  async open(url) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return {
      begin: () => Promise.resolve(randomUUID()),
      save: async ({ items, sourceId }) => {
        const time = new Date().toISOString();
        const sorted = byKind(items);
        for (const kind of kinds) {
          for (let start = 0; start < sorted[kind].length; start += rowsPerRequest) {
            const rows = sorted[kind].slice(start, start + rowsPerRequest).map((item) => itemRow(item, sourceId, time));
            // Prepared once per connection, as PostgREST's own driver does; each request is a transaction of its own.
            await client.query({ name: kind, text: upsertStatement(kind), values: [JSON.stringify(rows)] });
          }
        }
      },
      close: () => client.end(),
    };
  },
};

/**
 * The shape of PostgREST 12.2 and later for POST with `Prefer: resolution=merge-duplicates` and `columns=`: the body is
 * one json parameter, every column is set from EXCLUDED, and a setting counts the inserted rows, one call per row on
 * either side.
 */
export function upsertStatement(kind: Kind): string {
  const types = peerColumns[kind];
  const columns = Object.keys(types);
  const quoted = columns.map((column) => `"${column}"`).join(', ');
  const typed = columns.map((column) => `"${column}" ${types[column]}`).join(', ');
  const selected = columns.map((column) => `"pgrst_body"."${column}"`).join(', ');
  const sets = columns.map((column) => `"${column}" = EXCLUDED."${column}"`).join(', ');
  const key = keyColumns[kind].map((column) => `"${column}"`).join(', ');
  return `WITH pgrst_source AS (INSERT INTO "public"."${tableOf(kind)}"(${quoted}) SELECT ${selected}
 FROM (SELECT $1::json AS json_data) pgrst_payload,
 LATERAL (SELECT ${quoted} FROM json_to_recordset(pgrst_payload.json_data) AS _(${typed})) pgrst_body
 WHERE ${countInserted('+', '0')}
 ON CONFLICT(${key}) DO UPDATE SET ${sets} WHERE ${countInserted('-', '-1')} RETURNING 1)
 SELECT '' AS total_result_set, pg_catalog.count(_postgrest_t) AS page_total, array[]::text[] AS header, ''::text AS body,
 nullif(current_setting('response.headers', true), '') AS response_headers,
 nullif(current_setting('response.status', true), '') AS response_status,
 nullif(current_setting('pgrst.inserted', true), '') AS response_inserted
 FROM (SELECT * FROM pgrst_source) _postgrest_t`;
}

function countInserted(sign: '+' | '-', never: string): string {
  const before = `coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0)`;
  return `set_config('pgrst.inserted', (${before} ${sign} 1)::text, true) <> '${never}'`;
}
