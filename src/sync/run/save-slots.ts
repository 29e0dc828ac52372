// How many runs of this process may be in their save transaction at once, so that each finds its connections in the pool.
import type { Database } from '../../db/database.ts';

interface Slots {
  free: number;
  /** Runs that wait, oldest first. */
  waiting: (() => void)[];
}

const slotsOf = new WeakMap<Database, Slots>();

/**
 * Runs `work` when there is a slot. A save holds one connection for its transaction and one for reading the payload, and
 * the heartbeats of all runs share two: without the limit, ten saves on a pool of ten would wait for each other for ever.
 * An abort while waiting throws the signal's reason.
 */
export async function withSaveSlot<T>(database: Database, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const slots = slotsOf.get(database) ?? { free: Math.max(1, Math.floor((database.poolSize - 2) / 2)), waiting: [] };
  slotsOf.set(database, slots);
  if (slots.free > 0) slots.free -= 1;
  else await turn(slots, signal);
  try {
    return await work();
  } finally {
    const next = slots.waiting.shift();
    if (next) next();
    else slots.free += 1;
  }
}

function turn(slots: Slots, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      slots.waiting.splice(slots.waiting.indexOf(enter), 1);
      reject(signal.reason);
    };
    const enter = () => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    if (signal.aborted) return reject(signal.reason);
    slots.waiting.push(enter);
    signal.addEventListener('abort', leave, { once: true });
  });
}
