// The fourth step: every item row gets its source and path; losers of one key and rows of no source go to the archive.
import { TillsyncError } from '../../../errors.ts';
import type { Connection, Queryable } from '../../database.ts';
import { archiveDuplicates, kindOf } from '../../keys/archive-duplicates.ts';
import { type ItemTable, itemTables, quoteName } from '../../keys/key-definitions.ts';
import { withShortLock } from '../../keys/retry-lock.ts';
import { type Adoption, notAsPromised, runLongStep, runStep } from '../adoption.ts';
import { noFacts, type StepFacts } from '../adoption-report.ts';
import { readShape } from '../tables/read-shape.ts';
import { type ItemSql, itemSql } from './item-sql.ts';
import { surveyItems } from './survey-items.ts';

// 32 MiB of rows per transaction: about 100,000 rows, a second or two of row locks.
const pagesPerBatch = 4096;
const rounds = 5;

/** Archives and backfills the three item tables. */
export async function settleItems(adoption: Adoption): Promise<void> {
  for (const table of itemTables) {
    // Duplicates leave before the backfill, by the key that the backfill will make: it would collide with them.
    await runStep(adoption, `duplicates ${table}`, async (connection) => {
      const sql = await readItemSql(connection, adoption, table);
      const items = await surveyItems(connection, sql);
      return { ...(await archiveItems(connection, sql, table)), items };
    });
    await runLongStep(adoption, `rows ${table}`, () => settleRows(adoption, table));
  }
}

/**
 * Backfills and archives until every row has its source; writers may bring new rows meanwhile. Also called when a key
 * cannot be built because of rows that came in between. Throws when it does not come to an end.
 */
async function settleRows(adoption: Adoption, table: ItemTable): Promise<StepFacts> {
  const facts = noFacts();
  const sql = await readItemSql(adoption.database, adoption, table);
  for (let round = 1; ; round++) {
    const collision = await backfill(adoption, sql);
    if (collision === null && (await unsettledRows(adoption.database, table)) === 0) return facts;
    if (round === rounds) throw notAsPromised(`rows ${table}`, [`rows without a source keep coming into ${table}`]);
    const again = await withShortLock(adoption.database, (connection) => archiveItems(connection, sql, table));
    facts.lines.push(...again.lines);
    // Twice the same key without duplicates left: rows swap their sources, and the old key stands in between.
    if (collision !== null && round > 1) facts.lines.push(await dropKey(adoption, table, collision));
  }
}

/** Archives what a key's build found, then settles rows again. */
export async function settleAgain(adoption: Adoption, table: ItemTable): Promise<StepFacts> {
  const sql = await readItemSql(adoption.database, adoption, table);
  const archived = await withShortLock(adoption.database, (connection) => archiveItems(connection, sql, table));
  const settled = await settleRows(adoption, table);
  return { lines: [...archived.lines, ...settled.lines], warnings: [...archived.warnings, ...settled.warnings] };
}

async function readItemSql(queryable: Queryable, adoption: Adoption, table: ItemTable): Promise<ItemSql> {
  const targets = adoption.journal.get('sources')?.targets ?? {};
  return itemSql(await readShape(queryable, table), targets);
}

/** Moves losers and rows of no source to the archive; pointers of other tables follow the row that stays. */
async function archiveItems(connection: Connection, sql: ItemSql, table: ItemTable): Promise<StepFacts> {
  const facts = noFacts();
  await connection.query(`set local work_mem = '128MB'`);
  await connection.query(
    `create temp table tillsync_leaving on commit drop as
     select t.id, case when coalesce(${sql.externalId}, '') = '' then 'without external_id' else 'unattributable' end as reason
       from ${table} t where ${sql.target} is null or coalesce(${sql.externalId}, '') = ''`,
  );
  facts.warnings.push(...(await releasePointers(connection, table)));
  const path = sql.keyHasPath || table === 'integration_products' ? sql.path : 'null';
  const left = await connection.query(
    `with gone as (delete from ${table} t using tillsync_leaving l where t.id = l.id returning t.*, l.reason as tillsync_reason)
     insert into integration_items_archive (kind, reason, wand_source_id, source_config_id, external_id, path_id, item)
     select '${kindOf(table)}', t.tillsync_reason, ${sql.target}, t.source_config_id, t.external_id, ${path},
            to_jsonb(t) - 'tillsync_reason' from gone t`,
  );
  await connection.query('drop table tillsync_leaving');
  if (left.rowCount > 0) {
    facts.lines.push(
      `${table}: ${left.rowCount} rows of no source or without external_id are in integration_items_archive`,
    );
    facts.warnings.push(
      `${table}: bring archived rows back with \`tillsync sources assign\` once you know their source`,
    );
  }
  const key = [sql.target, 't.external_id', ...(sql.keyHasPath ? [sql.path] : [])];
  const { archived, repointed } = await archiveDuplicates(connection, table, key);
  if (archived > 0) facts.lines.push(`${table}: ${archived} duplicates are in integration_items_archive`);
  if (repointed > 0) facts.lines.push(`${table}: ${repointed} rows of other tables point to the row that stayed`);
  return facts;
}

/** Rows of other tables that point to a row of no source: their pointer becomes NULL, never a cascade. */
async function releasePointers(connection: Connection, table: ItemTable): Promise<string[]> {
  const { rows } = await connection.query<{ table: string; column: string; not_null: boolean }>(
    `select k.conrelid::regclass::text as table, a.attname as column, a.attnotnull as not_null
       from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
      where k.contype = 'f' and k.confrelid = $1::regclass and cardinality(k.conkey) = 1 and k.conparentid = 0`,
    [table],
  );
  const warnings: string[] = [];
  for (const pointer of rows) {
    const column = quoteName(pointer.column);
    if (pointer.not_null) {
      const found = await connection.query<{ id: string }>(
        `select l.id from ${pointer.table} r join tillsync_leaving l on l.id = r.${column} limit 1`,
      );
      if (found.rows[0]) throw stillNeeded(table, pointer.table, found.rows[0].id);
      continue;
    }
    const { rowCount } = await connection.query(
      `update ${pointer.table} r set ${column} = null from tillsync_leaving l where r.${column} = l.id`,
    );
    if (rowCount > 0)
      warnings.push(`${rowCount} rows of ${pointer.table} lost their ${pointer.column}: it named archived rows`);
  }
  return warnings;
}

function stillNeeded(table: string, pointing: string, id: string): TillsyncError {
  return new TillsyncError(
    `A row of ${pointing} needs the row ${id} of ${table}, which no source or external_id attributes.`,
    {
      code: 'adoption_row_needed',
      step: 'sync',
      effect: 'No row of this table was archived.',
      hint: `Give that row of ${table} a source_id and an external_id, or delete the row of ${pointing}; then run \`tillsync migrate\` again.`,
      facts: { table, pointing, id },
    },
  );
}

/** Fills both source columns, the path and missing times, batch by batch; returns the old key that it collided with. */
async function backfill(adoption: Adoption, sql: ItemSql): Promise<string | null> {
  const { table } = sql;
  const withPath = table !== 'integration_discounts';
  const { rows } = await adoption.database.query<{ pages: string }>(
    `select pg_relation_size($1::regclass) / current_setting('block_size')::int + 1 as pages`,
    [table],
  );
  const statement = `update ${table} t set wand_source_id = ${sql.target}, source_id = ${sql.target},
      ${withPath ? `path_id = ${sql.path},` : ''} created_at = coalesce(t.created_at, t.last_synced_at, now()),
      updated_at = coalesce(t.updated_at, t.created_at, t.last_synced_at, now())
    where t.ctid >= $1::tid and t.ctid < $2::tid and (t.wand_source_id is distinct from ${sql.target}
      or t.source_id is distinct from ${sql.target} ${withPath ? `or t.path_id is distinct from ${sql.path}` : ''}
      or t.created_at is null or t.updated_at is null)`;
  for (let page = 0; page < Number(rows[0]?.pages); page += pagesPerBatch) {
    try {
      const bounds = [`(${page},0)`, `(${page + pagesPerBatch},0)`];
      await withShortLock(adoption.database, (connection) => connection.query(statement, bounds));
    } catch (error) {
      const { constraint } = error instanceof TillsyncError ? error.facts : {};
      if (!(error instanceof TillsyncError) || error.code !== 'key_conflict' || typeof constraint !== 'string')
        throw error;
      return constraint;
    }
  }
  return null;
}

async function unsettledRows(queryable: Queryable, table: ItemTable): Promise<number> {
  const { rows } = await queryable.query<{ rows: string }>(
    `select count(*) as rows from ${table} where wand_source_id is null or source_id is distinct from wand_source_id
       or external_id is null or external_id = '' or created_at is null or updated_at is null`,
  );
  return Number(rows[0]?.rows);
}

async function dropKey(adoption: Adoption, table: ItemTable, name: string): Promise<string> {
  return await withShortLock(adoption.database, async (connection) => {
    const index = (await readShape(connection, table)).indexes.find((candidate) => candidate.name === name);
    await connection.query(
      index?.constraint === null
        ? `drop index if exists ${quoteName(name)}`
        : `alter table ${table} drop constraint if exists ${quoteName(name)}`,
    );
    return `${table}: old key ${name} dropped early, because rows exchange their sources`;
  });
}
