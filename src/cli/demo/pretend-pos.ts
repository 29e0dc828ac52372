// The pretend POS of the demo: a process of its own, ended with this one.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ConnectorDemo } from '../../connectors/connector.ts';

export interface PretendPos {
  url: string;
  /** Changes its catalog or its manners, e.g. {change: 12} or {answer: 'empty', times: 1}. */
  command(command: Readonly<Record<string, unknown>>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it on a free port. */
export async function startPretendPos(demo: ConnectorDemo): Promise<PretendPos> {
  const child = fork(fileURLToPath(demo.server), [], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], env: {} });
  // Ctrl-C in a terminal reaches the whole group; the demo ends the POS itself, after the last answer.
  const exited = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the pretend POS ended with ${code}`)));
    child.stdout?.once('data', (line: Buffer) => resolve(line.toString().trim()));
  });
  return {
    url,
    async command(command) {
      const { request } = await import('node:http');
      await new Promise<void>((resolve, reject) => {
        const sent = request(`${url}/control`, { method: 'POST' }, (answer) => {
          answer.resume();
          answer.once('end', () =>
            answer.statusCode === 200 ? resolve() : reject(new Error('the pretend POS refused')),
          );
        });
        sent.once('error', reject);
        sent.end(JSON.stringify(command));
      });
    },
    async stop() {
      if (child.exitCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
}
