// Every key of one kind with both fingerprints, in typed arrays: a million incoming keys of 12 characters take about 56 MB.
import { itemKey, type Kind } from '../../catalog/item.ts';
import type { StoredKey } from '../../records/items/read-keys.ts';
import { Column } from './keys/column.ts';
import { HashColumn } from './keys/hash-column.ts';
import { TextIndex } from './keys/text-index.ts';

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
// The incoming item has the fingerprint of the stored row: it is kept once.
const asStored = 4096;

/** Keys are named by their index, from 0 to size - 1, in the order in which they were met. */
export class KeyTable {
  readonly kind: Kind;
  private readonly keys = new TextIndex();
  private readonly flags = new Column(Uint16Array);
  // Of most connectors 0 or 1; of others times and versions.
  private readonly preferences = new Column(Uint8Array, Float64Array);
  private readonly storedHashes = new HashColumn();
  private readonly hashes = new HashColumn();
  /** Copies of the keys that came more than once. */
  private readonly repeats = new Map<number, number>();

  constructor(kind: Kind) {
    this.kind = kind;
  }

  get size(): number {
    return this.keys.size;
  }

  /** The index of a key, added when it is new. */
  indexOf(externalId: string, pathId: string | null): number {
    return this.keys.add(itemKey(this.kind, externalId, pathId));
  }

  /** The index of a key, or -1. */
  find(externalId: string, pathId: string | null): number {
    return this.keys.find(itemKey(this.kind, externalId, pathId));
  }

  /** As itemKey() makes it. */
  keyOf(index: number): string {
    return this.keys.textAt(index);
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
    if (row.hash !== '') this.storedHashes.write(index, row.hash);
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
    return this.has(index, hashKnown) ? this.storedHashes.contentAt(index) : '';
  }

  /** The path that the stored row has now; differs from the key's while an adopted row waits for its path. */
  storedPathIdOf(index: number): string | null {
    return this.has(index, pathless) ? null : this.pathIdOf(index);
  }

  /** Gives the stored row of one key, adopted without a path, to another one; the first is then no key any more. */
  moveStored(from: number, to: number): void {
    // Such a row has no fingerprint yet.
    this.set(to, stored | pathless | (this.flagsOf(from) & removed));
    this.keys.forget(from);
    this.flags.set(from, gone);
  }

  isIncoming(index: number): boolean {
    return this.has(index, incoming);
  }

  /** Content hash of the incoming item, 32 hex digits; '' = none came. */
  hashOf(index: number): string {
    return this.isIncoming(index) ? this.incomingHashes(index).contentAt(index) : '';
  }

  /** Fingerprint of the incoming item, 48 hex digits. */
  fingerprintOf(index: number): string {
    return this.incomingHashes(index).fingerprintAt(index);
  }

  /** Whether the stored row has the very text of an item: then its content is the same, too. */
  hasStoredText(index: number, textHash: string): boolean {
    return this.has(index, hashKnown) && this.storedHashes.hasText(index, textHash);
  }

  /** The same of the item that came before. */
  hasText(index: number, textHash: string): boolean {
    return this.isIncoming(index) && this.incomingHashes(index).hasText(index, textHash);
  }

  preferenceOf(index: number): number {
    return this.preferences.get(index);
  }

  setIncoming(index: number, item: IncomingItem): void {
    this.noteIncoming(index, item, 0);
    this.hashes.write(index, item.hash);
  }

  /** The same for an item that has the text of the stored row, and with it its fingerprint. */
  setAsStored(index: number, item: Omit<IncomingItem, 'hash'>): void {
    this.noteIncoming(index, item, asStored);
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
    if ((flags & asStored) !== 0) return 'unchanged';
    return (flags & hashKnown) !== 0 && this.hashes.hasContentOf(this.storedHashes, index) ? 'unchanged' : 'compare';
  }

  private incomingHashes(index: number): HashColumn {
    return this.has(index, asStored) ? this.storedHashes : this.hashes;
  }

  private noteIncoming(index: number, item: Omit<IncomingItem, 'hash'>, hashes: typeof asStored | 0): void {
    const kept = this.flagsOf(index) & ~(priced | asStored);
    this.flags.set(index, kept | incoming | hashes | (item.priced ? priced : 0));
    this.preferences.set(index, item.preference);
  }

  private flagsOf(index: number): number {
    return this.flags.get(index);
  }

  private has(index: number, flag: number): boolean {
    return (this.flagsOf(index) & flag) !== 0;
  }

  private set(index: number, flag: number): void {
    this.flags.set(index, this.flagsOf(index) | flag);
  }
}
