// Whether there is something to adopt: asked at every start, so it stands apart from how it is done.
import type { Queryable } from '../database.ts';
import { readJournal } from './adoption.ts';

// A table is ours when it has the column beside it; the first migration asks the same.
const markers = `(values ('integration_products', 'content_hash'), ('integration_modifiers', 'content_hash'),
  ('integration_discounts', 'content_hash'), ('integration_source_configs', 'credentials_encrypted'),
  ('wand_integration_sources', 'identity_key'), ('integration_sync_history', 'lease_token')) as m (name, marker)`;

/** Whether the database has tables of the original that no adoption has finished with. One or two cheap queries. */
export async function isUnadopted(queryable: Queryable): Promise<boolean> {
  const { rows } = await queryable.query<{ journal: boolean; legacy: boolean }>(
    `select to_regclass('integration_adoption_steps') is not null as journal,
       exists (select from ${markers} join pg_class c on c.oid = to_regclass(m.name) where not exists (
         select from pg_attribute a where a.attrelid = c.oid and a.attname = m.marker and not a.attisdropped)) as legacy`,
  );
  if (!rows[0]?.journal) return rows[0]?.legacy === true;
  return !(await readJournal(queryable)).has('complete');
}
