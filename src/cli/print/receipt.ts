// The receipt: a finished run summed up like a till does it, the same words as in the browser.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { KindCounts, Run } from '../../records/runs/run.ts';
import { paint } from './paint.ts';
import { printable, shortened } from './printable.ts';
import { count, counted, duration, time } from './quantities.ts';

const width = 42;
const rule = '-'.repeat(width);

/** The receipt's lines, indented by two, each ended by a newline; colours only where the terminal has them. */
export function receipt(run: Run): string {
  const took =
    run.started_at === null || run.finished_at === null
      ? ''
      : duration(Date.parse(run.finished_at) - Date.parse(run.started_at));
  const lines = [
    spread(shortened(run.source_name ?? 'no source', 26), `run ${shortId(run.id)}`),
    spread(time(run.finished_at ?? run.created_at), [took, run.trigger].filter((part) => part !== '').join('  ')),
    rule,
  ];
  if (run.counts !== null) {
    const { counts } = run;
    lines.push(...itemLines(counts), rule);
  }
  const word = paint(statusColour(run.status), statusWord(run));
  if (run.status === 'held') {
    const reasons = run.hold?.rules ?? [];
    lines.push(
      `${word} Nothing was written.`,
      ...reasons.map((rule) => `${' '.repeat(11)} ${printable(rule.message)}`),
    );
  } else {
    lines.push(`${word} ${summary(run)}`);
    // It says when removals were last checked.
    if (run.reads !== null && run.reads !== 'all' && run.complete === null)
      lines.push(...run.notes.slice(-1).map((note) => `${' '.repeat(11)} ${printable(note)}`));
  }
  return lines.map((line) => `  ${line}\n`).join('');
}

/** One sentence on how a run ended, e.g. 'No changes: 1,120 items checked.' */
export function summary(run: Run): string {
  // An item that came twice was checked once.
  const checked = counted(total(run, 'received') - total(run, 'duplicates'), 'item');
  switch (run.status) {
    case 'success':
    case 'partial': {
      const rejected = total(run, 'rejected');
      const aside = rejected === 0 ? '' : `, ${count(rejected)} rejected`;
      const changed = changes(run);
      // Only what changed was asked for: the number says nothing of the catalog.
      if (run.reads === 'changes') {
        const read = counted(total(run, 'received') - total(run, 'duplicates') + total(run, 'removed'), 'item');
        return `${changed === 0 ? 'No changes' : counted(changed, 'change')}: ${read} reported by the POS${aside}.`;
      }
      if (changed === 0) return `No changes: ${checked} checked${aside}.`;
      return `${checked} checked, ${counted(changed, 'change')}${aside}.`;
    }
    case 'planned':
      return `${checked} checked, ${counted(changes(run), 'change')} planned. Nothing was written.`;
    case 'held':
      return `${heldReasons(run)} Nothing was written.`;
    case 'failed':
    case 'interrupted':
    case 'cancelled':
      return printable(run.error?.message ?? `The run was ${run.status}; your catalog was not changed.`);
    default:
      return `The run is ${run.status === 'queued' ? 'queued' : `in progress (${run.phase ?? 'starting'})`}.`;
  }
}

/** The colour of a status, by name: green saved, blue running, amber held, red failed, grey stopped. */
function statusColour(status: Run['status']): Parameters<typeof paint>[0] {
  if (status === 'success' || status === 'planned') return 'green';
  if (status === 'partial' || status === 'held') return 'yellow';
  if (status === 'failed' || status === 'interrupted') return 'red';
  return status === 'cancelled' ? 'gray' : 'blue';
}

// Per kind: items before, +created and restored, ~updated, -removed, = items after; then what was set aside.
function itemLines(counts: Record<Kind, KindCounts>): string[] {
  const lines: string[] = [];
  for (const kind of kinds) {
    const { created, updated, unchanged, removed, restored } = counts[kind];
    const after = created + restored + updated + unchanged;
    const before = updated + unchanged + removed;
    const cells = [
      count(before).padStart(7),
      signed('+', created + restored).padStart(6),
      signed('~', updated).padStart(6),
      signed('-', removed).padStart(6),
      `= ${count(after)}`.padStart(8),
    ];
    lines.push(`${kind.padEnd(9)}${cells.join('')}`);
  }
  for (const name of ['duplicates', 'rejected', 'filtered'] as const) {
    const aside = kinds.reduce((sum, kind) => sum + counts[kind][name], 0);
    if (aside > 0) lines.push(spread(name, count(aside), '.'));
  }
  return lines;
}

function signed(sign: string, value: number): string {
  return value === 0 ? '0' : `${sign}${count(value)}`;
}

// Two texts at the two edges of the receipt, with a leader between them.
function spread(left: string, right: string, leader = ' '): string {
  const gap = Math.max(2, width - [...left].length - [...right].length);
  return `${left} ${leader.repeat(gap - 2)} ${right}`;
}

function shortId(id: string): string {
  return id.length <= 12 ? id : `${id.slice(0, 8)}…${id.slice(-4)}`;
}

function statusWord(run: Run): string {
  return (run.dry_run && run.status === 'planned' ? 'dry run' : run.status.replace('_', ' ')).toUpperCase().padEnd(11);
}

function heldReasons(run: Run): string {
  const rules = run.hold?.rules ?? [];
  return rules.length === 0 ? 'The guard stopped this run.' : rules.map((rule) => printable(rule.message)).join(' ');
}

function total(run: Run, field: keyof KindCounts): number {
  return run.counts === null ? 0 : kinds.reduce((sum, kind) => sum + (run.counts?.[kind][field] ?? 0), 0);
}

function changes(run: Run): number {
  return total(run, 'created') + total(run, 'updated') + total(run, 'removed') + total(run, 'restored');
}
