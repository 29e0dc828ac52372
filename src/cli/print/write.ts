// Where words go: data to stdout, talk to stderr.

/** Data for a person or a pipe. */
export function writeOut(text: string): void {
  process.stdout.write(text);
}

/** Talk: progress, advice, errors. */
export function writeTalk(text: string): void {
  process.stderr.write(text);
}

/** One JSON document on stdout; numbers kept as text are written verbatim. */
export function writeJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
