// How long sessions, proofs, links and delays last; docs/reference/sign-in.md states the same numbers.

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Milliseconds. */
export const peopleTimes = {
  /** A session that nobody uses ends. */
  sessionIdle: 12 * hour,
  /** A session ends, however much it is used. */
  sessionLongest: 7 * day,
  /** A session's last use is written at most this often. */
  sessionTouch: minute,
  /** After proving who they are, people may do what asks for a proof. */
  proof: 10 * minute,
  firstAdminLink: hour,
  invitationLink: 3 * day,
  newPasswordLink: day,
  /** Failures are forgotten when none came for so long. */
  failuresKept: day,
  /** An address from which somebody came in is one of theirs for so long. */
  knownAddress: 30 * day,
} as const;

/** `now` and so many milliseconds. */
export function after(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() + milliseconds);
}
