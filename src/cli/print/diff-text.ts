// The changes of a run as lines: what came, what changed from what to what (prices first), what went.
import type { Json } from '../../json.ts';
import type { Change } from '../../records/runs/read-changes.ts';
import { paint } from './paint.ts';
import { shortened } from './printable.ts';

const marks = { created: '+', updated: '~', removed: '-', restored: '^' } as const;
const colours = { created: 'green', updated: 'yellow', removed: 'red', restored: 'cyan' } as const;

/** One change as one line, and one more line per changed field: 'price  12.5 → 13'. */
export function changeText(change: Change): string {
  const { operation } = change;
  const path = change.path_id === null ? '' : `  ${shortened(change.path_id, 60)}`;
  const head = `${marks[operation]} ${change.kind.slice(0, -1)}  ${shortened(change.external_id, 60)}${path}  ${shortened(change.name ?? '', 60)}`;
  const lines = [paint(colours[operation], head.trimEnd())];
  if (operation === 'updated' || operation === 'restored') {
    const names = Object.keys(change.fields).sort((a, b) => Number(b === 'price') - Number(a === 'price'));
    for (const name of names) {
      const [before, after] = change.fields[name] ?? [null, null];
      lines.push(`    ${name.padEnd(12)}  ${valueText(before)} → ${valueText(after)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function valueText(value: Json): string {
  if (value === null) return '(none)';
  return shortened(typeof value === 'string' ? value : JSON.stringify(value), 100);
}
