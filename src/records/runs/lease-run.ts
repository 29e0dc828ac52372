// Who works on a run: claiming it with a fencing token, and the heartbeat that keeps the lease (database time).
import { randomUUID } from 'node:crypto';
import type { Queryable } from '../../db/database.ts';
import type { Json } from '../../json.ts';
import { rememberedFor } from '../sources/remembered.ts';
import type { RunSettings } from './detail/run-settings.ts';
import type { Reads } from './run.ts';

export interface Claim {
  runId: string;
  sourceId: string;
  /** The fencing token that the run's last write must carry. */
  leaseToken: string;
  /** When it was asked for, by performance.now(): the lease ends no earlier than a lease after that. */
  askedAt: number;
}

/** Takes a queued run; null when another worker has it, or it ended meanwhile. */
export async function claimRun(
  queryable: Queryable,
  of: { runId: string; sourceId: string; worker: string; leaseSeconds: number },
): Promise<Claim | null> {
  const leaseToken = randomUUID();
  const askedAt = performance.now();
  const { rowCount } = await queryable.query(
    `update integration_sync_history
        set status = 'in_progress', phase = 'fetch', started_at = now(), worker = $2, lease_token = $3,
            lease_expires_at = now() + make_interval(secs => $4)
      where wand_source_id = $5 and id = $1 and status = 'queued'`,
    [of.runId, of.worker, leaseToken, of.leaseSeconds, of.sourceId],
  );
  return rowCount === 1 ? { runId: of.runId, sourceId: of.sourceId, leaseToken, askedAt } : null;
}

/** Prolongs the lease and tells the phase; false when the lease is lost (the run was ended by the sweep). */
export async function renewLease(
  queryable: Queryable,
  claim: Claim,
  state: { leaseSeconds: number; phase: string; progress: object },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `update integration_sync_history
        set lease_expires_at = now() + make_interval(secs => $3), phase = $4, progress = $5
      where wand_source_id = $6 and id = $1 and lease_token = $2 and status = 'in_progress'`,
    [claim.runId, claim.leaseToken, state.leaseSeconds, state.phase, JSON.stringify(state.progress), claim.sourceId],
  );
  return rowCount === 1;
}

/** Who asks for what the last saved fetch remembered. */
export interface AskRemembered {
  /** The connector version and settings that it must be bound to. */
  key: string;
  /** Who stands in the rows, as ownerOf() says it; rows of another owner have to be read all. */
  owner: string;
  /** After so many hours everything is read again. */
  fullReadHours: number;
}

/**
 * Notes when the fetch began (database time), which decides later whether it is stale, and with which settings. Returns what may be used of the last
 * saved fetch, where asked for: null = read all.
 */
export async function markFetchStarted(
  queryable: Queryable,
  claim: Claim,
  options: { reads?: Reads; asks?: AskRemembered | null; settings?: RunSettings } = {},
): Promise<{ cursor?: Json; probe?: Json } | null> {
  const { reads = null, asks = null, settings } = options;
  const kept = settings === undefined ? null : JSON.stringify(settings);
  const parameters = [claim.sourceId, claim.runId, claim.leaseToken, reads, kept];
  const marks = `update integration_sync_history
       set fetch_started_at = clock_timestamp(), reads = $4, remember = null, settings = $5
     where wand_source_id = $1 and id = $2 and lease_token = $3`;
  if (asks === null) {
    await queryable.query(marks, parameters);
    return null;
  }
  const { rows } = await queryable.query<{ remembered: { cursor?: Json; probe?: Json } | null }>(
    `with marked as (${marks} returning wand_source_id) ${rememberedFor('marked')}`,
    [...parameters, asks.key, asks.owner, asks.fullReadHours],
  );
  const { cursor, probe } = rows[0]?.remembered ?? {};
  if (cursor === undefined && probe === undefined) return null;
  return { ...(cursor === undefined ? {} : { cursor }), ...(probe === undefined ? {} : { probe }) };
}

/** Notes how the fetch ended, where it ended other than with the whole catalog and nothing to remember. */
export async function noteFetchEnd(
  queryable: Queryable,
  claim: Claim,
  end: { reads: Reads; remember: { key: string; cursor?: Json; probe?: Json } | null },
): Promise<void> {
  await queryable.query(
    `update integration_sync_history set reads = $4, remember = $5
      where wand_source_id = $1 and id = $2 and lease_token = $3`,
    [
      claim.sourceId,
      claim.runId,
      claim.leaseToken,
      end.reads,
      end.remember === null ? null : JSON.stringify(end.remember),
    ],
  );
}

/** Hands the fetch time of a held run, and what it remembers, on to the run that applies its plan with these settings. */
export async function adoptFetchTime(
  queryable: Queryable,
  claim: Claim,
  from: { runId: string; settings: RunSettings },
): Promise<void> {
  await queryable.query(
    `update integration_sync_history h set fetch_started_at = o.fetch_started_at, reads = o.reads, remember = o.remember, settings = $5
       from integration_sync_history o where h.wand_source_id = $4 and h.id = $1 and h.lease_token = $2 and o.wand_source_id = $4 and o.id = $3`,
    [claim.runId, claim.leaseToken, from.runId, claim.sourceId, JSON.stringify(from.settings)],
  );
}
