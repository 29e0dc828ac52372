// What a run did, in one sentence: the same words as the command's.
import type { Kind, Run } from '../api-types.ts';
import type { Words } from './en.ts';

export const kinds: readonly Kind[] = ['products', 'modifiers', 'discounts'];

type CountName = keyof NonNullable<Run['counts']>['products'];

/** One count over all kinds. */
export function total(run: Run, name: CountName): number {
  return kinds.reduce((sum, kind) => sum + (run.counts?.[kind][name] ?? 0), 0);
}

/** How many items were created, changed, removed or came back. */
export function changesOf(run: Run): number {
  return total(run, 'created') + total(run, 'updated') + total(run, 'removed') + total(run, 'restored');
}

/** e.g. 'No changes: 1,120 items checked'. */
export function resultText(run: Run, words: Words): string {
  const { result } = words;
  switch (run.status) {
    case 'success':
    case 'partial':
      return savedText(run, words);
    case 'planned':
      return result.planned(total(run, 'received') - total(run, 'duplicates'), changesOf(run));
    case 'held': {
      const reasons = (run.hold?.rules ?? []).map((rule) => rule.message).join(' ');
      return `${reasons === '' ? result.heldUnknown : reasons} ${result.held}`;
    }
    case 'failed':
    case 'interrupted':
    case 'cancelled':
      return run.error?.message ?? result.ended(words.statuses[run.status].toLowerCase());
    case 'queued':
      return result.queued;
    default:
      return result.running(run.phase === null ? '…' : words.phases[run.phase].toLowerCase());
  }
}

function savedText(run: Run, { result }: Words): string {
  // An item that came twice was checked once.
  const checked = total(run, 'received') - total(run, 'duplicates');
  const changed = changesOf(run);
  const rejected = total(run, 'rejected');
  const aside = rejected === 0 ? '' : result.rejected(rejected);
  // Only what changed was asked for: the number says nothing of the catalog.
  if (run.reads === 'changes') {
    const read = checked + total(run, 'removed');
    return `${changed === 0 ? result.reportedNone(read) : result.reported(read, changed)}${aside}`;
  }
  return `${changed === 0 ? result.noChanges(checked) : result.checked(checked, changed)}${aside}`;
}

/** Milliseconds between start and end, or null. */
export function tookOf(run: Run): number | null {
  if (run.started_at === null || run.finished_at === null) return null;
  return Date.parse(run.finished_at) - Date.parse(run.started_at);
}
