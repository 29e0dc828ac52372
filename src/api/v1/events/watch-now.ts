// Watches what goes on for all who look on: one look at the database per tick and scope, however many they are.
import { type Scope, scopeKey } from '../../../db/claims.ts';
import type { Database } from '../../../db/database.ts';
import { mostActive, type RunsNow, readNow } from '../../../records/runs/read-now.ts';
import type { Run } from '../../../records/runs/run.ts';
import type { Deps } from '../../../sync/deps.ts';
import { isEnded, stateOf } from './watch-runs.ts';

/** Milliseconds from the end of one round of looks to the next. */
const tickMs = 1000;
/** Milliseconds before a look in which a run may have ended and be seen only now: its end is stored when it is committed. */
const lateMs = 5000;
/** Milliseconds for which somebody new waits at most, so that those who come at once share a look. */
const joinMs = 50;

/** Takes an event, encoded for all who get it. */
export type OnNow = (event: Uint8Array) => void;

export interface NowWatch {
  /**
   * Calls `onNow` with an event `now` soon, and then with an event `change` within a second or two of every change; the
   * function that it gives ends it.
   */
  watch(scope: Scope, onNow: OnNow): () => void;
}

/** All who see the same rows: those depend on the scope of a caller alone (tillsync_rule of integration_sync_history). */
interface Group {
  rows: Database;
  watchers: Set<OnNow>;
  /** Of the watchers: those who wait for their first event. */
  waiting: Set<OnNow>;
  last: Seen | null;
}

interface Seen {
  /** Every run under way and every one that ended lately, by id, with the name of its state. */
  versions: Map<string, string>;
  /** Of them: those under way. */
  active: string[];
  /** On the clock of performance.now(). */
  at: number;
  holds: string;
  latest: string;
}

/** Opens the watch; it asks the database only while somebody watches. */
export function openNowWatch({ database, log }: Pick<Deps, 'database' | 'log'>): NowWatch {
  const groups = new Map<string, Group>();
  let timer: NodeJS.Timeout | undefined;
  let wakesAt = Number.POSITIVE_INFINITY;
  let ticksAt = 0;
  let isLooking = false;

  function wakeAt(time: number): void {
    if (isLooking || time >= wakesAt) return;
    clearTimeout(timer);
    wakesAt = time;
    timer = setTimeout(() => void round(), Math.max(0, time - performance.now()));
  }

  async function round(): Promise<void> {
    isLooking = true;
    wakesAt = Number.POSITIVE_INFINITY;
    const isTick = performance.now() >= ticksAt;
    let isWell = true;
    for (const group of [...groups.values()]) {
      if (!isTick && group.waiting.size === 0) continue;
      try {
        await look(group);
      } catch (error) {
        isWell = false;
        // The database may be away for a while; whoever looks on keeps what he has, and the next tick tries again.
        log.warn({ err: error }, 'what goes on could not be read');
      }
    }
    isLooking = false;
    const ended = performance.now();
    if (isTick || !isWell) ticksAt = ended + tickMs;
    if (groups.size === 0) return;
    const isAwaited = isWell && [...groups.values()].some(({ waiting }) => waiting.size > 0);
    wakeAt(isAwaited ? Math.min(ticksAt, ended + joinMs) : ticksAt);
  }

  return {
    watch(scope, onNow) {
      const key = scopeKey(scope);
      const group = groups.get(key) ?? openGroup(database, scope);
      groups.set(key, group);
      group.watchers.add(onNow);
      group.waiting.add(onNow);
      wakeAt(performance.now() + joinMs);
      return () => {
        group.watchers.delete(onNow);
        group.waiting.delete(onNow);
        if (group.watchers.size > 0 || groups.get(key) !== group) return;
        groups.delete(key);
        if (groups.size > 0) return;
        clearTimeout(timer);
        wakesAt = Number.POSITIVE_INFINITY;
      };
    },
  };
}

// Nobody in particular asks: the look is of all who have this scope.
function openGroup(database: Database, scope: Scope): Group {
  const rows = database.as({ who: 'nobody', id: null, address: null, requestId: null, scope });
  return { rows, watchers: new Set(), waiting: new Set(), last: null };
}

async function look(group: Group): Promise<void> {
  // Who joins while the database answers waits for the next look: this one may be older than what he knows.
  const joined = [...group.waiting];
  const { last } = group;
  const at = performance.now();
  const endedMs = lateMs + (last === null ? 0 : at - last.at);
  const found = await readNow(group.rows, { known: last?.active ?? [], endedMs });
  const active = found.runs.filter((run) => !isEnded(run));
  const versions = new Map(found.runs.map((run) => [run.id, stateOf(run).version]));
  group.last = { ...marksOf(found), versions, active: active.map(({ id }) => id), at };
  const fresh = lazily(() => eventOf('now', { active: active.slice(0, mostActive), ...marksOf(found) }));
  for (const onNow of joined) if (group.waiting.delete(onNow)) onNow(fresh());
  if (last === null) return;
  // A run that is out of sight without an end, e.g. since its config belongs elsewhere now: everybody begins anew.
  const isLost = last.active.some((id) => !versions.has(id));
  const changed = found.runs.filter(({ id }) => versions.get(id) !== last.versions.get(id));
  const isSame = changed.length === 0 && found.holds === last.holds && found.latest === last.latest;
  if (isSame && !isLost) return;
  const event = isLost ? fresh : lazily(() => eventOf('change', { changed, ...marksOf(found) }));
  for (const onNow of group.watchers) if (!group.waiting.has(onNow) && !joined.includes(onNow)) onNow(event());
}

function marksOf({ holds, latest }: RunsNow): { holds: string; latest: string } {
  return { holds, latest };
}

function eventOf(name: 'now' | 'change', data: { active: Run[] } | { changed: Run[] }): Uint8Array {
  return new TextEncoder().encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

// Made when somebody gets it, and once.
function lazily<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
