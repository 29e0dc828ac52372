// Choices of a repeatable source of numbers.
import { seededRandom } from '../../../src/connectors/seeded-random.ts';

export interface Random {
  /** A whole number from 0 up to but without `limit`. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(of: readonly T[]): T;
  uuid(): string;
}

/** The same choices for the same seed. */
export function openRandom(seed: number): Random {
  const next = seededRandom(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  const digits = (count: number): string => Array.from({ length: count }, () => below(16).toString(16)).join('');
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (of) => of[below(of.length)] as (typeof of)[number],
    uuid: () => `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${digits(12)}`,
  };
}
