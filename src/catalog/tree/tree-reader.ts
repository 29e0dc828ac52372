// The walk over a JSON tree that comes in pieces: knows at each byte which node is under way, and keeps only those.
import { isUtf8 } from 'node:buffer';
import type { TillsyncError } from '../../errors.ts';
import { parseJson } from '../../json.ts';
import { type DocumentFault, documentError } from '../document-error.ts';
import { ValueScanner } from '../scan-value.ts';
import { mostDepth } from '../storable.ts';
import { type JsonTreeOptions, mostTreeLevels, type TreeNode, type TreePart } from './tree-part.ts';

// What is expected next inside the node under way, or inside its list of children.
type Expected =
  | 'document'
  | 'key or end'
  | 'key'
  | 'colon'
  | 'value'
  | 'comma or end'
  | 'child or end'
  | 'child'
  | 'comma or list end'
  | 'nothing';

/** A node under way: the text of its own members, null standing for the list of children. */
interface Frame {
  pieces: Uint8Array[];
  bytes: number;
  hasLossyNumber: boolean;
  depth: number;
  /** Whether it has the member at all, and whether it is a list. */
  hasChildren: boolean;
  hasList: boolean;
}

const openingLength = 1_000;
const comma = 0x2c;
const nullText = Buffer.from('null');
const endText = Buffer.from('}');

/** The walk itself, for readers that get their pieces otherwise. */
export class TreeReader {
  private readonly childrenKey: Buffer;
  private readonly childrenMember: string;
  private readonly maxBytes: number;
  private readonly excerpt: (text: string) => string;
  private readonly frames: Frame[] = [];
  private parts: TreePart[] = [];
  private expected: Expected = 'document';
  private opening: Buffer = Buffer.alloc(0);
  private marked = 0;
  // The piece under way, and where in it the text begins that is not kept yet.
  private piece: Uint8Array = Buffer.alloc(0);
  private from = 0;
  private scanner: ValueScanner | null = null;
  private isKey = false;
  // The key under way, as far as it may still be that of the children.
  private key: Buffer = Buffer.alloc(0);
  private isChildrenKey = false;

  constructor(options: JsonTreeOptions) {
    this.childrenMember = options.children;
    this.childrenKey = Buffer.from(JSON.stringify(options.children));
    this.maxBytes = options.maxNodeBytes ?? 4 * 1024 * 1024;
    this.excerpt = options.excerpt;
  }

  /** Bytes that are held until their node ends: what bounds the memory. */
  get heldBytes(): number {
    return this.frames.reduce((sum, frame) => sum + frame.bytes, 0);
  }

  read(bytes: Uint8Array): TreePart[] {
    this.parts = [];
    if (this.opening.length < openingLength) {
      this.opening = Buffer.concat([this.opening, bytes.subarray(0, openingLength - this.opening.length)]);
    }
    this.piece = bytes;
    this.from = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.scanner !== null) {
        at = this.continueValue(this.scanner, bytes, at);
        continue;
      }
      const byte = bytes[at] as number;
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) at++;
      else at = this.step(byte, at);
    }
    if (this.frames.length > 0 && !this.inList()) this.keepUpTo(bytes.length);
    return this.parts;
  }

  /** After the last piece. */
  finish(): void {
    const opening = this.opening.toString('utf8').replace(/^\uFEFF/, '');
    if (opening.trim() === '') throw this.fault('body_empty');
    if (this.expected !== 'nothing') throw this.fault('body_truncated');
  }

  private inList(): boolean {
    return this.expected === 'child or end' || this.expected === 'child' || this.expected === 'comma or list end';
  }

  /** Acts on one byte that is no white space; returns where to go on (the same place when a value begins). */
  private step(byte: number, at: number): number {
    switch (this.expected) {
      case 'document':
        return this.beginDocument(byte, at);
      case 'key or end':
      case 'key':
        if (byte === 0x7d && this.expected === 'key or end') return this.endNode(at);
        if (byte !== 0x22) throw this.broken();
        return this.beginValue(at, true);
      case 'colon':
        return this.expect(byte === 0x3a, 'value', at);
      case 'value':
        if (byte === 0x5b && this.isChildrenKey) return this.beginList(at);
        return this.beginValue(at, false);
      case 'comma or end':
        if (byte === 0x7d) return this.endNode(at);
        return this.expect(byte === comma, 'key', at);
      case 'child or end':
      case 'child':
        if (byte === 0x5d && this.expected === 'child or end') return this.endList(at);
        return this.beginChild(byte, at);
      case 'comma or list end':
        if (byte === 0x5d) return this.endList(at);
        return this.expect(byte === comma, 'child', at);
      case 'nothing':
        throw this.fault('body_not_json', 'something follows its end');
    }
  }

  private beginDocument(byte: number, at: number): number {
    // A UTF-8 byte order mark is accepted; its three bytes may come one by one.
    if (this.marked < 3 && byte === [0xef, 0xbb, 0xbf][this.marked]) {
      this.marked++;
      return at + 1;
    }
    if (byte === 0x7b) return this.beginNode(at);
    if (byte === 0 || byte === 0xff || byte === 0xfe) throw this.fault('body_not_utf8');
    if (byte === 0x5b) throw this.fault('body_wrong_shape', 'an array came where an object belongs');
    throw this.fault('body_not_json');
  }

  private beginChild(byte: number, at: number): number {
    if (byte === 0x7b) {
      if (this.expected === 'child or end') this.parts.push(this.partOf('open', [...this.frame().pieces, endText]));
      return this.beginNode(at);
    }
    if (byte === 0x5d || byte === comma) throw this.broken();
    throw this.fault('body_wrong_shape', `an element of ${this.childrenMember} is not an object`);
  }

  private beginNode(at: number): number {
    if (this.frames.length > mostTreeLevels) {
      throw this.fault('body_wrong_shape', `its nodes are nested deeper than ${mostTreeLevels} levels`);
    }
    this.frames.push({
      pieces: [Buffer.from('{')],
      bytes: 1,
      hasLossyNumber: false,
      depth: 1,
      hasChildren: false,
      hasList: false,
    });
    this.from = at + 1;
    return this.expect(true, 'key or end', at);
  }

  private beginList(at: number): number {
    const frame = this.frame();
    frame.hasList = true;
    this.keepUpTo(at);
    frame.pieces.push(nullText);
    return this.expect(true, 'child or end', at);
  }

  private endList(at: number): number {
    this.from = at + 1;
    return this.expect(true, 'comma or end', at);
  }

  private endNode(at: number): number {
    this.keepUpTo(at + 1);
    this.parts.push(this.partOf('close', this.frame().pieces));
    this.frames.pop();
    return this.expect(true, this.frames.length === 0 ? 'nothing' : 'comma or list end', at);
  }

  private beginValue(at: number, isKey: boolean): number {
    this.scanner = new ValueScanner();
    this.isKey = isKey;
    this.key = Buffer.alloc(0);
    return at;
  }

  private continueValue(scanner: ValueScanner, bytes: Uint8Array, at: number): number {
    const end = scanner.scan(bytes, at);
    const piece = bytes.subarray(at, end === -1 ? bytes.length : end);
    if (this.isKey && this.key.length <= this.childrenKey.length) {
      this.key = this.key.length === 0 ? view(piece) : Buffer.concat([this.key, piece]);
      // The sender may reuse its buffer.
      if (end === -1) this.key = Buffer.from(this.key.subarray(0, this.childrenKey.length + 1));
    }
    if (end === -1) return bytes.length;
    this.scanner = null;
    if (this.isKey) this.endKey();
    else this.endValue(scanner);
    return end;
  }

  private endKey(): void {
    const frame = this.frame();
    this.isChildrenKey = this.key.equals(this.childrenKey);
    // Parsers differ in which of the two they take.
    if (this.isChildrenKey && frame.hasChildren) {
      throw this.fault('body_not_json', `a node has ${this.childrenMember} twice`);
    }
    frame.hasChildren ||= this.isChildrenKey;
    this.expected = 'colon';
  }

  private endValue(scanner: ValueScanner): void {
    const frame = this.frame();
    frame.hasLossyNumber ||= scanner.hasLossyNumber;
    frame.depth = Math.max(frame.depth, scanner.depth + 1);
    this.expected = 'comma or end';
  }

  /** Keeps the text of the node under way up to this place. Copied: the sender may reuse its buffer. */
  private keepUpTo(end: number): void {
    const frame = this.frame();
    frame.bytes += end - this.from;
    if (frame.bytes > this.maxBytes) {
      throw this.fault('body_too_large', 'one node without its children is that large');
    }
    if (end > this.from) frame.pieces.push(Buffer.from(this.piece.subarray(this.from, end)));
  }

  private frame(): Frame {
    return this.frames.at(-1) as Frame;
  }

  private expect(isRight: boolean, next: Expected, at: number): number {
    if (!isRight) throw this.broken();
    this.expected = next;
    return at + 1;
  }

  private partOf(type: TreePart['type'], pieces: readonly Uint8Array[]): TreePart {
    const { hasLossyNumber, depth: levels, hasList } = this.frame();
    const bytes = Buffer.concat(pieces);
    const text = bytes.toString('utf8');
    const isTooDeep = levels > mostDepth;
    const depth = this.frames.length - 1;
    try {
      const node = (hasLossyNumber && !isTooDeep ? parseJson(text) : JSON.parse(text)) as TreeNode;
      if (hasList) delete node[this.childrenMember];
      const part: TreePart = { type, depth, node, hasList };
      if (isTooDeep) return { ...part, fault: 'too_deep' };
      return text.includes('\uFFFD') && !isUtf8(bytes) ? { ...part, fault: 'not_utf8' } : part;
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw this.broken();
    }
  }

  private broken(): TillsyncError {
    return this.fault('body_not_json', `it breaks ${this.frames.length} levels below its begin`);
  }

  private fault(fault: DocumentFault, detail?: string): TillsyncError {
    const excerpt = this.excerpt(this.opening.toString('utf8'));
    return documentError(fault, detail === undefined ? { excerpt } : { excerpt, detail });
  }
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
