// Reads a database whole, without what differs from run to run, so that two end states can be compared.
import { readShapes } from '../../src/db/adopt/tables/read-shape.ts';
import type { Queryable } from '../../src/db/database.ts';

/** The single row of a statement. */
export async function oneRow<Row = Record<string, unknown>>(queryable: Queryable, statement: string): Promise<Row> {
  const { rows } = await queryable.query<Row>(statement);
  if (rows.length !== 1 || !rows[0]) throw new Error(`${rows.length} rows instead of one: ${statement}`);
  return rows[0];
}

/** Rows of every table and the shape of every table; ids of new sources stand as their names, moments of adoption as now. */
export async function dumpDatabase(queryable: Queryable): Promise<unknown> {
  const { rows: tables } = await queryable.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
  );
  const names = tables.map(({ name }) => name).filter((name) => name !== 'integration_adoption_steps');
  const { rows: sources } = await queryable.query<{ id: string; name: string }>(
    `select id, name from wand_integration_sources where name like '%: %'`,
  );
  const contents: Record<string, string[]> = {};
  for (const name of names) contents[name] = await dumpTable(queryable, name, sources);
  const shapes = await readShapes(queryable, names);
  const triggers = await queryable.query(
    'select pg_get_triggerdef(oid) as definition, tgenabled from pg_trigger where not tgisinternal order by 1',
  );
  return { contents, shapes: [...shapes].map(([, shape]) => shape), triggers: triggers.rows };
}

const volatileColumns: Readonly<Record<string, readonly string[]>> = {
  integration_items_archive: ['id', 'archived_at'],
  tillsync_migrations: ['applied_at'],
  wand_integration_sources: ['retired_at', 'updated_at'],
  integration_source_configs: ['credentials_encrypted'],
};

async function dumpTable(
  queryable: Queryable,
  name: string,
  sources: readonly { id: string; name: string }[],
): Promise<string[]> {
  const { rows } = await queryable.query<{ row: string }>(
    `select (to_jsonb(t) - $1::text[])::text as row from ${name} t`,
    [volatileColumns[name] ?? []],
  );
  const named = rows.map(({ row }) => sources.reduce((text, source) => text.replaceAll(source.id, source.name), row));
  // Rows of the fixture are of 2025; any other time is a moment of the adoption.
  return named.map((row) => row.replaceAll(/"20(?!25)\d\d-\d\d-\d\dT[^"]*"/g, '"now"')).sort();
}
