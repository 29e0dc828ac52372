// One process at a time starts or stops the cluster of a data folder; the kernel lets go of the lock when its holder dies.
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { embeddedError, systemCode } from '../embedded-error.ts';

const patience = 120_000;

/**
 * Runs `work` while no other process of this machine holds the lock of `folder` (an absolute path).
 * The lock is an abstract unix socket: binding its name is atomic, and it leaves no file behind after kill -9.
 * Throws data_folder_busy after two minutes.
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const name = `\0tillsync-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`;
  const deadline = Date.now() + patience;
  for (;;) {
    const server = await bind(name);
    if (server) {
      try {
        return await work();
      } finally {
        await new Promise((resolve) => server.close(resolve));
      }
    }
    if (Date.now() > deadline) {
      throw embeddedError(
        'data_folder_busy',
        `Another process has been starting or stopping ${folder} for 2 minutes.`,
        {
          hint: 'End that process (look for `tillsync` in the process list), then try again.',
        },
      );
    }
    await wait(20);
  }
}

function bind(name: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => (systemCode(error) === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(name, () => resolve(server));
  });
}
