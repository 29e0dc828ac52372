// What a diagnostic bundle tells of PostgreSQL beyond its facts: settings that decide how syncs go, and the size of each table.
import type { Queryable } from '../database.ts';
import expectedColumns from '../schema/expected-columns.json' with { type: 'json' };

export interface ServerSetting {
  name: string;
  setting: string;
  unit: string | null;
  /** Where it was set, e.g. 'configuration file'. */
  source: string;
}

export interface TableSize {
  table: string;
  /** PostgreSQL's own estimates. */
  rows: number;
  dead_rows: number;
  /** With indexes and what is stored out of line. */
  bytes: number;
  seq_scans: number;
  last_vacuum: string | null;
  last_analyze: string | null;
}

const settingNames = [
  ...['autovacuum', 'checkpoint_timeout', 'client_connection_check_interval', 'deadlock_timeout'],
  ...['default_transaction_isolation', 'effective_cache_size', 'fsync', 'full_page_writes', 'huge_pages'],
  ...['idle_in_transaction_session_timeout', 'idle_session_timeout', 'jit', 'lc_collate', 'lock_timeout'],
  ...['maintenance_work_mem', 'max_connections', 'max_wal_size', 'random_page_cost', 'server_encoding'],
  ...['server_version', 'shared_buffers', 'shared_preload_libraries', 'statement_timeout', 'synchronous_commit'],
  ...['temp_file_limit', 'TimeZone', 'track_counts', 'transaction_timeout', 'wal_level', 'work_mem'],
];

/** The settings of relevance that this server knows. */
export async function readServerSettings(q: Queryable): Promise<ServerSetting[]> {
  const { rows } = await q.query<ServerSetting>(
    `select name, setting, unit, source from pg_settings where name = any ($1) order by name`,
    [settingNames],
  );
  return rows;
}

/** Every table of ours. */
export async function readTableSizes(q: Queryable): Promise<TableSize[]> {
  const { rows } = await q.query<Record<keyof TableSize, string> & { last_vacuum: Date; last_analyze: Date }>(
    `select c.relname::text as table, coalesce(s.n_live_tup, 0)::text as rows, coalesce(s.n_dead_tup, 0)::text as dead_rows,
            pg_total_relation_size(c.oid)::text as bytes, coalesce(s.seq_scan, 0)::text as seq_scans,
            greatest(s.last_vacuum, s.last_autovacuum) as last_vacuum, greatest(s.last_analyze, s.last_autoanalyze) as last_analyze
       from unnest($1::text[]) n join pg_class c on c.oid = to_regclass(n)
       left join pg_stat_all_tables s on s.relid = c.oid order by c.relname`,
    [Object.keys(expectedColumns)],
  );
  return rows.map((row) => ({
    table: row.table,
    rows: Number(row.rows),
    dead_rows: Number(row.dead_rows),
    bytes: Number(row.bytes),
    seq_scans: Number(row.seq_scans),
    last_vacuum: (row.last_vacuum as Date | null)?.toISOString() ?? null,
    last_analyze: (row.last_analyze as Date | null)?.toISOString() ?? null,
  }));
}
