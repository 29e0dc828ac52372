// Every key of one kind with both fingerprints, in typed arrays: a million incoming keys of 9 characters take 108 MB.
import { contentHashDigits, fingerprintDigits } from '../../catalog/fingerprint.ts';
import { itemKey, type Kind } from '../../catalog/item.ts';
import type { StoredKey } from '../../records/items/read-keys.ts';

/** What the plan would do with a key; 'compare' = the stored fingerprint differs or is not known. */
export type Verdict = 'absent' | 'unchanged' | 'created' | 'restored' | 'compare';

/** The item that a key stands for in the payload. */
export interface IncomingItem {
  /** Fingerprint, 48 hex digits. */
  hash: string;
  preference: number;
  /** Whether the price the guard looks at is known. */
  priced: boolean;
}

const stored = 1;
const removed = 2;
const hashKnown = 4;
const incoming = 8;
const rejected = 16;
const priced = 32;
const differing = 64;
const written = 128;
const outdated = 256;
const pathless = 512;
const gone = 1024;
const tombstone = 2048;

// A fingerprint: 16 bytes of content hash, then 8 of text hash (catalog/fingerprint.ts).
const hashBytes = fingerprintDigits / 2;
const contentBytes = contentHashDigits / 2;

/** Keys are named by their index, from 0 to size - 1, in the order in which they were met. */
export class KeyTable {
  readonly kind: Kind;
  private readonly indexes = new Map<string, number>();
  private readonly keys: string[] = [];
  private flags = new Uint16Array(1024);
  private preferences = new Float64Array(1024);
  /** Made with the first stored row that has one: a first sync needs none. */
  private storedHashes: Buffer = Buffer.alloc(0);
  private hashes: Buffer = Buffer.alloc(1024 * hashBytes);
  /** Copies of the keys that came more than once. */
  private readonly repeats = new Map<number, number>();

  constructor(kind: Kind) {
    this.kind = kind;
  }

  get size(): number {
    return this.keys.length;
  }

  /** The index of a key, added when it is new. */
  indexOf(externalId: string, pathId: string | null): number {
    const key = itemKey(this.kind, externalId, pathId);
    const known = this.indexes.get(key);
    if (known !== undefined) return known;
    const index = this.keys.length;
    if (index === this.flags.length) this.grow();
    this.keys.push(key);
    this.indexes.set(key, index);
    return index;
  }

  /** The index of a key, or -1. */
  find(externalId: string, pathId: string | null): number {
    return this.indexes.get(itemKey(this.kind, externalId, pathId)) ?? -1;
  }

  /** As itemKey() makes it. */
  keyOf(index: number): string {
    return this.keys[index] as string;
  }

  externalIdOf(index: number): string {
    const key = this.keyOf(index);
    const end = this.kind === 'modifiers' ? key.indexOf('\u0001') : -1;
    return end === -1 ? key : key.slice(0, end);
  }

  /** Path of the key; null for kinds whose key has none. */
  pathIdOf(index: number): string | null {
    const key = this.keyOf(index);
    const end = this.kind === 'modifiers' ? key.indexOf('\u0001') : -1;
    return end === -1 ? null : key.slice(end + 1);
  }

  /** Notes the stored row of a key. */
  addStored(row: StoredKey): void {
    const index = this.indexOf(row.externalId, row.pathId);
    this.set(index, stored | (row.removed ? removed : 0) | (row.hash === '' ? 0 : hashKnown));
    if (row.hash !== '') {
      if (this.storedHashes.length < this.hashes.length)
        this.storedHashes = enlarged(this.storedHashes, this.hashes.length);
      writeHex(this.storedHashes, index, row.hash);
    }
  }

  isStored(index: number): boolean {
    return this.has(index, stored);
  }

  /** Whether the stored row is there and not removed. */
  isLive(index: number): boolean {
    return (this.flagsOf(index) & (stored | removed)) === stored;
  }

  /** Whether the stored row is there and has a fingerprint. */
  isHashKnown(index: number): boolean {
    return this.has(index, hashKnown);
  }

  /** Content hash of the stored row, 32 hex digits; '' = not known, or no stored row. */
  storedHashOf(index: number): string {
    return this.has(index, hashKnown) ? contentOf(this.storedHashes, index) : '';
  }

  /** The path that the stored row has now; differs from the key's while an adopted row waits for its path. */
  storedPathIdOf(index: number): string | null {
    return this.has(index, pathless) ? null : this.pathIdOf(index);
  }

  /** Gives the stored row of one key, adopted without a path, to another one; the first is then no key any more. */
  moveStored(from: number, to: number): void {
    // Such a row has no fingerprint yet.
    this.set(to, stored | pathless | (this.flagsOf(from) & removed));
    this.indexes.delete(this.keyOf(from));
    this.flags[from] = gone;
  }

  isIncoming(index: number): boolean {
    return this.has(index, incoming);
  }

  /** Content hash of the incoming item, 32 hex digits; '' = none came. */
  hashOf(index: number): string {
    return this.isIncoming(index) ? contentOf(this.hashes, index) : '';
  }

  /** Fingerprint of the incoming item, 48 hex digits. */
  fingerprintOf(index: number): string {
    return this.hashes.toString('hex', index * hashBytes, (index + 1) * hashBytes);
  }

  /** Whether the stored row has the very text of an item: then its content is the same, too. */
  hasStoredText(index: number, textHash: string): boolean {
    return this.has(index, hashKnown) && isHex(this.storedHashes, index * hashBytes + contentBytes, textHash);
  }

  /** The same of the item that came before. */
  hasText(index: number, textHash: string): boolean {
    return this.isIncoming(index) && isHex(this.hashes, index * hashBytes + contentBytes, textHash);
  }

  preferenceOf(index: number): number {
    return this.preferences[index] as number;
  }

  setIncoming(index: number, item: IncomingItem): void {
    this.noteIncoming(index, item);
    writeHex(this.hashes, index, item.hash);
  }

  /** The same for an item that has the text of the stored row, and with it its fingerprint. */
  setAsStored(index: number, item: Omit<IncomingItem, 'hash'>): void {
    const from = index * hashBytes;
    this.noteIncoming(index, item);
    this.storedHashes.copy(this.hashes, from, from, from + hashBytes);
  }

  isPriced(index: number): boolean {
    return this.has(index, priced);
  }

  /** Counts one more copy of a key that came before. */
  repeat(index: number, isIdentical: boolean): void {
    this.repeats.set(index, (this.repeats.get(index) ?? 1) + 1);
    if (!isIdentical) this.set(index, differing);
  }

  /** The keys that came more than once: how often, and whether always with the same content. */
  *repeated(): Generator<{ index: number; copies: number; identical: boolean }, void, void> {
    for (const [index, copies] of this.repeats) yield { index, copies, identical: !this.has(index, differing) };
  }

  /** A reject had this key: it counts as seen and the stored row stays as it is. */
  isRejected(index: number): boolean {
    return this.has(index, rejected);
  }

  setRejected(index: number): void {
    this.set(index, rejected);
  }

  /** The POS said that this key is gone. */
  isTombstone(index: number): boolean {
    return this.has(index, tombstone);
  }

  setTombstone(index: number): void {
    this.set(index, tombstone);
  }

  /** Whether the new row is on its way into the table already. */
  isWritten(index: number): boolean {
    return this.has(index, written);
  }

  setWritten(index: number): void {
    this.set(index, written);
  }

  /** Whether another copy of the key won after its row was written. */
  isOutdated(index: number): boolean {
    return this.has(index, outdated);
  }

  setOutdated(index: number): void {
    this.set(index, outdated);
  }

  isGone(index: number): boolean {
    return this.has(index, gone);
  }

  /** The verdict on one key, from fingerprints alone. */
  verdictOf(index: number): Verdict {
    const flags = this.flagsOf(index);
    if ((flags & incoming) === 0) return 'absent';
    if ((flags & stored) === 0) return 'created';
    if ((flags & removed) !== 0) return 'restored';
    return (flags & hashKnown) !== 0 && this.hasEqualHashes(index) ? 'unchanged' : 'compare';
  }

  private hasEqualHashes(index: number): boolean {
    const from = index * hashBytes;
    for (let at = from; at < from + contentBytes; at++) if (this.hashes[at] !== this.storedHashes[at]) return false;
    return true;
  }

  private noteIncoming(index: number, item: Omit<IncomingItem, 'hash'>): void {
    this.flags[index] = (this.flagsOf(index) & ~priced) | incoming | (item.priced ? priced : 0);
    this.preferences[index] = item.preference;
  }

  private flagsOf(index: number): number {
    return this.flags[index] as number;
  }

  private has(index: number, flag: number): boolean {
    return (this.flagsOf(index) & flag) !== 0;
  }

  private set(index: number, flag: number): void {
    this.flags[index] = this.flagsOf(index) | flag;
  }

  private grow(): void {
    const size = this.flags.length * 2;
    const flags = new Uint16Array(size);
    flags.set(this.flags);
    this.flags = flags;
    const preferences = new Float64Array(size);
    preferences.set(this.preferences);
    this.preferences = preferences;
    this.hashes = enlarged(this.hashes, size * hashBytes);
  }
}

function enlarged(hashes: Buffer, length: number): Buffer {
  return Buffer.concat([hashes], length);
}

const nibbles = new Uint8Array(256);
for (const [value, digit] of [...'0123456789abcdef'].entries()) nibbles[digit.charCodeAt(0)] = value;

function byteAt(hex: string, at: number): number {
  return ((nibbles[hex.charCodeAt(2 * at)] as number) << 4) | (nibbles[hex.charCodeAt(2 * at + 1)] as number);
}

// A few turns of a loop cost less than one call into the runtime.
function writeHex(hashes: Buffer, index: number, hex: string): void {
  for (let at = 0; at < hashBytes; at++) hashes[index * hashBytes + at] = byteAt(hex, at);
}

function isHex(hashes: Buffer, from: number, hex: string): boolean {
  for (let at = 0; at < hex.length / 2; at++) if (hashes[from + at] !== byteAt(hex, at)) return false;
  return true;
}

function contentOf(hashes: Buffer, index: number): string {
  return hashes.toString('hex', index * hashBytes, index * hashBytes + contentBytes);
}
