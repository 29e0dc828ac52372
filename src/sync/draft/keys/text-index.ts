// Texts numbered in the order in which they came, each once, in typed arrays: a million of 12 characters take about 32 MB.
import { randomInt } from 'node:crypto';
import { Column } from './column.ts';

// Texts lie one behind the other in blocks, which are never copied; a longer text has a block of its own.
const blockBits = 20;
const blockBytes = 1 << blockBits;
// The first blocks are smaller, 16, 64 and 256 KiB: most catalogs need no more, and whole ones are work for the collector.
const firstBits = 14;

const free = -1;
const forgotten = -2;

/** A Map from text to number takes three times as much, and all of it is work for the garbage collector. */
export class TextIndex {
  private count = 0;
  private readonly blocks: Buffer[] = [];
  /** Bytes used of the last block, and how many it has; -1 = there is no block yet. */
  private used = 0;
  private room = -1;
  /** Block and byte at which a text begins. */
  private readonly starts = new Column(Int32Array);
  /** Its bytes times two, plus one where each character takes two of them. */
  private readonly sizes = new Column(Uint8Array, Int32Array);
  private readonly hashes = new Column(Int32Array);
  /** Open addressing: the number of a text, `free` or `forgotten`. */
  private slots = new Int32Array(2048).fill(free);
  private taken = 0;
  // Whoever chooses the texts, as a POS does its ids, cannot know which ones meet in one slot.
  private readonly seed = randomInt(2 ** 31);

  get size(): number {
    return this.count;
  }

  /** The number of a text, or -1. */
  find(text: string): number {
    const found = this.slots[this.slotOf(text, this.hashOf(text))] as number;
    return found === free ? -1 : found;
  }

  /** The number of a text, given when it is new. */
  add(text: string): number {
    const hash = this.hashOf(text);
    const slot = this.slotOf(text, hash);
    const found = this.slots[slot] as number;
    if (found !== free) return found;
    const number = this.count++;
    this.hashes.set(number, hash);
    this.write(number, text);
    this.slots[slot] = number;
    // Half of the slots stay free, so that a text is found within a few steps.
    if (++this.taken * 2 > this.slots.length) this.rehash();
    return number;
  }

  /** The text can still be read by its number, but is found no more. */
  forget(number: number): void {
    const text = this.textAt(number);
    const slot = this.slotOf(text, this.hashOf(text));
    if (this.slots[slot] === number) this.slots[slot] = forgotten;
  }

  textAt(number: number): string {
    const { block, from, size } = this.placeOf(number);
    const to = from + (size >>> 1);
    return (size & 1) === 1 ? block.toString('utf16le', from, to) : block.toString('latin1', from, to);
  }

  /** Where the text is, or else where it would be put. */
  private slotOf(text: string, hash: number): number {
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = this.slots[slot] as number;
      if (number === free || (number !== forgotten && this.hashes.get(number) === hash && this.isAt(number, text)))
        return slot;
    }
  }

  private isAt(number: number, text: string): boolean {
    const { block, from, size } = this.placeOf(number);
    const { length } = text;
    if ((size & 1) === 1) {
      if (size >>> 1 !== 2 * length) return false;
      for (let at = 0; at < length; at++) if (block.readUInt16LE(from + 2 * at) !== text.charCodeAt(at)) return false;
      return true;
    }
    if (size >>> 1 !== length) return false;
    for (let at = 0; at < length; at++) if (block[from + at] !== text.charCodeAt(at)) return false;
    return true;
  }

  private placeOf(number: number): { block: Buffer; from: number; size: number } {
    const start = this.starts.get(number);
    const block = this.blocks[start >>> blockBits] as Buffer;
    return { block, from: start & (blockBytes - 1), size: this.sizes.get(number) };
  }

  private write(number: number, text: string): void {
    const isWide = hasWide(text);
    const bytes = isWide ? 2 * text.length : text.length;
    if (this.used + bytes > this.room) {
      this.room = Math.max(1 << Math.min(blockBits, firstBits + 2 * this.blocks.length), bytes);
      this.blocks.push(Buffer.allocUnsafeSlow(this.room));
      this.used = 0;
    }
    const last = this.blocks.length - 1;
    // UTF-16 keeps halves of characters as they are.
    this.blocks[last]?.write(text, this.used, isWide ? 'utf16le' : 'latin1');
    // Past 2 GiB of texts it is negative, and read without its sign all the same.
    this.starts.set(number, (last * blockBytes + this.used) | 0);
    this.sizes.set(number, bytes * 2 + (isWide ? 1 : 0));
    this.used += bytes;
  }

  private hashOf(text: string): number {
    let hash = this.seed;
    for (let at = 0; at < text.length; at++) {
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x5bd1e995);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2d);
    return hash ^ (hash >>> 16);
  }

  private rehash(): void {
    const old = this.slots;
    const slots = new Int32Array(old.length * 2).fill(free);
    const mask = slots.length - 1;
    this.taken = 0;
    for (const number of old) {
      if (number < 0) continue;
      let slot = this.hashes.get(number) & mask;
      while (slots[slot] !== free) slot = (slot + 1) & mask;
      slots[slot] = number;
      this.taken++;
    }
    this.slots = slots;
  }
}

function hasWide(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 255) return true;
  return false;
}
