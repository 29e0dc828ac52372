// A column of numbers that grows block by block: nothing is copied, and a block that nobody wrote to is not there.

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
    return block === undefined ? 0 : (block[index & (blockLength - 1)] as number);
  }

  set(index: number, value: number): void {
    const at = index >>> blockBits;
    let block = this.blocks[at];
    if (block === undefined) {
      if (value === 0) return;
      block = this.blockOf(0, blockLength);
      this.blocks[at] = block;
    }
    const within = index & (blockLength - 1);
    block[within] = value;
    if (block[within] !== value) this.blocks[at] = this.widened(block, within, value);
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
