// What a run is to callers: one line of Sync History, shaped as CLI and API show it.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { ErrorRecord } from '../../errors.ts';
import { numberOf, timeOf } from '../row-values.ts';

/** Every state of a run, in the order of its life; the database's check constraint has the same. */
export const runStatuses = [
  'queued',
  'in_progress',
  'success',
  'partial',
  'planned',
  'held',
  'failed',
  'interrupted',
  'cancelled',
] as const;
export type RunStatus = (typeof runStatuses)[number];

export type RunPhase = 'fetch' | 'format' | 'plan' | 'save' | 'waiting';

/** What a fetch brought: the whole catalog, what changed since the remembered cursor, or the proof that nothing did. */
export type Reads = 'all' | 'changes' | 'nothing';

/** received = created + updated + unchanged + restored + rejected + duplicates + filtered; removed stands beside. */
export interface KindCounts {
  received: number;
  created: number;
  updated: number;
  unchanged: number;
  removed: number;
  restored: number;
  rejected: number;
  duplicates: number;
  filtered: number;
}

export type RunCounts = Record<Kind, KindCounts>;

/** One rule of the guard that tripped, with the sentence a person reads; further facts as the rule gives them. */
export interface HoldRule {
  rule: string;
  kind: Kind;
  message: string;
  [fact: string]: string | number | boolean | null;
}

/** Why a run was held, and what became of it. */
export interface Hold {
  rules: HoldRule[];
  resolution: null | 'approved' | 'discarded' | 'superseded';
  resolved_by: string | null;
  /** ISO time, UTC. */
  resolved_at: string | null;
  /** The run that applied (approved) or superseded the held plan. */
  resolved_by_run: string | null;
}

/** A run; times are ISO text in UTC with milliseconds. */
export interface Run {
  id: string;
  status: RunStatus;
  /** Only while in progress. */
  phase: RunPhase | null;
  trigger: string;
  dry_run: boolean;
  mode: 'merge' | 'full';
  config_id: string | null;
  source_id: string | null;
  source_name: string | null;
  site_id: number | null;
  parent_id: string | null;
  requested_by: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  /** null until the plan is made. */
  counts: RunCounts | null;
  /** created + updated + unchanged + restored over all kinds. */
  items_synced: number;
  /** Whether the fetch proved itself complete; null = not fetched. */
  complete: boolean | null;
  /** null = nothing was fetched. */
  reads: Reads | null;
  notes: string[];
  hold: Hold | null;
  error: ErrorRecord | null;
  /** The held or planned run whose plan this run applies. */
  applies_run_id: string | null;
  /** What an unfinished run last said about itself, e.g. items and bytes so far. */
  progress: Record<string, string | number | null> | null;
  worker: string | null;
  lease_expires_at: string | null;
  /** A worker takes it from the queue; false = the process that made it works on it itself. */
  enqueued: boolean;
  /** 1, and one more each time that it was done over without anybody asking. */
  attempt: number;
  /** The run that this one does over. */
  retry_of_run_id: string | null;
  /** Compares every item with its row. */
  compare_all: boolean;
  /** One request for a concept or company: its children carry its id as parent_id. */
  is_parent: boolean;
  /** When somebody asked to cancel it. */
  cancel_requested_at: string | null;
}

/** A row of integration_sync_history as `runColumns` reads it. */
export interface RunRow
  extends Omit<
    Run,
    'site_id' | 'created_at' | 'started_at' | 'finished_at' | 'lease_expires_at' | 'cancel_requested_at'
  > {
  site_id: string | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  lease_expires_at: Date | null;
  cancel_requested_at: Date | null;
  error_message: string | null;
}

/** The select list behind a Run; the table's alias is h. */
export const runColumns = `h.id, h.status, h.phase, h.trigger, h.dry_run, h.mode, h.source_config_id as config_id,
  h.wand_source_id as source_id, h.source_name, h.site_id, h.parent_id, h.requested_by, h.created_at, h.started_at,
  h.completed_at as finished_at, h.counts, h.items_synced, h.complete, h.reads, h.notes, h.hold, h.error, h.error_message,
  h.applies_run_id, h.progress, h.worker, h.lease_expires_at, h.enqueued, h.attempt, h.retry_of_run_id, h.compare_all,
  h.is_parent, h.cancel_requested_at`;

/** The run behind a row. */
export function runOf(row: RunRow): Run {
  const { error_message, ...columns } = row;
  return {
    ...columns,
    counts: row.counts === null ? null : countsOf(row.counts),
    site_id: numberOf(row.site_id),
    created_at: row.created_at.toISOString(),
    started_at: timeOf(row.started_at),
    finished_at: timeOf(row.finished_at),
    lease_expires_at: timeOf(row.lease_expires_at),
    cancel_requested_at: timeOf(row.cancel_requested_at),
    hold: holdOf(row.hold),
    error: row.error ?? adoptedError(error_message),
  };
}

// The row holds only what happened so far, and its time in the database's own notation.
function holdOf(stored: Partial<Hold> | null): Hold | null {
  if (stored === null) return null;
  const { rules = [], resolution = null, resolved_by = null, resolved_at = null, resolved_by_run = null } = stored;
  const at = resolved_at === null ? null : new Date(resolved_at).toISOString();
  return { rules, resolution, resolved_by, resolved_at: at, resolved_by_run };
}

// Runs written by the original carry only the text of their error.
function adoptedError(message: string | null): ErrorRecord | null {
  if (message === null) return null;
  return {
    code: 'recorded_before_adoption',
    step: 'sync',
    message,
    effect: 'What this run changed is not known: it ran before tillsync.',
    hint: 'Sync again.',
    doc: 'docs/reference/errors.md#recorded_before_adoption',
    retry: 'no',
  };
}

const countNames = [
  'received',
  'created',
  'updated',
  'unchanged',
  'removed',
  'restored',
  'rejected',
  'duplicates',
  'filtered',
] as const;

// jsonb keeps no order of its members; people and JSON output want the one they know.
function countsOf(counts: RunCounts): RunCounts {
  const ordered = (of: KindCounts) =>
    Object.fromEntries(countNames.map((name) => [name, of[name]])) as unknown as KindCounts;
  return Object.fromEntries(kinds.map((kind) => [kind, ordered(counts[kind])])) as RunCounts;
}
