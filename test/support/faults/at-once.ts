// Runs many pieces of work, a few at a time.

/** Calls `work` for every entry, at most `width` at the same time; the results stand in the order of the entries. */
export async function atOnce<T, R>(
  width: number,
  entries: readonly T[],
  work: (entry: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    while (next < entries.length) {
      const index = next++;
      results[index] = await work(entries[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, entries.length) }, lane));
  return results;
}
