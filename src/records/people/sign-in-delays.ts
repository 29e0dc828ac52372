// The rows of failed sign-ins: who must wait how long. A row says nothing of whom it is about but a digest.
import type { Queryable } from '../../db/database.ts';

/** What failures are counted for. */
export interface DelaySubject {
  kind: 'account' | 'address';
  hash: Buffer;
}

export interface DelayState {
  failures: number;
  lastFailedAt: Date;
  nextAllowedAt: Date;
}

interface DelayRow {
  subject_hash: Buffer;
  failures: number;
  last_failed_at: Date;
  next_allowed_at: Date;
}

const chosen = `from integration_sign_in_delays
  where (kind, subject_hash) in (select * from unnest($1::text[], $2::bytea[]))`;

/** Until when any of these must wait; null = none of them is known. */
export async function readWait(q: Queryable, subjects: readonly DelaySubject[]): Promise<Date | null> {
  const { rows } = await q.query<{ until: Date | null }>(
    `select max(next_allowed_at) as until ${chosen}`,
    keysOf(subjects),
  );
  return rows[0]?.until ?? null;
}

/** The states of these, in their order, locked until the transaction ends; always in one order, so that nobody deadlocks. */
export async function lockDelays(q: Queryable, subjects: readonly DelaySubject[], now: Date): Promise<DelayState[]> {
  await q.query(
    `insert into integration_sign_in_delays (kind, subject_hash, last_failed_at, next_allowed_at)
     select kind, subject_hash, $3, $3 from unnest($1::text[], $2::bytea[]) as s (kind, subject_hash)
      order by kind, subject_hash on conflict do nothing`,
    [...keysOf(subjects), now],
  );
  const { rows } = await q.query<DelayRow>(
    `select subject_hash, failures, last_failed_at, next_allowed_at ${chosen} order by kind, subject_hash for update`,
    keysOf(subjects),
  );
  return subjects.map(({ hash }) => {
    const row = rows.find((one) => one.subject_hash.equals(hash));
    // Only a success deletes one, and may between the two statements.
    return {
      failures: row?.failures ?? 0,
      lastFailedAt: row?.last_failed_at ?? now,
      nextAllowedAt: row?.next_allowed_at ?? now,
    };
  });
}

/** Writes the state of one. */
export async function writeDelay(q: Queryable, subject: DelaySubject, state: DelayState): Promise<void> {
  await q.query(
    `insert into integration_sign_in_delays (kind, subject_hash, failures, last_failed_at, next_allowed_at)
     values ($1, $2, $3, $4, $5)
     on conflict (kind, subject_hash) do update
       set failures = excluded.failures, last_failed_at = excluded.last_failed_at, next_allowed_at = excluded.next_allowed_at`,
    [subject.kind, subject.hash, state.failures, state.lastFailedAt, state.nextAllowedAt],
  );
}

/** Takes back the attempt that succeeded after all, and what it made these wait. */
export async function takeBackAttempt(q: Queryable, subjects: readonly DelaySubject[], now: Date): Promise<void> {
  // Locked in the order of everybody.
  await q.query(`select ${chosen} order by kind, subject_hash for update`, keysOf(subjects));
  await q.query(
    `update integration_sign_in_delays set failures = greatest(failures - 1, 0), next_allowed_at = least(next_allowed_at, $3)
      where (kind, subject_hash) in (select * from unnest($1::text[], $2::bytea[]))`,
    [...keysOf(subjects), now],
  );
}

/** Forgets these, and up to 1,000 of those that failed last before `old`. */
export async function forgetDelays(q: Queryable, subjects: readonly DelaySubject[], old: Date): Promise<void> {
  await q.query(
    `delete from integration_sign_in_delays where (kind, subject_hash) in (
       select kind, subject_hash from (select kind, subject_hash from integration_sign_in_delays
         where last_failed_at < $3 order by kind, subject_hash limit 1000 for update skip locked) stale
       union all select * from unnest($1::text[], $2::bytea[]))`,
    [...keysOf(subjects), old],
  );
}

function keysOf(subjects: readonly DelaySubject[]): [string[], Buffer[]] {
  return [subjects.map(({ kind }) => kind), subjects.map(({ hash }) => hash)];
}
