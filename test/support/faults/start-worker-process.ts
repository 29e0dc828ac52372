// Starts a worker that stops itself at named points, and talks with it line by line.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterFile } from '../after-file.ts';
import type { Order, Report } from './worker-process.ts';

const program = join(import.meta.dirname, 'worker-process.ts');

export interface WorkerProcess {
  pid: number;
  order(order: Order): void;
  /** The next line that it writes. Rejects when it ends without one. */
  report(): Promise<Report>;
  signal(signal: NodeJS.Signals): void;
  /** Whether it is stopped by a signal, as Linux tells. */
  isStanding(): boolean;
  /** SIGKILL, which ends a stopped process too; resolves when it is gone. */
  kill(): Promise<void>;
}

const running = new Set<WorkerProcess>();

afterFile(() => Promise.all([...running].map((worker) => worker.kill())));

/** Starts one on the database of `url`; ready for its first order. `prefix` runs it elsewhere, e.g. in a network namespace. */
export async function startWorkerProcess(url: string, prefix: readonly string[] = []): Promise<WorkerProcess> {
  const [command = process.execPath, ...words] = [...prefix, process.execPath, program, url];
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => child.stdin.destroy());
  const exited = once(child, 'exit');
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint += String(text);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const worker: WorkerProcess = {
    pid: child.pid ?? 0,
    order: (order) => void child.stdin.write(`${JSON.stringify(order)}\n`),
    async report() {
      const line = await lines.next();
      if (line.done) throw new Error(`the worker ended without a word: ${complaint}`);
      return JSON.parse(line.value);
    },
    signal: (signal) => void child.kill(signal),
    // The state stands behind the name in brackets, which may hold anything.
    isStanding: () => /^.*\) T /s.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8')),
    async kill() {
      running.delete(worker);
      child.kill('SIGKILL');
      await exited;
    },
  };
  running.add(worker);
  await worker.report();
  return worker;
}
