// Says what a test counted, in one line that stands in the output of the run.

/** Writes `subject: 34 points, 204 in process`. */
export function printCount(subject: string, counts: Readonly<Record<string, number>>): void {
  const parts = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  process.stdout.write(`${subject}: ${parts.join(', ')}\n`);
}

/** Milliseconds for a test of many rounds, most of it work of the processor: some 20 s where nothing else runs. */
export const slowMachine = 480_000;
