// Waiting for an event that can only be asked for.
import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until the answer is truthy and returns it; throws what it waited for after `milliseconds`. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  milliseconds = 20_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${milliseconds} ms in vain for: ${what}`);
    await pause(20);
  }
}
