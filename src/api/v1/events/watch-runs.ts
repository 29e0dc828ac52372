// Watches runs for all who look on: one look at the database per tick, however many they are.
import { createHash } from 'node:crypto';
import { getRuns } from '../../../records/runs/read-runs.ts';
import type { Run } from '../../../records/runs/run.ts';
import type { Deps } from '../../../sync/deps.ts';

const tickMs = 500;

/** A run as it stands, and a name for exactly this state of it. */
export interface RunState {
  run: Run;
  version: string;
}

export type OnRun = (state: RunState) => void;

export interface RunWatch {
  /** Calls `onRun` within a second of every change; the function that it gives ends it. */
  watch(runId: string, onRun: OnRun): () => void;
}

/** Opens the watch; it asks the database only while somebody watches. */
export function openRunWatch({ database, log }: Pick<Deps, 'database' | 'log'>): RunWatch {
  const watchers = new Map<string, Set<OnRun>>();
  let isLooking = false;

  async function look(): Promise<void> {
    try {
      for (const run of await getRuns(database, [...watchers.keys()])) {
        const state = stateOf(run);
        for (const onRun of watchers.get(run.id) ?? []) onRun(state);
      }
    } catch (error) {
      // The database may be away for a while; whoever looks on keeps what he has, and the next tick tries again.
      log.warn({ err: error }, 'the watched runs could not be read');
    }
    isLooking = watchers.size > 0;
    if (isLooking) setTimeout(() => void look(), tickMs);
  }

  return {
    watch(runId, onRun) {
      const ofRun = watchers.get(runId) ?? new Set();
      watchers.set(runId, ofRun.add(onRun));
      if (!isLooking) setTimeout(() => void look(), 0);
      isLooking = true;
      return () => {
        ofRun.delete(onRun);
        if (ofRun.size === 0 && watchers.get(runId) === ofRun) watchers.delete(runId);
      };
    },
  };
}

/** A run with the name of its state; a renewed lease is no other state. */
export function stateOf(run: Run): RunState {
  const { lease_expires_at: _, ...shown } = run;
  const version = createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 22);
  return { run, version };
}

/** Whether nothing more will happen to a run. */
export function isEnded(run: Run): boolean {
  return run.status !== 'queued' && run.status !== 'in_progress';
}
