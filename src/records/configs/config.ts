// What a config is to callers: settings and schedule of one level, never its secrets.
import { numberOf, timeOf } from '../row-values.ts';

/** Where a config applies; the most specific level (site) wins. */
export type Level = 'concept' | 'company' | 'site';

/** How often a config is synced by itself, and how that fares; times are ISO text in UTC. */
export interface ConfigSchedule {
  /** null = not by an interval. */
  every_minutes: number | null;
  /** A cron expression, which wins over an interval; null = none. */
  cron: string | null;
  /** The zone that the expression is read in; null = UTC. */
  time_zone: string | null;
  /** null = never: no schedule, paused, switched off or not runnable; or a worker is about to plan it. */
  next_due_at: string | null;
  paused_at: string | null;
  /** Who paused it: a person, 'tillsync' after failures, or 'adoption'. */
  paused_by: string | null;
  paused_reason: string | null;
  /** Scheduled runs that failed since the last sync that reached the POS. */
  failures_in_row: number;
  /** Synced less often than set, because it fails. */
  slowed: boolean;
  /** Due for more than 5 minutes (or 2 intervals, where that is less), and nothing runs. */
  late: boolean;
}

/** What may be shown of a stored secret. */
export interface SecretDescription {
  /** When it was set, ISO text in UTC; null = before this was written down. */
  set_at: string | null;
  /** Its last 4 characters; null = it is too short to show any, or they are not known. */
  ends_in: string | null;
}

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
  /** What may be shown of the secrets that are set; their values never leave the vault. */
  secrets: Record<string, SecretDescription>;
  /** null = not runnable: defaults for the levels below. */
  source_id: string | null;
  /** The vendor's row that this config was adopted from, where there was one. */
  legacy_source_id: string | null;
  is_active: boolean;
  /** Overrides of the guard's limits. */
  guard: Record<string, unknown>;
  schedule: ConfigSchedule;
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
    | 'schedule'
    | 'last_sync_at'
    | 'removals_checked_at'
    | 'created_at'
    | 'updated_at'
  > {
  concept_id: string | null;
  company_id: string | null;
  site_id: string | null;
  secret_names: string[];
  secrets_described: Record<string, SecretDescription>;
  every_minutes: number | null;
  cron: string | null;
  time_zone: string | null;
  next_due_at: Date | null;
  paused_at: Date | null;
  paused_by: string | null;
  paused_reason: string | null;
  failures_in_row: number;
  slowed: boolean;
  late: boolean;
  last_sync_at: Date | null;
  removals_checked_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

// Nothing is due of a config that a worker would not take.
const isDue = 'c.is_active and c.paused_at is null and c.wand_source_id is not null';
/** SQL of whether the schedule of config c is overdue and nothing is under way for it. */
export const isLate = `coalesce(${isDue} and c.next_due_at < now() - least(interval '5 minutes', make_interval(mins => 2 * nullif(c.sync_frequency_minutes, 0)))
    and not exists (select from integration_sync_history h
      where h.wand_source_id = c.wand_source_id and h.status in ('queued', 'in_progress')), false)`;
const scheduleColumns = `case when c.sync_frequency_minutes > 0 then c.sync_frequency_minutes end as every_minutes,
  nullif(c.sync_schedule, '') as cron, c.schedule_time_zone as time_zone, c.paused_at, c.paused_by, c.paused_reason,
  c.failures_in_row, c.slow_steps > 0 as slowed, case when ${isDue} then c.next_due_at end as next_due_at,
  ${isLate} as late`;

/** The select list behind a Config; the table's alias is c. */
export const configColumns = `c.id, c.config_name as name, c.connector_id, c.application_level as level, c.concept_id,
  c.company_id, c.site_id, c.config_params as params,
  array(select jsonb_object_keys(c.credentials_encrypted) order by 1) as secret_names, c.secrets_described,
  c.wand_source_id as source_id, c.legacy_source_id, c.is_active, c.guard, ${scheduleColumns},
  (select s.last_complete_at from integration_sync_state s where s.wand_source_id = c.wand_source_id) as removals_checked_at,
  c.last_sync_at, c.last_sync_status, c.sync_count, c.error_count, c.last_error, c.created_at, c.updated_at`;

const unknownSecret: SecretDescription = { set_at: null, ends_in: null };

/** The config behind a row. */
export function configOf(row: ConfigRow): Config {
  const {
    secret_names,
    secrets_described,
    every_minutes,
    cron,
    time_zone,
    next_due_at,
    paused_at,
    paused_by,
    ...rest
  } = row;
  const { paused_reason, failures_in_row, slowed, late, ...columns } = rest;
  return {
    ...columns,
    schedule: {
      every_minutes,
      cron,
      time_zone,
      next_due_at: timeOf(next_due_at),
      paused_at: timeOf(paused_at),
      paused_by,
      paused_reason,
      failures_in_row,
      slowed,
      late,
    },
    concept_id: numberOf(row.concept_id),
    company_id: numberOf(row.company_id),
    site_id: numberOf(row.site_id),
    secrets: Object.fromEntries(secret_names.map((name) => [name, secrets_described[name] ?? unknownSecret])),
    last_sync_at: timeOf(row.last_sync_at),
    removals_checked_at: timeOf(row.removals_checked_at),
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
  };
}
