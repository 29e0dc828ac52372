// A JSON document read in a stream: the elements of its named arrays one by one, its other members whole, nothing lost.
import { isUtf8 } from 'node:buffer';
import type { TillsyncError } from '../errors.ts';
import { type Json, parseJson } from '../json.ts';
import { type DocumentFault, documentError } from './document-error.ts';
import { ValueScanner } from './scan-value.ts';
import { mostDepth } from './storable.ts';

export interface JsonStreamOptions {
  /** Top-level members whose elements are yielded one by one when they are arrays. */
  arrays: readonly string[];
  /** Most bytes of one element or other member; default 4 MiB. */
  maxElementBytes?: number;
  /** Makes the beginning of a foreign text fit to be shown: one line, short, without secrets. */
  excerpt(text: string): string;
}

/** Why an element could not be read as it is; the stream goes on behind it. */
export type ElementFault = 'too_deep' | 'too_large' | 'not_utf8';

export type JsonPart =
  /**
   * One element of a named array. With fault too_large `value` is the beginning of its text, with not_utf8 the bytes that
   * are no UTF-8 are U+FFFD in it, with too_deep it must not be handed to anything that recurses.
   */
  | { type: 'element'; member: string; index: number; value: Json; fault?: ElementFault }
  /** A named member that is an array, at its begin. */
  | { type: 'array'; member: string }
  /** Any other member of the document. */
  | { type: 'member'; member: string; value: Json };

/**
 * Reads a document that is one JSON object, in pieces of any size, and yields its parts in batches in their order.
 * Memory: one element and one piece. A UTF-8 byte order mark is accepted.
 * Throws TillsyncError (step 'format'): body_empty, body_not_utf8, body_not_json, body_truncated, body_too_large.
 */
export async function* readJsonStream(
  body: AsyncIterable<Uint8Array>,
  options: JsonStreamOptions,
): AsyncGenerator<JsonPart[], void, void> {
  const reader = new DocumentReader(options);
  for await (const bytes of body) {
    const parts = reader.read(bytes);
    if (parts.length > 0) yield parts;
  }
  const last = reader.finish();
  if (last.length > 0) yield last;
}

// What is expected next, at the level of the document and of the array under way.
type Expected =
  | 'object'
  | 'key or end'
  | 'key'
  | 'colon'
  | 'value'
  | 'comma or end'
  | 'element or end'
  | 'element'
  | 'comma or array end'
  | 'nothing';

const openingLength = 1_000;
const comma = 0x2c;

class DocumentReader {
  private readonly arrays: ReadonlySet<string>;
  private readonly maxBytes: number;
  private readonly excerpt: (text: string) => string;
  private expected: Expected = 'object';
  private opening: Buffer = Buffer.alloc(0);
  private parts: JsonPart[] = [];
  private readonly seen = new Set<string>();
  private member = '';
  private index = 0;
  // The value under way: its scanner, the pieces of it from earlier chunks, and their size.
  private scanner: ValueScanner | null = null;
  private pieces: Uint8Array[] = [];
  private held = 0;
  private started = false;

  constructor(options: JsonStreamOptions) {
    this.arrays = new Set(options.arrays);
    this.maxBytes = options.maxElementBytes ?? 4 * 1024 * 1024;
    this.excerpt = options.excerpt;
  }

  read(bytes: Uint8Array): JsonPart[] {
    this.parts = [];
    if (this.opening.length < openingLength) {
      this.opening = Buffer.concat([this.opening, bytes.subarray(0, openingLength - this.opening.length)]);
    }
    if (this.started) this.consume(bytes, 0);
    else this.begin(this.pieces.length === 0 ? bytes : Buffer.concat([...this.pieces, bytes]), 4);
    return this.parts;
  }

  finish(): JsonPart[] {
    this.parts = [];
    if (!this.started) this.begin(Buffer.concat(this.pieces), 0);
    if (this.opening.toString('utf8').trim() === '') throw this.fault('body_empty');
    if (this.expected !== 'nothing') throw this.fault('body_truncated');
    return this.parts;
  }

  // The first bytes tell the encoding; they wait until there are four of them, however small the pieces are.
  private begin(bytes: Uint8Array, least: number): void {
    if (bytes.length < least) {
      this.pieces = [Buffer.from(bytes)];
      return;
    }
    this.pieces = [];
    this.started = true;
    const [first, second, third] = bytes;
    const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
    if (isUtf16 || first === 0 || second === 0) throw this.fault('body_not_utf8');
    this.consume(bytes, first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0);
  }

  private consume(bytes: Uint8Array, from: number): void {
    let at = from;
    while (at < bytes.length) {
      if (this.scanner !== null) {
        at = this.continueValue(this.scanner, bytes, at);
        continue;
      }
      const byte = bytes[at] as number;
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) at++;
      else at = this.step(byte, at);
    }
  }

  /** Acts on one byte that is no whitespace; returns where to go on (the same place when a value begins there). */
  private step(byte: number, at: number): number {
    switch (this.expected) {
      case 'object':
        if (byte !== 0x7b) throw this.notAnObject();
        return this.expect(true, 'key or end', at);
      case 'key or end':
        if (byte === 0x7d) return this.expect(true, 'nothing', at);
        return this.beginKey(byte, at);
      case 'key':
        return this.beginKey(byte, at);
      case 'colon':
        return this.expect(byte === 0x3a, 'value', at);
      case 'value':
        if (byte !== 0x5b || !this.arrays.has(this.member)) return this.beginValue(at);
        this.index = 0;
        this.parts.push({ type: 'array', member: this.member });
        return this.expect(true, 'element or end', at);
      case 'comma or end':
        return this.expect(byte === comma || byte === 0x7d, byte === comma ? 'key' : 'nothing', at);
      case 'element or end':
        if (byte === 0x5d) return this.expect(true, 'comma or end', at);
        return this.beginValue(at);
      case 'element':
        return this.beginValue(at);
      case 'comma or array end':
        return this.expect(byte === comma || byte === 0x5d, byte === comma ? 'element' : 'comma or end', at);
      case 'nothing':
        throw this.fault('body_not_json', 'something follows its end');
    }
  }

  private expect(isRight: boolean, next: Expected, at: number): number {
    if (!isRight) throw this.fault('body_not_json', this.where());
    this.expected = next;
    return at + 1;
  }

  private beginKey(byte: number, at: number): number {
    if (byte !== 0x22) throw this.fault('body_not_json', this.where());
    this.expected = 'key';
    return this.beginValue(at);
  }

  private beginValue(at: number): number {
    this.scanner = new ValueScanner();
    this.pieces = [];
    this.held = 0;
    return at;
  }

  private continueValue(scanner: ValueScanner, bytes: Uint8Array, at: number): number {
    const end = scanner.scan(bytes, at);
    const piece = bytes.subarray(at, end === -1 ? bytes.length : end);
    this.held += piece.length;
    if (end !== -1) {
      this.scanner = null;
      // The usual case, a value inside one piece, is read where it lies.
      this.endValue(scanner, this.pieces.length === 0 ? [piece] : [...this.pieces, piece]);
      return end;
    }
    // What is too large is not kept; its beginning is, for the message. Copied: the sender may reuse its buffer.
    if (this.held <= this.maxBytes || this.pieces.length === 0) this.pieces.push(Buffer.from(piece));
    return bytes.length;
  }

  private endValue(scanner: ValueScanner, pieces: readonly Uint8Array[]): void {
    const isTooLarge = this.held > this.maxBytes;
    if (this.expected === 'key' || this.expected === 'value') {
      if (isTooLarge) throw this.fault('body_too_large', this.where());
      const { value } = this.parse(scanner, pieces);
      if (this.expected === 'key') this.endKey(value);
      else this.endMember(value);
      return;
    }
    const { member, index } = this;
    if (isTooLarge) {
      const text = Buffer.from(pieces[0] ?? []).toString('utf8', 0, 64 * 1024);
      this.parts.push({ type: 'element', member, index, value: text, fault: 'too_large' });
    } else {
      this.parts.push({ type: 'element', member, index, ...this.parse(scanner, pieces) });
    }
    this.index++;
    this.expected = 'comma or array end';
  }

  private endKey(value: Json): void {
    this.member = String(value);
    if (this.seen.has(this.member)) {
      // Parsers differ in which of the two they take.
      throw this.fault('body_not_json', `it has the member ${JSON.stringify(this.member)} twice`);
    }
    this.seen.add(this.member);
    this.expected = 'colon';
  }

  private endMember(value: Json): void {
    this.parts.push({ type: 'member', member: this.member, value });
    this.expected = 'comma or end';
  }

  private parse(scanner: ValueScanner, pieces: readonly Uint8Array[]): { value: Json; fault?: ElementFault } {
    const [first] = pieces;
    const bytes = pieces.length === 1 && first ? view(first) : Buffer.concat(pieces);
    const text = bytes.toString('utf8');
    const isTooDeep = scanner.depth > mostDepth;
    try {
      // The lossless parser recurses, the plain one does not: a value that is too deep is only looked at for its id.
      const value = scanner.hasLossyNumber && !isTooDeep ? parseJson(text) : (JSON.parse(text) as Json);
      if (isTooDeep) return { value, fault: 'too_deep' };
      return text.includes('\uFFFD') && !isUtf8(bytes) ? { value, fault: 'not_utf8' } : { value };
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw this.fault('body_not_json', this.where());
    }
  }

  private fault(fault: DocumentFault, detail?: string): TillsyncError {
    const excerpt = this.excerpt(this.opening.toString('utf8'));
    // The detail may name a member, which is foreign text like the rest.
    return documentError(fault, detail === undefined ? { excerpt } : { excerpt, detail: this.excerpt(detail) });
  }

  private notAnObject(): TillsyncError {
    const text = this.opening
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trim();
    if (text.startsWith('[')) return this.fault('body_wrong_shape', 'an array came where an object belongs');
    if (/^("|-?\d|null\b|true\b|fals)/.test(text)) {
      return this.fault('body_wrong_shape', 'a single value came where an object belongs');
    }
    return this.fault('body_not_json');
  }

  private where(): string {
    if (this.expected.includes('element') || this.expected === 'comma or array end') {
      return `it breaks at element ${this.index + 1} of ${JSON.stringify(this.member.slice(0, 60))}`;
    }
    if (this.seen.size === 0) return 'it breaks right after its begin';
    return `it breaks at the member ${JSON.stringify(this.member.slice(0, 60))}`;
  }
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
