// A workbook (.xlsx) as rows: one sheet read in a stream, with its shared texts in memory; everything has a cap.
import { canonicalDecimal } from '../../../catalog/money.ts';
import { type Json, numberFromSource } from '../../../json.ts';
import { fileMalformed } from '../file-error.ts';
import { columnNames } from './csv-rows.ts';
import type { FilePart, FileParts, FileRow } from './file-part.ts';
import { attributeOf, type XmlPart, XmlReader } from './xml-reader.ts';
import { inflated, zipEntries } from './zip-entries.ts';

// A sheet has at most 1,048,576 rows; the archive's directory is at its end, so its packed bytes wait in memory.
const mostArchiveBytes = 64 * 1024 * 1024;
const mostSheetBytes = 1024 * 1024 * 1024;
const mostTextBytes = 128 * 1024 * 1024;
const mostTexts = 1_000_000;
const mostColumns = 16_384;
const mostRows = 1_048_576;
const mostCellLength = 1024 * 1024;
const tooLarge = 'Save it as CSV, which has no such limit.';

type Entries = ReturnType<typeof zipEntries>;

/** Reads the sheet with this name, or the first. Throws TillsyncError file_malformed. */
export async function* xlsxRows(body: AsyncIterable<Uint8Array>, sheet: string | null): FileParts {
  const archive = await collected(body);
  const entries = zipEntries(archive);
  const texts = await sharedTexts(archive, entries);
  const path = await sheetPath(archive, entries, sheet);
  const reader = new SheetReader(texts);
  for await (const parts of xmlOf(archive, { entries, path, mostBytes: mostSheetBytes })) {
    const rows = reader.read(parts);
    if (rows.length > 0) yield rows;
  }
  if (!reader.isWhole) throw fileMalformed('as a workbook, its sheet breaks off', 'Save it again.');
  if (!reader.hasHeader) throw fileMalformed('its sheet is empty', 'The first row names the columns.');
  return { complete: true };
}

async function collected(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let held = 0;
  for await (const bytes of body) {
    held += bytes.length;
    if (held > mostArchiveBytes) throw fileMalformed('the workbook is larger than 64 MiB', tooLarge);
    pieces.push(Buffer.from(bytes));
  }
  return Buffer.concat(pieces);
}

interface Part {
  entries: Entries;
  path: string;
  mostBytes: number;
}

async function* xmlOf(archive: Buffer, { entries, path, mostBytes }: Part): AsyncGenerator<XmlPart[], void, void> {
  const entry = entries.get(path);
  if (entry === undefined)
    throw fileMalformed(`as a workbook, it has no ${path.slice(0, 60)}`, 'Save it again, or as CSV.');
  const reader = new XmlReader();
  const decoder = new TextDecoder();
  for await (const bytes of inflated(archive, entry, mostBytes)) {
    yield reader.read(decoder.decode(bytes, { stream: true }));
  }
}

async function sharedTexts(archive: Buffer, entries: Entries): Promise<string[]> {
  const path = 'xl/sharedStrings.xml';
  if (!entries.has(path)) return [];
  const texts: string[] = [];
  let text = '';
  let inText = false;
  let phonetic = false;
  for await (const parts of xmlOf(archive, { entries, path, mostBytes: mostTextBytes })) {
    for (const part of parts) {
      if (part.type === 'text') {
        if (inText && !phonetic) text += part.text;
        continue;
      }
      const opens = part.type === 'open' && !part.isEmpty;
      if (part.name === 't') inText = opens;
      // How a text is spoken is no part of it.
      else if (part.name === 'rPh') phonetic = opens;
      else if (part.name === 'si' && part.type === 'open') text = '';
      if (part.name === 'si' && !opens && texts.push(text) > mostTexts) {
        throw fileMalformed('the workbook has more than 1,000,000 texts', tooLarge);
      }
    }
  }
  return texts;
}

async function sheetPath(archive: Buffer, entries: Entries, wanted: string | null): Promise<string> {
  const sheets = await tagsOf(archive, { entries, path: 'xl/workbook.xml', name: 'sheet' });
  const found = sheets.find((tag) => wanted === null || attributeOf(tag, 'name') === wanted);
  if (found === undefined) {
    const names = sheets.map((tag) => attributeOf(tag, 'name')).join(', ');
    const what = wanted === null ? 'it has no sheet' : `it has no sheet “${wanted.slice(0, 60)}”`;
    throw fileMalformed(
      `as a workbook, ${what}`,
      `Its sheets: ${names.slice(0, 300) || 'none'}. Name one with --param sheet=….`,
    );
  }
  const id = attributeOf(found, 'id');
  const relations = await tagsOf(archive, { entries, path: 'xl/_rels/workbook.xml.rels', name: 'Relationship' });
  const relation = relations.find((tag) => attributeOf(tag, 'Id') === id);
  const target = (relation && attributeOf(relation, 'Target')) ?? 'worksheets/sheet1.xml';
  return target.startsWith('/') ? target.slice(1) : `xl/${target}`;
}

async function tagsOf(archive: Buffer, of: { entries: Entries; path: string; name: string }): Promise<string[]> {
  const tags: string[] = [];
  for await (const parts of xmlOf(archive, { ...of, mostBytes: 16 * 1024 * 1024 })) {
    for (const part of parts) if (part.type === 'open' && part.name === of.name) tags.push(part.attributes);
  }
  return tags;
}

/** Turns the XML of a sheet into rows; the first row that is not empty is the header. */
class SheetReader {
  isWhole = false;
  private readonly texts: readonly string[];
  private names: readonly string[] | null = null;
  private line = 0;
  private cells: Json[] = [];
  private column = -1;
  private type = '';
  private value = '';
  private inValue = false;
  private error: string | null = null;
  /** Whether a cell of the row lies beyond the header; its place is not kept: thousands of empty ones would lie before it. */
  private isBeyond = false;
  private rows = 0;

  constructor(texts: readonly string[]) {
    this.texts = texts;
  }

  get hasHeader(): boolean {
    return this.names !== null;
  }

  read(parts: readonly XmlPart[]): FilePart[] {
    const rows: FilePart[] = [];
    for (const part of parts) {
      if (part.type === 'text') {
        if (this.inValue) this.value += part.text;
        if (this.value.length > mostCellLength) throw fileMalformed('as a workbook, a cell is too long', tooLarge);
      } else if (part.type === 'open') this.open(part);
      if (part.type === 'close' || (part.type === 'open' && part.isEmpty)) {
        const row = this.close(part.name);
        if (row !== null) rows.push(row);
      }
    }
    return rows;
  }

  private open({ name, attributes }: Extract<XmlPart, { type: 'open' }>): void {
    if (name === 'row') {
      this.line = Number(attributeOf(attributes, 'r') ?? this.line + 1);
      this.cells = [];
      this.column = -1;
      this.error = null;
      this.isBeyond = false;
      if (++this.rows > mostRows) throw fileMalformed('the sheet has more rows than a workbook can have', tooLarge);
    } else if (name === 'c') {
      const place = attributeOf(attributes, 'r');
      this.column = place === null ? Math.min(this.column + 1, mostColumns) : columnIndex(place);
      this.type = attributeOf(attributes, 't') ?? 'n';
      this.value = '';
    } else if (name === 'v' || name === 't') this.inValue = true;
  }

  private close(name: string): FilePart | null {
    if (name === 'v' || name === 't') this.inValue = false;
    else if (name === 'c' && this.value !== '') this.keep(this.cellOf());
    else if (name === 'worksheet') this.isWhole = true;
    return name === 'row' ? this.endRow() : null;
  }

  private keep(cell: Json): void {
    if (this.column < (this.names?.length ?? mostColumns)) this.cells[this.column] = cell;
    else if (cell !== null && cell !== '') this.isBeyond = true;
  }

  private cellOf(): Json {
    const { type, value } = this;
    if (type === 's') return this.texts[Number(value)] ?? null;
    if (type === 'b') return value === '1';
    if (type === 'e') {
      this.error = value.slice(0, 20);
      return value;
    }
    return type === 'n' ? numberOf(value) : value;
  }

  private endRow(): FilePart | null {
    const { line, cells } = this;
    if (!this.isBeyond && !cells.some((cell) => cell !== null && cell !== '')) return null;
    if (this.names === null) {
      this.names = columnNames(Array.from(cells, (cell) => String(cell ?? '')));
      return { type: 'columns', names: this.names };
    }
    const values: { [name: string]: Json } = {};
    for (const [index, name] of this.names.entries()) values[name] = cells[index] ?? null;
    const row: FileRow = { type: 'row', place: `row ${line}`, kind: null, values };
    if (this.isBeyond) {
      const message = `The row has values beyond the ${this.names.length} columns of the header.`;
      return { ...row, fault: { reason: 'wrong_field_count', message } };
    }
    if (this.error === null) return row;
    return { ...row, fault: { reason: 'error_value', message: `A cell holds the error ${this.error}.` } };
  }
}

// 'AB12' → 27.
function columnIndex(place: string): number {
  const letters = /^[A-Z]{1,3}/.exec(place)?.[0] ?? '';
  let index = 0;
  for (const letter of letters) index = index * 26 + letter.charCodeAt(0) - 64;
  if (index === 0 || index > mostColumns) throw fileMalformed('as a workbook, a cell has no place', 'Save it again.');
  return index - 1;
}

// Cells are doubles; past 15 digits stands what a double adds (12.990000000000000213), which no spreadsheet shows.
function numberOf(text: string): Json {
  if (text.length > 400) return text;
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');
  const source = digits.length > 15 ? Number(text).toPrecision(15) : text;
  const plain = canonicalDecimal(source);
  return plain === null ? text : numberFromSource(plain);
}
