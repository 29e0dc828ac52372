// How long the first block of a column is: most catalogs have some hundred items, and a sync would make megabytes of zeros.

/**
 * Places of the first block once it holds this index: 256, 1024, 4096 or 16,384. With whole blocks from the start, collecting
 * the garbage was half of what Node did for a sync of six items.
 */
export function firstBlockLength(index: number): number {
  let length = 256;
  while (length <= index) length *= 4;
  return length;
}
