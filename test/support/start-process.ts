// Starts a TypeScript program as a process of its own and reads its first line of JSON.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterFile } from './after-file.ts';

const running = new Set<ChildProcess>();

afterFile(() => {
  for (const child of running) child.kill('SIGKILL');
});

export interface StartedProcess<Said> {
  child: ChildProcess;
  /** The first line that it wrote on stdout, parsed. */
  said: Said;
  /** Resolves when the process has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Runs `file` on this Node; rejects when it ends without a word, with what it wrote on stderr. */
export async function startProcess<Said>(
  file: string,
  words: readonly string[],
  options: SpawnOptions = {},
): Promise<StartedProcess<Said>> {
  const child = spawn(process.execPath, [file, ...words], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const ended = once(child, 'exit').then(([code, signal]) => {
    running.delete(child);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  let complaint = '';
  child.stderr?.on('data', (text) => {
    complaint += String(text);
  });
  const lines = createInterface({ input: child.stdout! });
  const line = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    lines.once('close', () => reject(new Error(`${file} ended without a word: ${complaint}`)));
  });
  return { child, said: JSON.parse(line) as Said, ended };
}
