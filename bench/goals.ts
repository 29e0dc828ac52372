// The goals, and what a run says to each: met, missed, or not measured by this kind of run.
import type { Scenario } from './contender.ts';
import type { Finding } from './gates/gate.ts';
import { type Cell, cellIn } from './report/cells.ts';

/** Everything that a run measured; what it did not is empty. */
export interface Figures {
  major: 18 | 15;
  cells: readonly Cell[];
  gates: readonly Finding[];
  /** Name → value, of --large and --fleet. */
  others: Readonly<Record<string, number>>;
}

export interface Verdict {
  goal: string;
  needed: string;
  /** Null = not measured. */
  value: number | null;
  verdict: 'PASS' | 'FAIL' | 'not measured';
}

interface Goal {
  goal: string;
  /** The value must be at least or at most this. */
  least?: number;
  most?: number;
  value: (figures: Figures) => number | null;
}

const sizes = [1120, 10_000, 100_000];
const modes = ['tillsync_row', 'tillsync_source'];

/** The verdict on every goal, in order. */
export function judge(figures: Figures): Verdict[] {
  return [...speedGoals(figures.major), ...gateGoals(), ...otherGoals()].map((goal) => verdictOf(goal, figures));
}

function verdictOf({ goal, least, most, value }: Goal, figures: Figures): Verdict {
  const found = value(figures);
  const needed = least === undefined ? `<= ${most}` : `>= ${least}`;
  if (found === null || Number.isNaN(found)) return { goal, needed, value: null, verdict: 'not measured' };
  const isMet = (least === undefined || found >= least) && (most === undefined || found <= most);
  return { goal, needed, value: found, verdict: isMet ? 'PASS' : 'FAIL' };
}

function speedGoals(major: 18 | 15): Goal[] {
  const on = (newest: number, oldest: number) => (major === 18 ? newest : oldest);
  const goals: Goal[] = [];
  for (const size of sizes) {
    const rows = `${size.toLocaleString('en-US')} rows`;
    const add = (goal: string, least: number, ratio: Ratio) =>
      goals.push({ goal: `${rows}, ${goal}`, least, value: speedRatio(size, ratio) });
    for (const mode of modes) {
      const limit = size === 1120 ? 0.75 : on(0.9, 0.8);
      const label = mode.replace('_', ' ');
      add(`${label}, first: x COPY limit`, limit, { scenario: 'first', of: mode, to: 'limit_copy' });
      add(`${label}, first: x PostgREST`, 1.9, { scenario: 'first', of: mode, to: 'postgrest' });
      add(`${label}, all changed with its change rows: x PostgREST`, 0.8, {
        scenario: 'all changed',
        of: mode,
        to: 'postgrest',
      });
    }
    const source = 'tillsync_source';
    add('source, unchanged: x PostgREST', on(10, 8), { scenario: 'unchanged', of: source, to: 'postgrest' });
    add('source, unchanged: x Nango-shaped', 4, { scenario: 'unchanged', of: source, to: 'nango_shaped' });
    add('source, unchanged: x Kysely', 8, { scenario: 'unchanged', of: source, to: 'kysely' });
    add('source, unchanged: x Drizzle', 8, { scenario: 'unchanged', of: source, to: 'drizzle' });
    add('row, unchanged: x PostgREST', 4, { scenario: 'unchanged', of: 'tillsync_row', to: 'postgrest' });
    add('row, unchanged: x read + touch limit', 0.7, {
      scenario: 'unchanged',
      of: 'tillsync_row',
      to: 'limit_touch_read',
    });
    add('source, 1% changed: x PostgREST', on(9, 6), { scenario: 'changed', of: source, to: 'postgrest' });
    // A contender of this id saves without change rows.
    add('source, all changed without change rows: x PostgREST', 1, {
      scenario: 'all changed',
      of: 'tillsync_source_bare',
      to: 'postgrest',
    });
  }
  goals.push({
    goal: '1,120 rows, source, unchanged: backend CPU / PostgREST',
    most: 1 / 20,
    value: ({ cells }) => {
      const cpu = (contender: string) => cellIn(cells, { size: 1120, contender, scenario: 'unchanged' })?.backendMs;
      return (cpu('tillsync_source') ?? Number.NaN) / (cpu('postgrest') ?? Number.NaN);
    },
  });
  return goals;
}

interface Ratio {
  scenario: Scenario;
  of: string;
  to: string;
}

function speedRatio(size: number, { scenario, of, to }: Ratio): Goal['value'] {
  return ({ cells }) => {
    const cell = cellIn(cells, { size, contender: of, scenario });
    const against = cellIn(cells, { size, contender: to, scenario });
    return cell && against ? against.ms / cell.ms : null;
  };
}

function gateGoals(): Goal[] {
  const gate = (name: string, contender: string, goal: { goal: string; most: number }): Goal => ({
    ...goal,
    value: ({ gates }) =>
      gates.find((finding) => finding.gate === name && finding.contender === contender)?.value ?? null,
  });
  const source = 'tillsync_source';
  return [
    gate('wal', source, { goal: 'source, unchanged save of 1,120: bytes of WAL, run row apart', most: 1024 }),
    gate('vault wal', source, { goal: 'source, unchanged save of 1,120: bytes of WAL into the vault', most: 0 }),
    gate('bloat', source, { goal: 'source: heap + indexes after 20 resyncs with 1% change', most: 1.2 }),
    gate('bloat', 'tillsync_row', { goal: 'row: heap + indexes after 20 resyncs with 1% change', most: 2 }),
    ...modes.flatMap((mode) => {
      const label = mode.replace('tillsync_', '');
      return [
        gate('held growth', mode, { goal: `${label}: bytes that 10 held runs add to the item tables`, most: 0 }),
        gate('catalog growth', mode, { goal: `${label}: bytes that 1,000 syncs add to the system catalogs`, most: 0 }),
        gate('race errors', mode, { goal: `${label}: errors in 100 rounds of two syncs in opposite order`, most: 0 }),
        gate('race mixes', mode, { goal: `${label}: mixed snapshots in the same`, most: 0 }),
      ];
    }),
  ];
}

function otherGoals(): Goal[] {
  const other = (name: string, goal: Omit<Goal, 'value'>): Goal => ({
    ...goal,
    value: ({ others }) => others[name] ?? null,
  });
  return [
    other('large first x COPY', { goal: '1M items streamed from a file, first: x COPY limit', least: 0.9 }),
    other('large peak RSS', { goal: '1M items streamed from a file: peak RSS in MB', most: 512 }),
    ...['first', 'unchanged', 'unchanged, old site', 'changed'].map((step) =>
      other(`fleet source ${step}`, { goal: `fleet, source, ${step}: 10,000 sites / 10 sites`, most: 1.2 }),
    ),
    other('ui worst p95', { goal: 'UI: worst p95 of a filtered page in ms', most: 150 }),
    other('ui viewers', { goal: 'UI: cores of the server process that the viewers take', most: 0.25 }),
    other('ui first change', { goal: 'UI: ms from Sync now to the first visible change', most: 100 }),
    other('http x library', {
      goal: 'save-integration-data with 100,000 items over HTTP: x the same from the library',
      least: 0.5,
    }),
  ];
}
