// Holds a contender to its own words: a save that counts its changes must count right.
import { isDeepStrictEqual } from 'node:util';
import type { Counts, Outcome } from '../contender.ts';

/** One sentence on what the save told wrongly; null when it told right, or tells nothing. */
export async function wrongCounts(
  session: { outcome?(): Promise<Outcome> },
  expected: Counts,
  what: string,
): Promise<string | null> {
  const outcome = await session.outcome?.();
  if (outcome === undefined) return null;
  if (outcome.held) return `${what}: was held`;
  if (isDeepStrictEqual(outcome.counts, expected)) return null;
  return `${what}: counted ${JSON.stringify(outcome.counts)}, not ${JSON.stringify(expected)}`;
}
