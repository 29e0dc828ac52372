// An engine whose database can be made to fail at a chosen statement, seen through the seam that every statement passes.
import type { Deps } from '../../src/sync/deps.ts';
import { openEngine } from './engine.ts';

export interface Trip {
  deps: Deps & { url: string };
  /** Called before every statement from now on; what it throws is what the connection fails with. Null takes it away. */
  onStatement(act: ((statement: string) => void | Promise<void>) | null): void;
  /** Fails once, at the next statement that matches; resolves when that has happened. */
  failAt(pattern: RegExp, error?: Error): Promise<string>;
}

/** An engine over a fresh database with such a seam. */
export async function openTrip(overrides: Partial<Deps> = {}): Promise<Trip> {
  let act: ((statement: string) => void | Promise<void>) | null = null;
  const deps = await openEngine({ onStatement: (statement) => act?.(statement), deps: overrides });
  const onStatement: Trip['onStatement'] = (next) => {
    act = next;
  };
  return {
    deps,
    onStatement,
    failAt: (pattern, error = new Error('the connection fails here')) =>
      new Promise((resolve) => {
        onStatement((statement) => {
          if (!pattern.test(statement)) return;
          onStatement(null);
          resolve(statement);
          throw error;
        });
      }),
  };
}
