// tillsync connectors: which kinds of POS there are and what each can do, and the test of a connection.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import type { ShownConnector } from '../../../connectors/describe-connector.ts';
import { inputError, TillsyncError } from '../../../errors.ts';
import type { CheckTarget } from '../../../sync/check/settings-to-check.ts';
import type { Backend } from '../../backend/backend.ts';
import { withBackend } from '../../backend/with-backend.ts';
import { exitCodes } from '../../exit-code.ts';
import { findConfig } from '../../find-config.ts';
import { collect, secrets } from '../../parse-options.ts';
import { table } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { configOf, serverOf, withApp } from '../../with-app.ts';
import { defineRecipeVerbs } from '../recipes/define-recipe-verbs.ts';
import { checkEndText, checkStepText } from './check-text.ts';

interface TestOptions {
  connector?: string;
  param?: string[];
  secret?: string[];
  save?: boolean;
}

export const connectorsVerb: Verb = {
  define(command) {
    command.addHelpText('after', examples('tillsync connectors list', 'tillsync connectors test "QU POS"'));
    command
      .command('list')
      .description('Which kinds of POS this version knows, and what each can do')
      .addHelpText('after', examples('tillsync connectors list', 'tillsync connectors list --json'))
      .action((_options: object, self: Command) => list(self));
    defineTest(command);
    defineRecipeVerbs(command);
    command
      .command('record <config>')
      .description(
        'Record one whole fetch for a test of the connector, without secrets, e-mail addresses and phone numbers',
      )
      .requiredOption('--to <folder>', 'folder for the recording')
      .addHelpText(
        'after',
        `\nLook through the file before you share it: names of places, menus and prices stay.\n${examples('tillsync connectors record "QU POS" --to recordings')}`,
      )
      .action((named: string, _options: object, self: Command) => record(named, self));
  },
};

function defineTest(command: Command): void {
  command
    .command('test [config]')
    .description('Try a connection step by step; each step that fails says its fix, and nothing is stored')
    .option('--connector <id>', 'try settings that no config holds yet')
    .option('--param <name=value>', 'with --connector: a setting; may be given several times', collect)
    .option('--secret <name=from>', 'with --connector: a secret from stdin (name=-) or a file (name=@file)', collect)
    .option('--save', 'write an identity that the POS tells into the config, which makes its source')
    .addHelpText(
      'after',
      `\nSteps: settings, dns, connect, login, permission, identity, page, items. Exit code 1 when one fails.\n${examples(
        'tillsync connectors test "QU POS"',
        'tillsync connectors test "QU POS" --save --json',
        'tillsync connectors test --connector qu --param brand=acme --param establishment=17 --param base_url=https://pos.example --param auth=api_key --secret api_key=- < key.txt',
      )}`,
    )
    .action((named: string | undefined, _options: TestOptions, self: Command) => test(named, self));
}

async function list(self: Command): Promise<void> {
  if (serverOf(self) !== null) return await listThere(self);
  const { databaseUrl, dataDir } = configOf(self);
  const { findClusterHome } = await import('../../../db/embedded/place-cluster.ts');
  // What this version knows stands in no database: none is made for it, and where there is none, no recipe is stored.
  if (databaseUrl === null && findClusterHome(dataDir) === null) {
    process.exitCode = printConnectors(await ownConnectors(), self);
    return;
  }
  try {
    await listThere(self);
  } catch (error) {
    if (!(error instanceof TillsyncError)) throw error;
    printConnectors(await ownConnectors(), self);
    writeTalk(`Stored recipes are missing in this list. ${error.message} ${error.hint}\n`);
    process.exitCode = exitCodes.partial;
  }
}

async function listThere(self: Command): Promise<void> {
  await withBackend(self, async (backend) => printConnectors(await backend.listConnectors(), self));
}

async function ownConnectors(): Promise<ShownConnector[]> {
  const { describeConnector } = await import('../../../connectors/describe-connector.ts');
  const { loadConnectors } = await import('../../../connectors/load-connectors.ts');
  return [...(await loadConnectors()).values()].map(describeConnector);
}

function printConnectors(data: readonly ShownConnector[], self: Command): number {
  if (optionsOf(self).json) {
    writeJson({ data, next: null });
    return exitCodes.ok;
  }
  const titles = ['ID', 'TITLE', 'IDENTITY', 'READS CHANGES', 'REMOVALS', 'WEBHOOKS', 'LOCATIONS', 'SECRETS'];
  const byId = data.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const rows = byId.map((connector) => [
    connector.id,
    connector.title,
    connector.identity.join(', '),
    connector.incremental.cursor !== null ? 'yes' : connector.incremental.probe !== null ? 'whether any' : 'no',
    connector.removal,
    connector.webhooks ? 'yes' : 'no',
    connector.per_location ? 'several' : connector.lists_locations ? 'listed' : 'one',
    connector.secret_fields.join(', ') || 'none',
  ]);
  writeOut(
    table(
      titles.map((title) => ({ title })),
      rows,
    ),
  );
  return exitCodes.ok;
}

async function test(named: string | undefined, self: Command): Promise<void> {
  const options = optionsOf<TestOptions>(self);
  if ((named === undefined) === (options.connector === undefined)) {
    throw inputError(
      'test_target_invalid',
      'A test takes either a config or --connector with its settings.',
      'For example: tillsync connectors test "QU POS".',
    );
  }
  if (named !== undefined && (options.param ?? options.secret) !== undefined) {
    throw inputError(
      'test_target_invalid',
      'A config is tested as it is stored; --param and --secret go with --connector.',
      'Change the config with `tillsync configs set`, or leave it out.',
    );
  }
  await withBackend(self, async (backend, signal) => {
    const isJson = options.json === true;
    const report = await backend.checkConnection({
      target:
        named === undefined ? await looseTarget(backend, options) : { configId: (await backend.findConfig(named)).id },
      save: options.save === true,
      signal,
      onStep: (step) => (isJson ? undefined : writeOut(checkStepText(step))),
    });
    if (isJson) writeJson(report);
    else writeOut(checkEndText(report));
    writeTalk(adviceOf(report, named));
    return report.ok ? exitCodes.ok : exitCodes.failed;
  });
}

async function looseTarget(backend: Backend, { connector = '', param, secret }: TestOptions): Promise<CheckTarget> {
  const params = await backend.readParams(connector, param);
  return { connectorId: connector, params, secrets: await secrets(secret) };
}

function adviceOf(
  { ok, discovered, saved }: { ok: boolean; discovered: Record<string, string> | null; saved: boolean },
  config: string | undefined,
): string {
  if (!ok || discovered === null) return '';
  const pairs = Object.entries(discovered).map(([name, value]) => `${name}=${value}`);
  if (saved) return `Saved ${pairs.join(', ')} in the config; it has its source now.\n`;
  if (config === undefined) return `Add ${pairs.map((pair) => `--param ${pair}`).join(' ')} to the config.\n`;
  return `The POS says ${pairs.join(', ')}. Write it into the config: tillsync connectors test "${config}" --save\n`;
}

async function record(named: string, self: Command): Promise<void> {
  const { to, json } = optionsOf<{ to: string }>(self);
  await withApp(self, async (app, signal) => {
    const { recordCassette } = await import('../../../sync/check/record-cassette.ts');
    const config = await findConfig(app.database, named);
    const cassette = await recordCassette(app.deps, { configId: config.id, signal });
    const path = join(to, `${cassette.connector}-${cassette.now.replaceAll(/[^\d]/g, '').slice(0, 14)}.json`);
    await writeNew(path, `${JSON.stringify(cassette, null, 1)}\n`);
    if (json) writeJson({ path, exchanges: cassette.exchanges.length });
    else writeOut(`${path}\n`);
    writeTalk(`Recorded ${cassette.exchanges.length} answers. Look through the file before you share it.\n`);
    return exitCodes.ok;
  });
}

/** Writes a file that is not there yet. Throws TillsyncError recording_unwritable. */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw inputError(
      'recording_unwritable',
      `The recording cannot be written to ${path}: ${code === 'EEXIST' ? 'it exists' : (code ?? 'unknown reason')}.`,
      'Choose another folder with --to.',
    );
  }
}
