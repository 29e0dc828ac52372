// The tillsync command as a process of its own, for measurements through the front door.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const main = join(import.meta.dirname, '../../src/cli/main.ts');

export interface Command {
  child: ChildProcess;
  /** The first line of JSON that it wrote. */
  said: Record<string, unknown>;
  /** SIGTERM, then its end. */
  stop(): Promise<void>;
}

/** Starts `tillsync <words> --json` over a database; rejects with what it wrote on stderr when it ends without a word. */
export async function startCommand(
  words: readonly string[],
  of: { url: string; environment: Record<string, string> },
): Promise<Command> {
  const child = spawn(process.execPath, [main, ...words, '--json', '--database-url', of.url], {
    env: { PATH: '/usr/bin:/bin', TILLSYNC_LOG_LEVEL: 'error', ...of.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let complaint = '';
  child.stderr?.on('data', (text) => {
    complaint += String(text);
  });
  const text = await new Promise<string>((resolve, reject) => {
    const lines = createInterface({ input: child.stdout! });
    let all = '';
    lines.on('line', (line) => {
      all += line;
      try {
        resolve(JSON.stringify(JSON.parse(all)));
      } catch {
        // The document goes on in the next line.
      }
    });
    lines.once('close', () => reject(new Error(`tillsync ${words.join(' ')} ended without a word: ${complaint}`)));
  });
  return {
    child,
    said: JSON.parse(text) as Record<string, unknown>,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
