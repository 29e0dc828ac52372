// Configs whose time has come: claimed for a minute each, so that any number of workers make one run per due time.
import type { Queryable } from '../../db/database.ts';
import { TillsyncError } from '../../errors.ts';

/** A claimed config, with what its next due time depends on; times in milliseconds. */
export interface ClaimedConfig {
  id: string;
  every_minutes: number | null;
  cron: string | null;
  time_zone: string | null;
  next_due_at: Date | null;
  catching_up: boolean;
  failures_in_row: number;
  failing_since: Date | null;
  slow_steps: number;
  last_error: string | null;
  /** Database time of the claim. */
  claimed_at: Date;
  /** Until when nobody else takes it; the fencing token of what is done about it. */
  claimed_until: Date;
}

/**
 * Claims up to `limit` configs that are due, or whose due time must be planned: active, not paused, with a schedule and a
 * source of their own. `now` stands for the database's time in tests.
 */
export async function claimDueConfigs(
  q: Queryable,
  { limit, now }: { limit: number; now?: Date | undefined },
): Promise<ClaimedConfig[]> {
  const { rows } = await q.query<ClaimedConfig>(
    // Milliseconds, because the token travels through a Date.
    `with clock as (select date_trunc('milliseconds', coalesce($2::timestamptz, now())) as now),
     due as (
       select d.id from integration_source_configs d, clock
        where d.is_active and d.paused_at is null and d.wand_source_id is not null
          and (d.sync_frequency_minutes > 0 or d.sync_schedule <> '')
          and (d.next_due_at is null or d.next_due_at <= clock.now)
          and (d.due_claimed_until is null or d.due_claimed_until < clock.now)
        order by d.next_due_at nulls first limit $1 for update of d skip locked)
     update integration_source_configs c set due_claimed_until = clock.now + interval '60 seconds'
       from due, clock where c.id = due.id
     returning c.id, c.sync_frequency_minutes as every_minutes, c.sync_schedule as cron, c.schedule_time_zone as time_zone,
       c.next_due_at, c.catching_up, c.failures_in_row, c.failing_since, c.slow_steps, c.last_error,
       clock.now as claimed_at, c.due_claimed_until as claimed_until`,
    [limit, now?.toISOString() ?? null],
  );
  return rows;
}

/** The request that a claimed config's due time stands for; part of the transaction that makes its run. */
export interface DueRequest {
  claimedUntil: Date;
  nextDueAt: Date;
}

/** Moves a claimed config on to its next due time. Throws due_time_taken when the claim is no longer ours: then no run is made. */
export async function passDueTime(q: Queryable, configId: string, due: DueRequest): Promise<void> {
  const { rowCount } = await q.query(
    `update integration_source_configs set next_due_at = $3, catching_up = false, due_claimed_until = null
      where id = $1 and due_claimed_until = $2 and paused_at is null`,
    [configId, due.claimedUntil.toISOString(), due.nextDueAt.toISOString()],
  );
  if (rowCount === 1) return;
  throw new TillsyncError(
    'Another worker asks for this run already, or the schedule was changed or paused meanwhile.',
    {
      code: 'due_time_taken',
      step: 'sync',
      retry: 'later',
      hint: 'Nothing to do: the schedule goes on by itself.',
    },
  );
}

/** What becomes of claimed configs that get no run now. */
export interface SettledClaim {
  id: string;
  claimed_until: Date;
  next_due_at: Date | null;
  catching_up: boolean;
  /** null = not paused. */
  paused_reason: string | null;
  /** Why no run could be asked for; counts as a failure that a person must look at. null = it was not tried. */
  error: string | null;
}

/** Writes them, all in one statement; claims that somebody else has by now are left alone. Returns the ids written. */
export async function settleClaims(q: Queryable, claims: readonly SettledClaim[]): Promise<string[]> {
  if (claims.length === 0) return [];
  const { rows } = await q.query<{ id: string }>(
    `update integration_source_configs c
        set next_due_at = v.next_due_at, catching_up = v.catching_up, due_claimed_until = null,
            paused_at = case when v.paused_reason is not null then now() end, paused_reason = v.paused_reason,
            paused_by = case when v.paused_reason is not null then 'tillsync' end,
            last_error = coalesce(v.error, c.last_error),
            last_sync_status = case when v.error is null then c.last_sync_status else 'failed' end,
            error_count = c.error_count + (v.error is not null)::int,
            failures_in_row = c.failures_in_row + (v.error is not null)::int,
            failing_since = case when v.error is null then c.failing_since else coalesce(c.failing_since, now()) end,
            slow_steps = case when v.error is null then c.slow_steps else least(c.slow_steps + 1, ${mostSlowSteps}) end
       from jsonb_to_recordset($1::jsonb) as v (id uuid, claimed_until timestamptz, next_due_at timestamptz,
         catching_up boolean, paused_reason text, error text)
      where c.id = v.id and c.due_claimed_until = v.claimed_until and c.paused_at is null
     returning c.id`,
    [JSON.stringify(claims)],
  );
  return rows.map(({ id }) => id);
}

/** 2^11 minutes are more than a day, the slowest pace. */
export const mostSlowSteps = 11;
