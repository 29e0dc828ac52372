// What the system page and `tillsync diagnose` tell of a tillsync that runs: its parts as they stand now. No secret is in it.
import type { Setting } from '../../config.ts';
import type { ServerFacts } from '../../db/facts/server-facts.ts';
import type { MigrationState } from '../../db/migrate/migration-state.ts';
import type { Process } from '../../records/system/list-processes.ts';
import type { UpkeepRecord } from '../../records/system/upkeep-record.ts';
import type { SealedPlace } from '../../records/vault/sealed-places.ts';

/** The process that answers. */
export interface ProcessReport {
  version: string;
  node: string;
  /** E.g. 'linux x64'. */
  platform: string;
  host: string;
  pid: number;
  started_at: string;
  uptime_seconds: number;
  memory_bytes: number;
}

export interface DatabaseReport extends ServerFacts {
  /** PostgreSQL that tillsync brought along. */
  is_embedded: boolean;
  schema: MigrationState;
  /** What the key doctor finds broken, in sentences; saves do not begin while there is any. */
  broken_keys: string[];
}

export interface QueueReport {
  queued: number;
  /** 0 = none waits. */
  oldest_queued_seconds: number;
  active: number;
  /** Runs that the living workers can work on at once. */
  slots: number;
  failed_last_day: number;
  open_holds: number;
  /** Syncs that are tried again later by themselves. */
  retries_waiting: number;
  late_configs: number;
  /** Of stored answers, on disk. */
  payload_bytes: number;
}

export interface ProcessState extends Process {
  host: string;
  /** A worker that was heard of within the lease. */
  is_alive: boolean;
  /** A silent worker in whose place another one of the same host was started. */
  is_replaced: boolean;
}

/** 'active' encrypts and decrypts, 'known' decrypts, 'missing' is needed and not here. */
export interface VaultKey {
  id: string;
  state: 'active' | 'known' | 'missing';
  /** How many secrets it opens, in all and by place. */
  opens: number;
  places: { place: SealedPlace; count: number }[];
}

export interface VaultReport {
  key_from: Setting['source'] | 'key file' | 'nowhere';
  keys: VaultKey[];
  /** Texts that no key opens. */
  damaged: number;
  /** Secrets that an older key encrypted and this process can open: a rotation that is not done. */
  left_to_rotate: number;
}

export interface RetentionReport {
  /** 0 = for ever, or all. */
  keeps: {
    runs_days: number;
    runs_per_source: number;
    logs_days: number;
    payloads_days: number;
    payloads_per_source: number;
    audit_days: number;
  };
  last: UpkeepRecord | null;
  /** The latest time of the next pass; null = no worker lives, or none was made yet. */
  next_at: string | null;
}

export interface LimitsReport {
  pool: { size: number; used: number; idle: number; waiting: number };
  lease_seconds: number;
  save_statement_seconds: number;
  plan_memory_changes: number;
  /** Calls of the API, per caller; null = no limits. */
  calls: { name: string; at_once: number; per_minute: number }[] | null;
}

/** Something that a person should look at. */
export interface SystemWarning {
  code: string;
  severity: 'error' | 'warning';
  message: string;
  hint: string;
  /** Names and numbers in the message, for whoever says it in other words; which ones, the code says. */
  facts: Record<string, string | number>;
}

export interface SystemReport {
  checked_at: string;
  warnings: SystemWarning[];
  process: ProcessReport;
  database: DatabaseReport;
  queue: QueueReport;
  workers: ProcessState[];
  vault: VaultReport;
  retention: RetentionReport;
  limits: LimitsReport;
  settings: Setting[];
}
