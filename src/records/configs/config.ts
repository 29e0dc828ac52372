// What a config is to callers: settings and schedule of one level, never its secrets.
import { numberOf, timeOf } from '../row-values.ts';

/** Where a config applies; the most specific level (site) wins. */
export type Level = 'concept' | 'company' | 'site';

/** A config as stored; times are ISO text in UTC. */
export interface Config {
  id: string;
  name: string;
  connector_id: string;
  level: Level;
  concept_id: number | null;
  company_id: number | null;
  site_id: number | null;
  /** This level's own params; the merged ones are in sync/resolve-config.ts. */
  params: Record<string, unknown>;
  /** The names of the secrets that are set; their values never leave the vault. */
  secrets: Record<string, true>;
  /** null = not runnable: defaults for the levels below. */
  source_id: string | null;
  /** The vendor's row that this config was adopted from, where there was one. */
  legacy_source_id: string | null;
  is_active: boolean;
  /** Overrides of the guard's limits. */
  guard: Record<string, unknown>;
  frequency_minutes: number | null;
  last_sync_at: string | null;
  /** When a whole read of its source last looked for items that are gone. */
  removals_checked_at: string | null;
  last_sync_status: string | null;
  sync_count: number;
  error_count: number;
  last_error: string | null;
  created_at: string;
  updated_at: string;
}

/** A row of integration_source_configs as `configColumns` reads it. */
export interface ConfigRow
  extends Omit<
    Config,
    | 'concept_id'
    | 'company_id'
    | 'site_id'
    | 'secrets'
    | 'last_sync_at'
    | 'removals_checked_at'
    | 'created_at'
    | 'updated_at'
  > {
  concept_id: string | null;
  company_id: string | null;
  site_id: string | null;
  secret_names: string[];
  last_sync_at: Date | null;
  removals_checked_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

/** The select list behind a Config; the table's alias is c. */
export const configColumns = `c.id, c.config_name as name, c.connector_id, c.application_level as level, c.concept_id,
  c.company_id, c.site_id, c.config_params as params,
  array(select jsonb_object_keys(c.credentials_encrypted) order by 1) as secret_names,
  c.wand_source_id as source_id, c.legacy_source_id, c.is_active, c.guard, c.sync_frequency_minutes as frequency_minutes,
  (select s.last_complete_at from integration_sync_state s where s.wand_source_id = c.wand_source_id) as removals_checked_at,
  c.last_sync_at, c.last_sync_status, c.sync_count, c.error_count, c.last_error, c.created_at, c.updated_at`;

/** The config behind a row. */
export function configOf(row: ConfigRow): Config {
  const { secret_names, ...columns } = row;
  return {
    ...columns,
    concept_id: numberOf(row.concept_id),
    company_id: numberOf(row.company_id),
    site_id: numberOf(row.site_id),
    secrets: Object.fromEntries(secret_names.map((name) => [name, true as const])),
    last_sync_at: timeOf(row.last_sync_at),
    removals_checked_at: timeOf(row.removals_checked_at),
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
  };
}
