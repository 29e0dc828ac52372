// In which order tables are filled: a row that refers to another one needs it to be there.
import type { Queryable } from '../database.ts';

/** The same tables, each behind all that it refers to; otherwise in the order given. Circles are left as they come. */
export async function referencedFirst<Table extends { name: string }>(
  q: Queryable,
  tables: readonly Table[],
): Promise<Table[]> {
  const { rows } = await q.query<{ from: string; to: string }>(
    `select f.relname as from, t.relname as to from pg_constraint c
       join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid
      where c.contype = 'f' and c.conrelid <> c.confrelid and c.connamespace = current_schema()::regnamespace`,
  );
  const ordered: Table[] = [];
  const seen = new Set<string>();
  const place = (table: Table) => {
    if (seen.has(table.name)) return;
    seen.add(table.name);
    for (const { from, to } of rows) {
      const needed = from === table.name ? tables.find(({ name }) => name === to) : undefined;
      if (needed !== undefined) place(needed);
    }
    ordered.push(table);
  };
  for (const table of tables) place(table);
  return ordered;
}
