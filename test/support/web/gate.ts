// Stops of a run that a test opens by hand: a gate before a POS, and locks that a save waits for.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Database } from '../../../src/db/database.ts';

export interface Gate {
  /** Stands for the POS behind it. */
  url: string;
  close(): void;
  open(): void;
  stop(): Promise<void>;
}

/** A gate before a POS, open at first: while it is closed, requests wait. */
export async function startGate(pos: { url: string }): Promise<Gate> {
  let opened = Promise.resolve();
  let open: () => void = () => undefined;
  const server = createServer((request, response) => {
    void opened.then(async () => {
      const answer = await fetch(`${pos.url}${request.url}`, { headers: { accept: 'application/json' } });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      opened = new Promise((resolve) => (open = resolve));
    },
    open: () => open(),
    stop: () =>
      new Promise((resolve) => {
        open();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Takes a lock by a statement, and holds it until the function that it gives is called. */
export async function holdLock(
  database: Database,
  statement: string,
  values: unknown[] = [],
): Promise<() => Promise<void>> {
  let free: () => void = () => undefined;
  const freed = new Promise<void>((resolve) => (free = resolve));
  let done: Promise<void> = Promise.resolve();
  await new Promise<void>((taken, failed) => {
    done = database.transaction(async (q) => {
      await q.query(statement, values);
      taken();
      await freed;
    });
    done.catch(failed);
  });
  return async () => {
    free();
    await done;
  };
}
