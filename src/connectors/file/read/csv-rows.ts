// A CSV file as rows: the delimiter sniffed from its beginning, the header, and what is wrong with a line.
import type { Json } from '../../../json.ts';
import { fileMalformed } from '../file-error.ts';
import { CsvReader, type CsvRecord } from './csv-reader.ts';
import type { FilePart, FileParts, FileRow } from './file-part.ts';
import type { Peeked } from './open-text.ts';

const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];
// Records that are looked at to tell the delimiter.
const sampled = 50;
const mostColumns = 2_000;

/** Reads the rows of a CSV file with a header. Throws TillsyncError file_malformed. */
export async function* csvRows({ beginning, whole }: Peeked, given: Delimiter | null): FileParts {
  const said = /^sep=([,;\t|])\r?\n/.exec(beginning.toString('latin1', 0, 8));
  const delimiter = given ?? (said?.[1] as Delimiter | undefined) ?? sniffDelimiter(beginning);
  const reader = new CsvReader(delimiter);
  let names: readonly string[] | null = null;
  function partsOf(records: readonly CsvRecord[]): FilePart[] {
    const parts: FilePart[] = [];
    for (const record of records) {
      if (said !== null && record.line === 1) continue;
      if (names === null) {
        names = columnNames(record.fields);
        parts.push({ type: 'columns', names });
      } else parts.push(rowOf(record, names));
    }
    return parts;
  }
  for await (const bytes of whole) {
    const parts = partsOf(reader.read(bytes));
    if (parts.length > 0) yield parts;
  }
  const last = partsOf(reader.finish());
  if (last.length > 0) yield last;
  if (names === null) throw fileMalformed('it is empty', 'A CSV file begins with a header that names its columns.');
  return { complete: true };
}

/** The delimiter that divides the first lines most evenly; a comma where there is none. */
export function sniffDelimiter(beginning: Buffer): Delimiter {
  let best: { delimiter: Delimiter; even: number; fields: number } = { delimiter: ',', even: 0, fields: 1 };
  for (const delimiter of delimiters) {
    const records = new CsvReader(delimiter).read(beginning).slice(0, sampled);
    // Of a file of one line no record is known to be whole.
    const widths = records.length === 0 ? [beginning.toString('utf8').split(delimiter).length] : widthsOf(records);
    const [fields = 1] = widths;
    const even = widths.filter((width) => width === fields).length / widths.length;
    if (fields > 1 && (even > best.even || (even === best.even && fields > best.fields))) {
      best = { delimiter, even, fields };
    }
  }
  return best.delimiter;
}

function widthsOf(records: readonly CsvRecord[]): number[] {
  return records.map(({ fields }) => fields.length);
}

/**
 * Names as they stand there, trimmed; a column without one is 'column 3', a name that comes again 'price (2)'. Throws
 * TillsyncError file_malformed for more than 2,000 columns.
 */
export function columnNames(header: readonly string[]): string[] {
  if (header.length > mostColumns)
    throw fileMalformed('it has more than 2,000 columns', 'Leave out what no item needs.');
  const names = new Set<string>();
  header.forEach((text, index) => {
    const trimmed = text.trim();
    const name = trimmed === '' || trimmed === '__proto__' ? `column ${index + 1}` : trimmed;
    let unique = name;
    for (let again = 2; names.has(unique); again++) unique = `${name} (${again})`;
    names.add(unique);
  });
  return [...names];
}

const faults: Readonly<Record<NonNullable<CsvRecord['fault']>, string>> = {
  text_behind_quote: 'Text follows the quote that closes a field.',
  not_utf8: 'The row holds bytes that are not UTF-8; if the file is in Windows-1252, set encoding to windows-1252.',
};

function rowOf({ line, fields, fault }: CsvRecord, names: readonly string[]): FileRow {
  const place = `line ${line}`;
  const base = { type: 'row', place, kind: null } as const;
  // Which value belongs to which column is not known then, the id's neither.
  if (fields.length !== names.length && fields.slice(names.length).some((field) => field !== '')) {
    return { ...base, values: fields, fault: { reason: 'wrong_field_count', message: counted(fields, names) } };
  }
  if (fields.length < names.length) {
    return { ...base, values: fields, fault: { reason: 'wrong_field_count', message: counted(fields, names) } };
  }
  const values: { [name: string]: Json } = {};
  for (let index = 0; index < names.length; index++) values[names[index] as string] = fields[index] as string;
  return fault === null ? { ...base, values } : { ...base, values, fault: { reason: fault, message: faults[fault] } };
}

function counted(fields: readonly string[], names: readonly string[]): string {
  return `The row has ${fields.length} fields where the header has ${names.length}.`;
}
