// The shape of a table as the catalogs tell it, and of our own tables as the migrations make them in a scratch schema.
import type { Connection, Database, Queryable } from '../../database.ts';
import { type MigrationFile, readMigrationFiles } from '../../migrate/migration-files.ts';

export interface ColumnShape {
  name: string;
  /** As format_type writes it, e.g. 'numeric(10,2)'. */
  type: string;
  not_null: boolean;
  /** The default's expression, or null. */
  default: string | null;
  /** Generated as identity, or computed: it needs no value from a writer. */
  generated: boolean;
}

export interface ConstraintShape {
  name: string;
  /** p primary key, u unique, c check, f foreign key, x exclusion. */
  kind: 'p' | 'u' | 'c' | 'f' | 'x';
  definition: string;
  columns: string[];
  valid: boolean;
  /** The table that a foreign key points to. */
  target: string | null;
}

export interface IndexShape {
  name: string;
  /** CREATE INDEX statement without schema names. */
  definition: string;
  unique: boolean;
  primary: boolean;
  valid: boolean;
  /** The constraint that owns it. */
  constraint: string | null;
}

export interface TableShape {
  name: string;
  columns: ColumnShape[];
  constraints: ConstraintShape[];
  indexes: IndexShape[];
  /** Storage parameters such as fillfactor=85. */
  options: string[];
}

/** Our tables as the first migrations make them, and the statements that adoption takes from there. */
export interface Model {
  tables: ReadonlyMap<string, TableShape>;
  /** Makes tillsync_new_id() and every table that is not there yet. */
  createTables: string;
  /** Makes the trigger for foreign writers. */
  createTrigger: string;
}

// The migrations after this one run on an adopted database as on any other.
const lastAdopted = '20251101000500';
const scratch = 'tillsync_adoption_model';

// Schema names are left out where the search path finds the table (the pretty form), so that both worlds compare equal.
const shapeStatement = `
select c.relname as name, coalesce(c.reloptions, '{}') as options,
  (select coalesce(json_agg(json_build_object(
      'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull,
      'default', case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end,
      'generated', a.attidentity <> '' or a.attgenerated <> '') order by a.attnum), '[]')
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
  (select coalesce(json_agg(json_build_object(
      'name', k.conname, 'kind', k.contype, 'definition', pg_get_constraintdef(k.oid, true), 'valid', k.convalidated,
      'target', case when k.contype = 'f' then k.confrelid::regclass::text end,
      'columns', (select coalesce(json_agg(a.attname), '[]') from pg_attribute a
        where a.attrelid = c.oid and a.attnum = any (k.conkey))) order by k.conname), '[]')
    from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u', 'c', 'f', 'x')) as constraints,
  (select coalesce(json_agg(json_build_object(
      'name', i.relname, 'definition', pg_get_indexdef(i.oid, 0, true), 'unique', x.indisunique,
      'primary', x.indisprimary, 'valid', x.indisvalid and x.indisready, 'constraint', k.conname) order by i.relname), '[]')
    from pg_index x join pg_class i on i.oid = x.indexrelid
      left join pg_constraint k on k.conindid = i.oid and k.conrelid = c.oid and k.contype in ('p', 'u', 'x')
    where x.indrelid = c.oid) as indexes
from pg_class c where c.oid = any (array(select to_regclass(quote_ident(n)) from unnest($1::text[]) n))
order by c.relname`;

/** The shapes of those of the named tables that the search path finds. */
export async function readShapes(queryable: Queryable, names: readonly string[]): Promise<Map<string, TableShape>> {
  const { rows } = await queryable.query<TableShape>(shapeStatement, [names]);
  return new Map(rows.map((row) => [row.name, row]));
}

/** The shape of one table that is known to be there. */
export async function readShape(queryable: Queryable, name: string): Promise<TableShape> {
  const shape = (await readShapes(queryable, [name])).get(name);
  if (!shape) throw new Error(`the table ${name} is gone`);
  return shape;
}

// Our tables depend on the server's version only, so a process that adopts twice (rehearsal, retry) reads them once.
const models = new Map<number, Model>();

/** Our tables as the migrations make them on this server. */
export async function readModel(database: Database): Promise<Model> {
  const model = models.get(database.serverVersion) ?? (await makeModel(database));
  models.set(database.serverVersion, model);
  return model;
}

/**
 * Reads our tables' shapes by running the first migrations in a scratch schema inside a transaction that is rolled back:
 * the SQL files stay the only place that says what a table looks like.
 */
async function makeModel(database: Database): Promise<Model> {
  const files = (await readMigrationFiles()).filter((file) => file.name.slice(0, 14) <= lastAdopted);
  const tables = await rolledBack(database, async (connection) => {
    await connection.query(`create schema ${scratch}`);
    await connection.query(`set local search_path = ${scratch}`);
    await connection.query('set local client_min_messages = warning');
    for (const { sql } of files) await connection.query(sql);
    const { rows } = await connection.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = $1::regnamespace and relkind = 'r'`,
      [scratch],
    );
    return await readShapes(
      connection,
      rows.map(({ name }) => name),
    );
  });
  return { tables, ...statementsOf(files) };
}

function statementsOf(files: readonly MigrationFile[]): Pick<Model, 'createTables' | 'createTrigger'> {
  const sql = files.map((file) => file.sql).join('\n');
  const blocks = sql.match(/^do \$\$[\s\S]*?^end \$\$;$/gm) ?? [];
  const newId = blocks.filter((block) => block.includes('function tillsync_new_id'));
  const creates = sql.match(/^create table if not exists [\s\S]*?^\)[^;]*;$/gm) ?? [];
  const trigger = files.filter((file) => file.name.includes('_fix_wand_source_id_'));
  return { createTables: [...newId, ...creates].join('\n'), createTrigger: trigger.map((file) => file.sql).join('\n') };
}

async function rolledBack<T>(database: Database, work: (connection: Connection) => Promise<T>): Promise<T> {
  return await database.withConnection(async (connection) => {
    await connection.query('begin');
    try {
      return await work(connection);
    } finally {
      await connection.query('rollback');
    }
  });
}
