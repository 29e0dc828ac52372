// How a file would be read, for a terminal: each column with its field and samples, and the first rows.
import type { Formatted } from '../../catalog/item.ts';
import type { FilePreview } from '../../connectors/connector.ts';
import { printable } from './printable.ts';
import { table } from './table.ts';

/** The preview's lines. */
export function previewText(file: string, preview: FilePreview): string {
  const columns = table(
    [{ title: 'COLUMN' }, { title: 'READ AS' }, { title: 'SAMPLES' }],
    preview.columns.map(({ name, field, samples }) => [name, field ?? '–', samples.join('  ')]),
  );
  const rows = table(
    [
      { title: 'KIND' },
      { title: 'ID' },
      { title: 'PATH' },
      { title: 'NAME' },
      { title: 'PRICE', align: 'right' },
      { title: 'AVAILABLE' },
    ],
    preview.first.map(rowOf),
    'No rows.',
  );
  const why = preview.first.map((row) =>
    row.type === 'reject' ? `Set aside: ${printable(row.reject.message)}\n` : '',
  );
  return `${printable(file)}, read as ${preview.form}\n\n${columns}\n${rows}${why.join('')}`;
}

function rowOf(formatted: Formatted): string[] {
  if (formatted.type === 'reject') {
    const { kind, externalId, pathId } = formatted.reject;
    return [kind, externalId ?? '–', pathId ?? '–', 'set aside'];
  }
  if (formatted.type !== 'item') return [formatted.kind, formatted.externalId ?? '–', formatted.pathId ?? '–'];
  const { kind, externalId, pathId, name, price, currency, discountAmount, discountPercent, isAvailable } =
    formatted.item;
  const amount = price ?? discountAmount;
  const money = amount === null ? '–' : `${amount}${currency === null ? '' : ` ${currency}`}`;
  return [
    kind,
    externalId,
    pathId ?? '–',
    name ?? '–',
    amount === null && discountPercent !== null ? `${discountPercent} %` : money,
    isAvailable === null ? '–' : isAvailable ? 'yes' : 'no',
  ];
}
