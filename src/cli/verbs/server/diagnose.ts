// tillsync diagnose: a diagnostic bundle without secrets, as a file for whoever helps.
import { writeFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Command } from 'commander';
import { inputError } from '../../../errors.ts';
import { withClient } from '../../backend/with-backend.ts';
import { size } from '../../print/quantities.ts';
import { writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { requestedBy, serverOf, withApp } from '../../with-app.ts';

interface DiagnoseOptions {
  out?: string;
}

export const diagnoseVerb: Verb = {
  define(command) {
    command
      .option(
        '--out <file>',
        'file to write, packed where it ends in .gz (default: tillsync-diagnostics-<time>.json.gz)',
      )
      .addHelpText(
        'after',
        `\nThe bundle holds versions, the queue, workers, key ids, retention, settings, what verify says, sizes of tables, schedules and
the newest 200 failed runs with the ends of their logs. Secrets are taken out; --json prints it instead of writing a file.\n${examples(
          'tillsync diagnose',
          'tillsync diagnose --out /tmp/tillsync.json',
          'tillsync diagnose --json --server https://tillsync.example',
        )}`,
      )
      .action((_options: DiagnoseOptions, self: Command) => diagnose(self));
  },
};

async function diagnose(self: Command): Promise<void> {
  if (serverOf(self) === null) {
    // A schema that does not fit is what somebody may want to have diagnosed.
    return await withApp(
      self,
      async ({ deps }) => {
        const { makeBundle } = await import('../../../sync/system/diagnostic-bundle.ts');
        return await give(self, await makeBundle(deps, { calls: null, actor: requestedBy() }));
      },
      { schema: 'any' },
    );
  }
  const { streamed } = await import('../../backend/remote-calls.ts');
  await withClient(self, async (client, signal) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of await streamed(client, { path: '/system/diagnostics', signal })) pieces.push(piece);
    return await give(self, gunzipSync(Buffer.concat(pieces)).toString('utf8'));
  });
}

/** Prints the bundle, or writes it into a file that is not there yet. */
async function give(self: Command, bundle: string): Promise<number> {
  const { json, out = `tillsync-diagnostics-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.json.gz` } =
    optionsOf<DiagnoseOptions>(self);
  if (json === true) {
    writeOut(`${bundle}\n`);
    return 0;
  }
  const bytes = out.endsWith('.gz') ? gzipSync(bundle) : Buffer.from(`${bundle}\n`);
  await writeNew(out, bytes);
  writeOut(`Wrote ${out}.\n`);
  writeTalk(
    `${size(bytes.length)}, without secrets. Names of integrations and hosts are in it: look through it before you share it.\n`,
  );
  return 0;
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw inputError('file_exists', `The file ${path} is there already.`, 'Name another one with --out.');
    throw inputError(
      'bundle_unwritable',
      `The bundle cannot be written to ${path} (${code}).`,
      'Name another file with --out.',
    );
  }
}
