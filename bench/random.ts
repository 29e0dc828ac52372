// Seeded random numbers, so that every run of the benchmark works on the same catalogs in the same order.

/** Numbers from 0 (included) to 1; the same seed gives the same row of them. */
export type Random = () => number;

/** A small generator (mulberry32): 32 bits of state, good enough to vary menus and orders. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function pick<T>(random: Random, of: readonly T[]): T {
  return of[Math.floor(random() * of.length)] as T;
}

/** A shuffled copy. */
export function shuffled<T>(random: Random, of: readonly T[]): T[] {
  const copy = [...of];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [copy[last], copy[other]] = [copy[other] as T, copy[last] as T];
  }
  return copy;
}
