// Opens whoever answers a verb: a server where one was named, else the database of this machine.
import type { Command } from 'commander';
import { inputError } from '../../errors.ts';
import type { ApiClient } from '../../net/api-client.ts';
import { configOf, listenForStop, type OpenOptions, serverOf, withApp } from '../with-app.ts';
import type { Backend } from './backend.ts';

/** Runs a verb on a backend and sets the exit code that it returns. `signal` ends with Ctrl-C or SIGTERM. */
export async function withBackend(
  command: Command,
  work: (backend: Backend, signal: AbortSignal) => Promise<number>,
  open: OpenOptions = {},
): Promise<void> {
  const url = serverOf(command);
  if (url === null) {
    return await withApp(
      command,
      async (app, signal) => {
        const { localBackend } = await import('./local-backend.ts');
        return await work(localBackend(app), signal);
      },
      open,
    );
  }
  const { remoteBackend } = await import('./remote-backend.ts');
  await withClient(command, (client, signal) => work(remoteBackend(client), signal), open);
}

/** Runs a verb on a client of the server that was named. `signal` ends with Ctrl-C or SIGTERM. */
export async function withClient(
  command: Command,
  work: (client: ApiClient, signal: AbortSignal) => Promise<number>,
  open: Pick<OpenOptions, 'stopsItself'> = {},
): Promise<void> {
  const { apiKey } = configOf(command);
  if (apiKey === null) {
    throw inputError(
      'api_key_not_set',
      'No API key is set for the server.',
      'Set TILLSYNC_API_KEY; make a key with `tillsync keys create` on the machine of the server.',
    );
  }
  const { openApiClient } = await import('../../net/api-client.ts');
  const client = await openApiClient({ url: serverOf(command) ?? '', apiKey });
  const stop = new AbortController();
  const interrupted = listenForStop(stop);
  try {
    const working = work(client, stop.signal);
    process.exitCode = open.stopsItself === true ? await working : await Promise.race([working, interrupted.code]);
  } finally {
    await client.close();
    interrupted.end();
  }
}
