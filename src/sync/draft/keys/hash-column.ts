// A column of fingerprints: 16 bytes of content hash, then 8 of text hash (catalog/fingerprint.ts), in blocks; only the first one grows.
import { contentHashDigits, fingerprintDigits } from '../../../catalog/fingerprint.ts';
import { firstBlockLength } from './first-block.ts';

const hashBytes = fingerprintDigits / 2;
const contentBytes = contentHashDigits / 2;
const blockBits = 14;
const blockLength = 1 << blockBits;

/** Zeros where nothing was written; who asks knows whether something was. */
export class HashColumn {
  private readonly blocks: (Buffer | undefined)[] = [];

  /** Writes a fingerprint, 48 hex digits. */
  write(index: number, hex: string): void {
    const block = this.blockFor(index);
    const from = fromOf(index);
    // A few turns of a loop cost less than one call into the runtime.
    for (let at = 0; at < hashBytes; at++) block[from + at] = byteAt(hex, at);
  }

  /** 48 hex digits. */
  fingerprintAt(index: number): string {
    return this.blockFor(index).toString('hex', fromOf(index), fromOf(index) + hashBytes);
  }

  /** 32 hex digits. */
  contentAt(index: number): string {
    return this.blockFor(index).toString('hex', fromOf(index), fromOf(index) + contentBytes);
  }

  hasText(index: number, textHash: string): boolean {
    const block = this.blockFor(index);
    const from = fromOf(index) + contentBytes;
    for (let at = 0; at < textHash.length / 2; at++) if (block[from + at] !== byteAt(textHash, at)) return false;
    return true;
  }

  hasContentOf(other: HashColumn, index: number): boolean {
    const [one, two] = [this.blockFor(index), other.blockFor(index)];
    const from = fromOf(index);
    for (let at = from; at < from + contentBytes; at++) if (one[at] !== two[at]) return false;
    return true;
  }

  private blockFor(index: number): Buffer {
    const at = index >>> blockBits;
    const known = this.blocks[at];
    if (known !== undefined && fromOf(index) < known.length) return known;
    const block = Buffer.alloc((at === 0 ? firstBlockLength(index) : blockLength) * hashBytes);
    known?.copy(block);
    this.blocks[at] = block;
    return block;
  }
}

function fromOf(index: number): number {
  return (index & (blockLength - 1)) * hashBytes;
}

const nibbles = new Uint8Array(256);
for (const [value, digit] of [...'0123456789abcdef'].entries()) nibbles[digit.charCodeAt(0)] = value;

function byteAt(hex: string, at: number): number {
  return ((nibbles[hex.charCodeAt(2 * at)] as number) << 4) | (nibbles[hex.charCodeAt(2 * at + 1)] as number);
}
