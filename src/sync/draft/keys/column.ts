// A column of numbers that grows block by block: nothing is copied, and a block that nobody wrote to is not there.

const blockBits = 14;
const blockLength = 1 << blockBits;

type Numbers = Uint16Array | Uint32Array | Int32Array | Float64Array;

/** 0 where nothing was written. */
export class Column {
  private readonly make: (length: number) => Numbers;
  private readonly blocks: (Numbers | undefined)[] = [];

  constructor(make: (length: number) => Numbers) {
    this.make = make;
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
      block = this.make(blockLength);
      this.blocks[at] = block;
    }
    block[index & (blockLength - 1)] = value;
  }
}
