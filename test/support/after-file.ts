// What is ended after each test file: test files share a process, so a hook at the top of a module would serve the first of them only.

const ends: (() => unknown)[] = [];

/** Calls `end` after every test file from now on, those of what was loaded first last. */
export function afterFile(end: () => unknown): void {
  ends.unshift(end);
}

/** For test/support/each-file.ts. All of them are called; throws what the first that failed threw. */
export async function endFile(): Promise<void> {
  const failures: unknown[] = [];
  for (const end of ends) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
