// The third step: sources take identities or are split, configs point to them, and runs that never ended say so.
import type { Queryable } from '../../database.ts';
import { itemTables } from '../../keys/key-definitions.ts';
import { type Adoption, notAsPromised, runStep } from '../adoption.ts';
import type { StepFacts } from '../adoption-report.ts';
import { itemSql } from '../items/item-sql.ts';
import { readShapes } from '../tables/read-shape.ts';
import { type Hierarchy, type LegacyRow, readLegacyConfig, textOf } from './legacy-config.ts';
import { planSources, type SourcePlan } from './plan-sources.ts';
import type { LegacySource, RowCount } from './read-candidates.ts';
import { settleHistory } from './settle-history.ts';

/** Settles sources, configs, sync state and history in one transaction. */
export async function settleSources(adoption: Adoption): Promise<void> {
  const retired = [...adoption.journal.values()].flatMap((facts) => facts.retired ?? []);
  await runStep(adoption, 'sources', async (connection) => {
    const plan = await readPlan(connection, adoption, retired);
    await writeSources(connection, plan);
    await writeConfigs(connection, plan);
    const history = await settleHistory(connection, plan.targets);
    const problems = await sourceProblems(connection);
    if (problems.length > 0) throw notAsPromised('sources', problems);
    return { ...factsOf(plan), lines: [...plan.lines, ...history] };
  });
}

/** The plan's part of the report. */
export function factsOf(plan: SourcePlan): StepFacts {
  const sources = plan.sources.map(({ found: _found, copyOf: _copy, isNew: _new, ...facts }) => facts);
  return { lines: plan.lines, warnings: plan.warnings, sources, targets: plan.targets };
}

/** Reads everything the plan needs, whatever columns this install has, and makes the plan. Writes nothing. */
export async function readPlan(
  queryable: Queryable,
  adoption: Adoption,
  retired: readonly string[],
): Promise<SourcePlan> {
  const configs = (await readRows(queryable, 'integration_source_configs')).map(readLegacyConfig);
  const counts = await readCounts(queryable);
  const rows = (await readRows(queryable, 'wand_integration_sources')).map((row) => readSource(row, true));
  const present = new Set(rows.map(({ id }) => id));
  const named = [...counts.map(({ sourceId }) => sourceId), ...configs.map(({ link }) => link)];
  const missing = [...new Set(named)].filter((id) => id !== null && !present.has(id)).sort() as string[];
  const sources = [...rows, ...(await recoverSources(queryable, missing, retired))];
  const port = adoption.options.identify ?? (() => null);
  const identify = typeof port === 'function' ? port : await port.open();
  return planSources({ sources, configs, counts, hierarchy: await readHierarchy(queryable), identify });
}

async function readRows(queryable: Queryable, table: string): Promise<LegacyRow[]> {
  if (!(await readShapes(queryable, [table])).has(table)) return [];
  const { rows } = await queryable.query<{ row: LegacyRow }>(`select to_jsonb(r) as row from ${table} r order by r.id`);
  return rows.map(({ row }) => row);
}

function readSource(row: LegacyRow, present: boolean): LegacySource {
  return {
    id: textOf(row.id) ?? '',
    name: textOf(row.name) ?? 'Unnamed source',
    connectorId: textOf(row.integration_type) ?? textOf(row.type) ?? 'unknown',
    template: textOf(row.base_url_template),
    present,
  };
}

/** Ids that rows or configs name but no source has: with what a retired table still says about them. */
async function recoverSources(
  queryable: Queryable,
  missing: readonly string[],
  retired: readonly string[],
): Promise<LegacySource[]> {
  const found = new Map<string, LegacySource>();
  for (const table of new Set(retired)) {
    const { rows } = await queryable.query<{ row: LegacyRow }>(
      `select to_jsonb(r) as row from ${table} r where to_jsonb(r) ->> 'id' = any ($1)`,
      [missing],
    );
    for (const { row } of rows) {
      const source = readSource(row, false);
      if (!found.has(source.id)) found.set(source.id, source);
    }
  }
  return missing.map((id) => found.get(id) ?? readSource({ id, name: 'Recovered source' }, false));
}

async function readCounts(queryable: Queryable): Promise<RowCount[]> {
  const counts: RowCount[] = [];
  const shapes = await readShapes(queryable, itemTables);
  for (const table of itemTables) {
    const shape = shapes.get(table);
    if (!shape) continue;
    const sql = itemSql(shape, {});
    const { rows } = await queryable.query<{ config_id: string | null; source_id: string | null; rows: string }>(
      `select ${sql.config}::text as config_id, coalesce(${sql.wandSource}, ${sql.source})::text as source_id,
              count(*) as rows from ${table} t group by 1, 2 order by 1, 2`,
    );
    for (const row of rows) counts.push({ configId: row.config_id, sourceId: row.source_id, rows: Number(row.rows) });
  }
  return counts;
}

async function readHierarchy(queryable: Queryable): Promise<Hierarchy> {
  const parents = async (table: string, column: string) => {
    const rows = await readRows(queryable, table);
    const pairs = rows.map((row) => [textOf(row.id), textOf(row[column])] as const);
    return new Map(pairs.filter((pair): pair is [string, string] => pair[0] !== null && pair[1] !== null));
  };
  return {
    companyOfSite: await parents('stores', 'company_id'),
    conceptOfCompany: await parents('companies', 'concept_id'),
  };
}

async function writeSources(queryable: Queryable, plan: SourcePlan): Promise<void> {
  const rows = plan.sources.map((source) => ({
    id: source.id,
    name: source.name,
    integration_type: source.connector_id,
    origin: source.found?.origin ?? null,
    identity: source.identity,
    identity_key: source.found?.key ?? null,
    copy_of: source.copyOf,
    is_new: source.isNew,
    unused: source.outcome === 'unused',
  }));
  const given = `jsonb_to_recordset($1::jsonb) as v (id uuid, name text, integration_type text, origin text,
    identity jsonb, identity_key text, copy_of uuid, is_new boolean, unused boolean)`;
  const parameters = [JSON.stringify(rows)];
  // A split source keeps what the original's screens read of its vendor row (URL template, auth method, …).
  await queryable.query(
    `insert into wand_integration_sources
     select (jsonb_populate_record(null::wand_integration_sources, coalesce(to_jsonb(s), '{}') || jsonb_build_object(
       'id', v.id, 'name', v.name, 'integration_type', v.integration_type, 'created_at', now(), 'updated_at', now()))).*
     from ${given} left join wand_integration_sources s on s.id = v.copy_of where v.is_new`,
    parameters,
  );
  await queryable.query(
    `update wand_integration_sources s set name = v.name, integration_type = v.integration_type, origin = v.origin,
       identity = v.identity, identity_key = v.identity_key, retired_at = case when v.unused then now() end
     from ${given} where s.id = v.id`,
    parameters,
  );
  await queryable.query(
    `insert into integration_sync_state (wand_source_id, adopted)
     select v.id, true from ${given} where not v.unused on conflict (wand_source_id) do nothing`,
    parameters,
  );
}

async function writeConfigs(queryable: Queryable, plan: SourcePlan): Promise<void> {
  const rows = plan.configs.map((config) => ({
    id: config.id,
    connector_id: config.connectorId,
    application_level: config.level,
    wand_source_id: config.sourceId,
    legacy_source_id: config.legacySourceId,
    config_params: config.params,
    is_active: config.isActive,
  }));
  await queryable.query(
    `update integration_source_configs c set connector_id = v.connector_id, application_level = v.application_level,
       wand_source_id = v.wand_source_id, legacy_source_id = v.legacy_source_id, config_params = v.config_params,
       is_active = v.is_active, config_name = coalesce(c.config_name, 'Unnamed config'),
       last_sync_status = case when lower(c.last_sync_status) in ('in_progress', 'running', 'pending', 'queued', 'syncing')
         then 'interrupted' else c.last_sync_status end
     from jsonb_to_recordset($1::jsonb) as v (id uuid, connector_id text, application_level text, wand_source_id uuid,
       legacy_source_id uuid, config_params jsonb, is_active boolean) where c.id = v.id`,
    [JSON.stringify(rows)],
  );
}

async function sourceProblems(queryable: Queryable): Promise<string[]> {
  const { rows } = await queryable.query<{ problem: string }>(
    `select 'two active configs on source ' || wand_source_id as problem from integration_source_configs
      where is_active and wand_source_id is not null group by wand_source_id having count(*) > 1
     union all
     select 'two sources with the identity ' || identity_key from wand_integration_sources
      where identity_key is not null group by identity_key having count(*) > 1
     union all
     select 'config ' || id || ' has no connector' from integration_source_configs where connector_id is null
     union all
     select 'config ' || c.id || ' points to a source that is not there' from integration_source_configs c
      where c.wand_source_id is not null
        and not exists (select from wand_integration_sources s where s.id = c.wand_source_id)`,
  );
  return rows.map(({ problem }) => problem);
}
