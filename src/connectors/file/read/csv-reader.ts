// A CSV parser (RFC 4180) over bytes in pieces of any size: quotes, embedded line ends, CRLF, LF and CR; one record is held.
import { isUtf8 } from 'node:buffer';
import { fileMalformed } from '../file-error.ts';

export interface CsvRecord {
  /** Line of the file on which it begins, from 1. */
  line: number;
  fields: string[];
  fault: 'text_behind_quote' | 'not_utf8' | null;
}

const quote = 0x22;
const cr = 0x0d;
const lf = 0x0a;
// Far more than any item; what is longer is a quote that was never closed, or no CSV.
const mostRecordBytes = 1024 * 1024;

/**
 * Takes UTF-8 in pieces, gives the records that are whole. A quote that does not begin a field is a character like any
 * other (`Pizza 12"`). Lines without any character are left out.
 */
export class CsvReader {
  private readonly delimiter: number;
  private rest: Buffer = Buffer.alloc(0);
  private line = 1;
  // Of the record under way.
  private fields: string[] = [];
  private fault: CsvRecord['fault'] = null;
  private lineEnds = 0;
  private openedIn = 0;

  /** `delimiter` is one ASCII character; `line` is the number of the first line. */
  constructor(delimiter: string, line = 1) {
    this.delimiter = delimiter.charCodeAt(0);
    this.line = line;
  }

  /** Throws TillsyncError file_malformed for a record of more than 1 MiB. */
  read(bytes: Uint8Array): CsvRecord[] {
    return this.take(bytes, false);
  }

  /** The last record. Throws TillsyncError file_malformed when the file ends inside quotes. */
  finish(): CsvRecord[] {
    const records = this.take(new Uint8Array(0), true);
    if (this.rest.length > 0) throw this.neverClosed();
    return records;
  }

  private take(bytes: Uint8Array, isLast: boolean): CsvRecord[] {
    const text = this.rest.length === 0 ? asBuffer(bytes) : Buffer.concat([this.rest, bytes]);
    const records: CsvRecord[] = [];
    let at = 0;
    while (at < text.length) {
      const end = this.record(text, at, isLast);
      if (end === -1) break;
      const { fields, line } = this;
      if (fields.length > 1 || fields[0] !== '') records.push({ line, fields, fault: this.fault });
      this.line += this.lineEnds;
      at = end;
    }
    if (text.length - at > mostRecordBytes) throw this.neverClosed();
    // Copied: the sender may use its piece again.
    this.rest = Buffer.from(text.subarray(at));
    return records;
  }

  // Reads one record; the position behind it, or -1 when its end has not come yet.
  private record(text: Buffer, from: number, isLast: boolean): number {
    this.fields = [];
    this.fault = null;
    this.lineEnds = 0;
    let at = from;
    for (;;) {
      const end = text[at] === quote ? this.quoted(text, at, isLast) : this.plain(text, at, at);
      if (end === -1) return -1;
      if (end === text.length) return isLast ? end : -1;
      at = end + 1;
      if (text[end] === this.delimiter) continue;
      this.lineEnds++;
      if (text[end] === lf) return at;
      // A line feed may follow in the next piece.
      if (at === text.length) return isLast ? at : -1;
      return text[at] === lf ? at + 1 : at;
    }
  }

  // A field that goes from `from` to the next delimiter or line end, which are looked for from `at` on.
  private plain(text: Buffer, from: number, at: number): number {
    let end = at;
    for (; end < text.length; end++) {
      const byte = text[end];
      if (byte === this.delimiter || byte === lf || byte === cr) break;
    }
    this.fields.push(this.textOf(text, from, end));
    return end;
  }

  private quoted(text: Buffer, from: number, isLast: boolean): number {
    let value = '';
    let start = from + 1;
    for (;;) {
      const close = text.indexOf(quote, start);
      if (close === -1 || (close + 1 === text.length && !isLast)) {
        this.openedIn = this.line + this.lineEnds;
        return -1;
      }
      value += this.textOf(text, start, close);
      start = close + 1;
      if (text[start] !== quote) break;
      value += '"';
      start++;
    }
    this.lineEnds += lineEndsIn(text, from, start);
    const end = this.plain(text, start, start);
    const behind = this.fields.pop();
    if (behind !== '') this.fault ??= 'text_behind_quote';
    this.fields.push(value + behind);
    return end;
  }

  // Each field is a text of its own: a slice of the piece would keep the whole piece in memory with every id.
  private textOf(text: Buffer, from: number, to: number): string {
    if (from === to) return '';
    const field = text.toString('utf8', from, to);
    if (field.includes('\uFFFD') && !isUtf8(text.subarray(from, to))) this.fault = 'not_utf8';
    return field;
  }

  private neverClosed(): Error {
    const line = this.openedIn === 0 ? this.line : this.openedIn;
    return fileMalformed(
      `the quote that opens in line ${line} is never closed, or the row there is longer than 1 MiB`,
      'Correct the line: a quote inside a quoted field is written twice ("").',
    );
  }
}

function lineEndsIn(text: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    if (text[at] === lf || (text[at] === cr && text[at + 1] !== lf)) count++;
  }
  return count;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
