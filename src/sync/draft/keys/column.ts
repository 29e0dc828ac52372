// A column of numbers that grows block by block: only the first one is copied, and a block that nobody wrote to is not there.
import { firstBlockLength } from './first-block.ts';

const blockBits = 14;
const blockLength = 1 << blockBits;

// No more than four types in all: what reads from five compiles to a look-up each time.
type Numbers = Uint8Array | Uint16Array | Int32Array | Float64Array;
type NumbersType = new (of: number | Numbers) => Numbers;

/** 0 where nothing was written. */
export class Column {
  private readonly types: readonly NumbersType[];
  private readonly blocks: (Numbers | undefined)[] = [];

  /** From the narrowest type to one that holds every value: a block takes the first that holds all of its own. */
  constructor(...types: readonly NumbersType[]) {
    this.types = types;
  }

  get(index: number): number {
    const block = this.blocks[index >>> blockBits];
    return block?.[index & (blockLength - 1)] ?? 0;
  }

  set(index: number, value: number): void {
    const at = index >>> blockBits;
    const within = index & (blockLength - 1);
    let block = this.blocks[at];
    if (block === undefined || within >= block.length) {
      if (value === 0) return;
      block = this.roomFor(block, at === 0 ? firstBlockLength(within) : blockLength);
      this.blocks[at] = block;
    }
    block[within] = value;
    if (block[within] !== value) this.blocks[at] = this.widened(block, within, value);
  }

  private roomFor(known: Numbers | undefined, length: number): Numbers {
    const type = known === undefined ? 0 : this.types.findIndex((Type) => known instanceof Type);
    const block = this.blockOf(type, length);
    if (known !== undefined) block.set(known);
    return block;
  }

  private blockOf(type: number, of: number | Numbers): Numbers {
    const Type = this.types[type];
    if (Type === undefined) throw new Error('a column was given a number that none of its types holds');
    return new Type(of);
  }

  /** The block in the first wider type that holds the value, too. */
  private widened(narrow: Numbers, within: number, value: number): Numbers {
    const next = this.types.findIndex((Type) => narrow instanceof Type) + 1;
    const block = this.blockOf(next, narrow);
    block[within] = value;
    return block[within] === value ? block : this.widened(block, within, value);
  }
}
