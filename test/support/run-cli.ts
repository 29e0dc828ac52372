// Runs the real command as a process of its own, in an empty working folder, with nothing of our environment but PATH and
// the compiled code.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterFile } from './after-file.ts';
import { quickPlace } from './quick-place.ts';

const main = join(import.meta.dirname, '../../src/cli/main.ts');
const folders: string[] = [];
const running = new Set<ChildProcess>();

afterFile(() => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunningCli {
  child: ChildProcess;
  /** What it wrote so far. */
  stdout(): string;
  stderr(): string;
  ended: Promise<CliResult>;
}

export interface Cli {
  /** An empty folder, the working folder of every call. */
  folder: string;
  /** Runs to the end; `stdin` is what it reads there. */
  run(words: readonly string[], stdin?: string): Promise<CliResult>;
  /** Runs with --json and parses stdout. */
  json<Answer = Record<string, unknown>>(
    words: readonly string[],
    stdin?: string,
  ): Promise<{ code: number | null; answer: Answer; stderr: string }>;
  /** `diskFull`: whatever it says goes to a disk that is full. */
  start(words: readonly string[], stdin?: string, options?: { diskFull?: boolean }): RunningCli;
}

/** The command with these environment variables, e.g. DATABASE_URL. */
export function openCli(environment: Readonly<Record<string, string>>): Cli {
  const folder = mkdtempSync(join(quickPlace(), 'tillsync-cli-'));
  // The database's own user must get in where it is embedded.
  chmodSync(folder, 0o711);
  folders.push(folder);
  // Some hundred starts: with its code compiled before, each takes half the time.
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const env = { PATH, NODE_COMPILE_CACHE, HOME: folder, NO_COLOR: '1', ...environment };

  function start(words: readonly string[], stdin = '', { diskFull = false } = {}): RunningCli {
    const command = [process.execPath, main, ...words] as const;
    // Nothing that it says can be written.
    const shell = ['/bin/sh', '-c', 'exec "$@" >/dev/full 2>/dev/full', 'sh', ...command] as const;
    const [program, ...rest] = diskFull ? shell : command;
    const child = spawn(program, rest, { cwd: folder, env, stdio: 'pipe' });
    running.add(child);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // A command that does not read its stdin may be gone before it is written.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    const ended = new Promise<CliResult>((resolve) => {
      child.once('close', (code) => {
        running.delete(child);
        resolve({ code, stdout, stderr });
      });
    });
    return { child, stdout: () => stdout, stderr: () => stderr, ended };
  }

  return {
    folder,
    start,
    run: (words, stdin) => start(words, stdin).ended,
    async json<Answer>(words: readonly string[], stdin?: string) {
      const { code, stdout, stderr } = await start([...words, '--json'], stdin).ended;
      try {
        return { code, answer: JSON.parse(stdout) as Answer, stderr };
      } catch {
        throw new Error(`tillsync ${words.join(' ')} wrote no JSON (exit ${code}): ${stdout}${stderr}`);
      }
    },
  };
}
