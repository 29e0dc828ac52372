// JSON and NDJSON files as rows: a list, an object with products, modifiers and discounts, or one object per line.
import { isUtf8 } from 'node:buffer';
import { type Kind, kinds } from '../../../catalog/item.ts';
import { isObject } from '../../../catalog/raw-fields.ts';
import { type ElementFault, type JsonPart, readJsonStream } from '../../../catalog/read-json-stream.ts';
import { type Json, parseJson } from '../../../json.ts';
import { excerpt } from '../../../net/redact.ts';
import { aboutFile, fileMalformed } from '../file-error.ts';
import type { FileEnd, FilePart, FileParts, FileRow } from './file-part.ts';
import type { Peeked } from './open-text.ts';

type Redact = ((text: string) => string) | undefined;

const mostLineBytes = 4 * 1024 * 1024;
const listMember = 'rows';

/** Reads a JSON document in a stream. Throws TillsyncError: file_malformed, and body_… where it is no JSON. */
export async function* jsonRows({ beginning, whole }: Peeked, redact: Redact): FileParts {
  const isList = beginning.toString('utf8').trimStart().startsWith('[');
  const shape = new JsonShape(isList);
  const show = (text: string) => excerpt(text, redact);
  const end = { hasCome: false };
  try {
    const body = isList ? wrapped(whole, end) : whole;
    for await (const parts of readJsonStream(body, { arrays: isList ? [listMember] : kinds, excerpt: show })) {
      const batch = parts.map((part) => shape.read(part)).filter((part) => part !== null);
      if (batch.length > 0) yield batch;
    }
  } catch (error) {
    throw aboutFile(error, end.hasCome);
  }
  return shape.end();
}

/** The same for a document already parsed. */
export function* documentRows(document: Json): Generator<FilePart, FileEnd, void> {
  const shape = new JsonShape(Array.isArray(document));
  const members: [string, Json][] = Array.isArray(document)
    ? [[listMember, document]]
    : isObject(document)
      ? Object.entries(document)
      : [];
  for (const [member, value] of members) {
    const isArray = Array.isArray(value) && (Array.isArray(document) || kinds.some((kind) => kind === member));
    const parts: Iterable<JsonPart> = isArray ? elements(member, value) : [{ type: 'member', member, value }];
    for (const part of parts) {
      const found = shape.read(part);
      if (found !== null) yield found;
    }
  }
  return shape.end();
}

function* elements(member: string, values: readonly Json[]): Generator<JsonPart> {
  yield { type: 'array', member };
  for (const [index, value] of values.entries()) yield { type: 'element', member, index, value };
}

const faults: Readonly<Record<ElementFault, string>> = {
  too_deep: 'The item is nested too deeply.',
  too_large: 'The item is larger than 4 MiB.',
  not_utf8: 'The item holds bytes that are not UTF-8.',
};

/** Turns the parts of a document into those of a file. */
class JsonShape {
  private hasRows = false;
  private readonly isList: boolean;

  constructor(isList: boolean) {
    this.isList = isList;
  }

  read(part: JsonPart): FilePart | null {
    const kind = kinds.find((name) => name === part.member) ?? null;
    // Only one list stands in the member that a list becomes; what follows its end belongs to no JSON.
    if (
      this.isList &&
      (part.member !== listMember || part.type === 'member' || (part.type === 'array' && this.hasRows))
    )
      throw fileMalformed('something follows the end of its list', hint);
    if (part.type === 'array') {
      this.hasRows = true;
      return kind === null ? null : { type: 'kind', kind };
    }
    if (part.type === 'member') {
      if (kind === null || part.value === null) return null;
      throw fileMalformed(`${kind} is not a list`, hint);
    }
    return elementRow(part, kind);
  }

  end(): FileEnd {
    if (!this.hasRows) throw fileMalformed('it is neither a list nor an object with one of the three lists', hint);
    return { complete: true };
  }
}

const hint = 'A JSON file is a list of items, or an object with products, modifiers or discounts, each a list.';

function elementRow(part: Extract<JsonPart, { type: 'element' }>, kind: Kind | null): FileRow {
  const { value, index, fault } = part;
  const place = `${kind === null ? '' : `${kind}, `}element ${index + 1}`;
  const row = { type: 'row', place, kind } as const;
  if (fault !== undefined) {
    // Nothing that recurses may see a value that is too deep.
    return { ...row, values: fault === 'not_utf8' ? value : null, fault: { reason: fault, message: faults[fault] } };
  }
  return objectRow(row, value);
}

function objectRow(row: Omit<FileRow, 'values'>, value: Json): FileRow {
  if (isObject(value)) return { ...row, values: value };
  return { ...row, values: value, fault: { reason: 'not_an_object', message: 'The row is not a JSON object.' } };
}

// A list becomes the one member of an object, which is what is read in a stream.
async function* wrapped(
  body: AsyncIterable<Uint8Array>,
  end: { hasCome: boolean },
): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(`{"${listMember}":`);
  yield* body;
  end.hasCome = true;
  yield Buffer.from('}');
}

/** Reads one JSON object per line; empty lines are left out. */
export async function* ndjsonRows({ whole }: Peeked): FileParts {
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  for await (const bytes of whole) {
    const text = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
    const batch: FilePart[] = [];
    let at = 0;
    for (let end = text.indexOf(0x0a); end !== -1; end = text.indexOf(0x0a, at)) {
      line++;
      const row = lineRow(text.subarray(at, end), line);
      if (row !== null) batch.push(row);
      at = end + 1;
    }
    rest = text.subarray(at);
    if (rest.length > mostLineBytes) {
      throw fileMalformed(`line ${line + 1} is longer than 4 MiB`, 'NDJSON has one item per line.');
    }
    if (batch.length > 0) yield batch;
  }
  const last = lineRow(rest, line + 1);
  // A last line without its end that is no JSON was most likely cut.
  const isCut = last?.fault?.reason === 'not_json';
  if (last !== null) yield [last];
  return isCut ? { complete: false, reason: `line ${line + 1}, the last one, breaks off` } : { complete: true };
}

function lineRow(bytes: Buffer, line: number): FileRow | null {
  const text = bytes.toString('utf8');
  if (text.trim() === '') return null;
  const row = { type: 'row', place: `line ${line}`, kind: null } as const;
  try {
    const value = parseJson(text);
    if (!text.includes('\uFFFD') || isUtf8(bytes)) return objectRow(row, value);
    return { ...row, values: value, fault: { reason: 'not_utf8', message: faults.not_utf8 } };
  } catch (error) {
    // Numbers without loss are read by what recurses.
    const isDeep = error instanceof RangeError;
    if (!isDeep && !(error instanceof SyntaxError)) throw error;
    const fault = isDeep
      ? { reason: 'too_deep', message: faults.too_deep }
      : { reason: 'not_json', message: 'The line is not JSON.' };
    return { ...row, values: text.slice(0, 1_000), fault };
  }
}
