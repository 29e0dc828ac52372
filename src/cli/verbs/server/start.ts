// tillsync start: the HTTP server and a worker, until Ctrl-C or SIGTERM.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { wholeNumber } from '../../parse-options.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { requestedBy, withApp } from '../../with-app.ts';
import { firstAdminLink } from '../people/first-admin-link.ts';
import { aborted, startWorkerOf } from './worker.ts';

interface StartOptions {
  port?: number;
  host?: string;
  pgPort?: number;
}

export const startVerb: Verb = {
  define(command) {
    command
      .option('--port <number>', 'port to listen on, 0 takes a free one (default: 4600)', wholeNumber(0, 65535))
      .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
      .option('--pg-port <number>', 'open the embedded PostgreSQL on this loopback port', wholeNumber(1, 65535))
      .addHelpText(
        'after',
        `\nIt brings the database to this version first, and ends runs whose process has died.\n${examples(
          'tillsync start',
          'tillsync start --port 8080 --pg-port 5433',
        )}`,
      )
      .action((_options: StartOptions, self: Command) => {
        const options = optionsOf<StartOptions>(self);
        return withApp(self, (app, signal) => start(app, { options, signal }), {
          schema: 'migrate',
          stopsItself: true,
          logs: true,
          needsKey: true,
          slots: (config) => config.workerSlots,
          serves: true,
          ...(options.pgPort === undefined ? {} : { pgPort: options.pgPort }),
        });
      });
  },
};

async function start(
  app: App,
  given: { options: StartOptions & { json?: boolean }; signal: AbortSignal },
): Promise<number> {
  const { options, signal } = given;
  const { config } = app;
  const { startServer } = await import('../../../api/start-server.ts');
  const at = { host: config.host, port: config.port };
  const server = await startServer({ deps: app.deps, config }, at);
  const worker = await startWorkerOf(app).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  try {
    const firstKey = await makeFirstKey(app);
    const firstAdmin = await firstAdminLink(app, server.url);
    const database = app.embedded?.pgPort ?? null;
    if (options.json === true) {
      writeJson({ url: server.url, first_key: firstKey, first_admin: firstAdmin, postgres: database });
    } else {
      writeOut(`tillsync listens on ${server.url}\n`);
      if (firstKey !== null) writeOut(`First API key (shown only now): ${firstKey}\n`);
      if (firstAdmin !== null) writeOut(`First admin (this link works once, for one hour): ${firstAdmin}\n`);
      if (database !== null) {
        const { user, password, port } = database;
        writeOut(`PostgreSQL: postgresql://${user}:${password}@127.0.0.1:${port}/tillsync\n`);
      }
      writeTalk('Ctrl-C stops it.\n');
    }
    await aborted(signal);
    writeTalk('Stopping …\n');
  } finally {
    // Both at once: what the server still answers may wait for a run, and the runs have their own patience.
    await Promise.all([server.stop(), worker.stop()]);
  }
  return 0;
}

// Where an admin key is set, somebody has a key already.
async function makeFirstKey(app: App): Promise<string | null> {
  if (app.config.adminKey !== null) return null;
  const { createFirstKey } = await import('../../../access/create-key.ts');
  return (await createFirstKey(app.database, requestedBy()))?.key ?? null;
}
