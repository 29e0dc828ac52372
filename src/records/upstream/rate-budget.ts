// The rate budget of one credential, shared by all workers: one row, one statement per turn, database time.
import type { Database } from '../../db/database.ts';
import type { RateBudget } from '../../net/manners/rate-budget.ts';

/**
 * GCRA. A turn is the moment from which a request may go: now, or when the turns given out before have been used up at
 * the pace (less what may run ahead), or the end of a pause. Writers queue at the row, so turns are given in the order of
 * asking; clock_timestamp() is read after the lock, once.
 */
const takeTurnSql = `
insert into integration_rate_budgets as budget (origin, credential, used_until, turn_at, granted)
select $1, decode($2, 'hex'), at.time + make_interval(secs => $3), at.time, true
  from (select clock_timestamp() as time) at
on conflict (origin, credential) do update
  set (used_until, turn_at, granted) = (
    select case when is_soon then greatest(budget.used_until, turn.time) + make_interval(secs => $3) else budget.used_until end,
           turn.time, is_soon
      from (select clock_timestamp() as time) at,
           lateral (select greatest(at.time, budget.paused_until, budget.used_until - make_interval(secs => $4)) as time) turn,
           lateral (select turn.time <= at.time + make_interval(secs => $5) as is_soon) soon)
returning granted, turn_at, greatest(0, extract(epoch from turn_at - clock_timestamp()))::float8 as wait`;

/** The budgets of this database. */
export function openRateBudget(database: Pick<Database, 'query'>): RateBudget {
  return {
    async takeTurn({ origin, credential }, { pace, mostSeconds }) {
      const { rows } = await database.query<{ granted: boolean; turn_at: Date; wait: number }>(takeTurnSql, [
        origin,
        credential,
        pace.interval,
        pace.ahead,
        mostSeconds,
      ]);
      const { granted, turn_at, wait } = rows[0]!;
      return { granted, at: turn_at, waitSeconds: wait };
    },
    async pausedFor({ origin, credential }) {
      const { rows } = await database.query<{ wait: number }>(
        `select greatest(0, extract(epoch from paused_until - clock_timestamp()))::float8 as wait
           from integration_rate_budgets
          where origin = $1 and credential = decode($2, 'hex') and paused_until > clock_timestamp()`,
        [origin, credential],
      );
      return rows[0]?.wait ?? 0;
    },
    async pause({ origin, credential }, seconds) {
      await database.query(
        `insert into integration_rate_budgets as budget (origin, credential, used_until, turn_at, granted, paused_until)
         select $1, decode($2, 'hex'), at.time, at.time, false, at.time + make_interval(secs => $3)
           from (select clock_timestamp() as time) at
         on conflict (origin, credential) do update
           set paused_until = greatest(budget.paused_until, clock_timestamp() + make_interval(secs => $3))`,
        [origin, credential, seconds],
      );
    },
  };
}
