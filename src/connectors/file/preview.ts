// How a file would be read: its form, each column with samples and its field, the first rows, and the mapping to remember.
import { isObject, readText } from '../../catalog/raw-fields.ts';
import { inputError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { FilePreview, PreviewRequest } from '../connector.ts';
import { checkColumns, kindOfWord, suggestColumns } from './columns.ts';
import { mapRow } from './map-row.ts';
import type { FileRow } from './read/file-part.ts';
import { openFile } from './read/read-file.ts';
import { type Columns, type Field, fields, readFormatSettings } from './settings.ts';

// What is looked at; a column that comes for the first time behind that is named by hand.
const mostBytes = 8 * 1024 * 1024;
const mostRows = 10_000;
const mostNames = 2_000;
const shownRows = 5;
const shownSamples = 3;

/** Reads the beginning of a file. Throws TillsyncError: as `format`, and file_columns_missing, map_unknown. */
export async function previewFile(body: AsyncIterable<Uint8Array>, request: PreviewRequest): Promise<FilePreview> {
  const settings = readFormatSettings(request.params);
  const sample = new Sample();
  let read = 0;
  async function* counted() {
    for await (const bytes of body) {
      read += bytes.length;
      yield bytes;
    }
  }
  const { form, parts } = await openFile(counted(), settings);
  for await (const batch of parts) {
    for (const part of batch) {
      if (part.type === 'columns') sample.addHeader(part.names);
      if (part.type === 'row') sample.add(part);
    }
    if (sample.rows >= mostRows || (sample.rows > 0 && read >= mostBytes)) break;
  }
  const columns = withMap(settings.columns ?? sample.suggested(), request.map);
  if (sample.names.length > 0) checkColumns(sample.hasHeader ? columns : sample.expected(columns), sample.names);
  const rules = {
    columns,
    kind: settings.kind,
    decimal: settings.decimal ?? null,
    currency: settings.currency ?? null,
  };
  return {
    form,
    columns: sample.columns().map(({ name, samples }) => ({ name, samples, field: fieldOf(columns, name) })),
    first: sample.first.map((row) => mapRow(row, rules).formatted),
    params: { columns },
  };
}

interface SampledColumn {
  name: string;
  samples: string[];
  /** Every value so far is a word for a kind. */
  saysKind: boolean;
}

class Sample {
  rows = 0;
  hasHeader = false;
  private hasPriced = false;
  readonly first: FileRow[] = [];
  private readonly found = new Map<string, SampledColumn>();

  get names(): string[] {
    return [...this.found.keys()];
  }

  columns(): SampledColumn[] {
    return [...this.found.values()];
  }

  columnOf(name: string): SampledColumn | null {
    const known = this.found.get(name);
    if (known !== undefined || this.found.size >= mostNames) return known ?? null;
    const column = { name, samples: [], saysKind: true };
    this.found.set(name, column);
    return column;
  }

  addHeader(names: readonly string[]): void {
    this.hasHeader = true;
    for (const name of names) this.columnOf(name);
  }

  add(row: FileRow): void {
    this.rows++;
    if (row.kind !== 'discounts') this.hasPriced = true;
    if (this.first.length < shownRows) this.first.push(row);
    if (row.fault !== undefined || !isObject(row.values)) return;
    for (const [name, value] of Object.entries(row.values)) {
      const column = this.columnOf(name);
      if (column === null) continue;
      const text = shown(value);
      column.saysKind &&= typeof value === 'string' && kindOfWord(value) !== null;
      if (text !== '' && column.samples.length < shownSamples && !column.samples.includes(text))
        column.samples.push(text);
    }
  }

  /** In JSON a member may be absent; only those without which no file is what it was are asked for. */
  expected({ external_id, name, price }: Columns): Columns {
    return { ...(external_id && { external_id }), ...(name && { name }), ...(price && this.hasPriced && { price }) };
  }

  /** By their names; a column named like a type whose every value is a kind says the kind. */
  suggested(): Columns {
    const columns = suggestColumns(this.names);
    const { item_type: type, ...others } = columns;
    const isKind = columns.kind === undefined && type !== undefined && this.rows > 0 && this.found.get(type)?.saysKind;
    return isKind ? { ...others, kind: type } : columns;
  }
}

function shown(value: Json): string {
  const text = readText(value);
  return (text === undefined ? JSON.stringify(value) : (text ?? '')).slice(0, 60);
}

function withMap(columns: Columns, map: Readonly<Record<string, string>>): Columns {
  const merged: { [field in Field]?: string | undefined } = { ...columns };
  for (const [name, column] of Object.entries(map)) {
    const field = fields.find((known) => known === name);
    if (field === undefined) throw mapUnknown(name);
    if (column === '') delete merged[field];
    else merged[field] = column;
  }
  return merged;
}

function mapUnknown(name: string): Error {
  return inputError(
    'map_unknown',
    `There is no field “${name.slice(0, 60)}”.`,
    `A column is read as one of: ${fields.join(', ')}.`,
  );
}

function fieldOf(columns: Columns, name: string): string | null {
  const found = Object.entries(columns).filter(([, column]) => column === name || column?.startsWith(`${name}.`));
  return found.length === 0 ? null : found.map(([field]) => field).join(', ');
}
