// tillsync import <file>: a catalog in CSV, NDJSON, JSON or XLSX, through the same plan, guard and history as a sync.
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import type { Connector, FilePreview } from '../../../connectors/connector.ts';
import { inputError, TillsyncError } from '../../../errors.ts';
import type { Config } from '../../../records/configs/config.ts';
import { findConfig } from '../../find-config.ts';
import { collect, pairs } from '../../parse-options.ts';
import { previewText } from '../../print/preview-text.ts';
import { printable } from '../../print/printable.ts';
import { openProgressLine } from '../../print/progress-line.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { reportRun } from '../../run-outcome.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { askedHere, requestedBy, withApp } from '../../with-app.ts';

interface ImportOptions {
  config?: string;
  new?: string;
  map?: string[];
  param?: string[];
  full?: boolean;
  dryRun?: boolean;
  preview?: boolean;
}

export const importVerb: Verb = {
  define(command) {
    command
      .argument('<file>', 'CSV, NDJSON, JSON or XLSX; - is stdin')
      .option('--config <config>', 'id or exact name of the config')
      .option('--new <name>', 'make a config with this name for it')
      .option('--map <field=column>', 'read a column as a field; the config remembers it (field= for none)', collect)
      .option('--param <name=value>', 'with --new: a setting of the config, e.g. decimal=,', collect)
      .option('--full', 'the file is the whole catalog: remove what it does not have')
      .option('--dry-run', 'plan only: no item is written')
      .option('--preview', 'show how each column is read, and write nothing')
      .addHelpText(
        'after',
        examples(
          'tillsync import menu.csv --new "Main Street" --preview',
          'tillsync import menu.csv --new "Main Street" --map price=Preis --param decimal=,',
          'tillsync import menu.csv --config "Main Street" --full',
        ),
      )
      .action((file: string, _options: ImportOptions, self: Command) =>
        withApp(self, (app, signal) => importOne(app, { file, options: optionsOf<ImportOptions>(self), signal }), {
          stopsItself: true,
          // A pipe that was not read to its end would keep the process alive.
        }).finally(() => void (file === '-' && process.stdin.destroy())),
      );
  },
};

interface Given {
  file: string;
  options: ImportOptions & { json?: boolean };
  signal: AbortSignal;
}

async function importOne(app: App, { file, options, signal }: Given): Promise<number> {
  const target = await targetOf(app, options);
  const { prepareImport, rememberPreview } = await import('../../../sync/requests/prepare-import.ts');
  const { preview, body } = await prepareImport({
    connector: target.connector,
    configName: target.name,
    params: target.params,
    map: pairs('--map', options.map),
    body: bytesOf(file),
  });
  if (options.preview === true) {
    if (options.json === true) writeJson(preview);
    else writeOut(previewText(file, preview));
    return 0;
  }
  if (target.config !== null) await rememberPreview(askedHere(app), target.config, { preview, merged: target.params });
  const configId = target.config?.id ?? (await addTarget(app, target, preview));
  const { importFile } = await import('../../../sync/requests/import-file.ts');
  const line = openProgressLine();
  const run = await importFile(app.deps, {
    configId,
    body,
    fileName: basename(file),
    mode: options.full === true ? 'full' : 'merge',
    dryRun: options.dryRun === true,
    requestedBy: requestedBy(),
    signal,
    onProgress: line.show,
  }).finally(line.end);
  const code = reportRun(run, options.json === true);
  if (options.json !== true && ['partial', 'held', 'planned'].includes(run.status)) await tellRejects(app, run.id);
  return code;
}

interface Target {
  connector: Connector;
  /** null = it is to be made, with this name. */
  config: Config | null;
  name: string;
  params: Readonly<Record<string, unknown>>;
}

async function targetOf(app: App, options: ImportOptions): Promise<Target> {
  if ((options.config === undefined) === (options.new === undefined)) {
    throw inputError(
      'import_target_unclear',
      'Say whose catalog the file is: --config <config>, or --new <name>, and only one of them.',
      'List configs with `tillsync configs list`.',
    );
  }
  if (options.new !== undefined) {
    const connector = [...app.deps.connectors.values()].find(({ preview }) => preview !== undefined);
    if (connector === undefined) throw new Error('no connector takes files');
    const params = { ...pairs('--param', options.param), name: options.new };
    return { connector, config: null, name: options.new, params };
  }
  if (options.param !== undefined) {
    throw inputError(
      'import_target_unclear',
      '--param goes with --new.',
      'Change the settings of a config with `tillsync configs set <config> --param name=value`.',
    );
  }
  const config = await findConfig(app.database, options.config ?? '');
  const { resolveSettings } = await import('../../../sync/resolve-config.ts');
  const { connector, params } = await resolveSettings(app.deps, config.id);
  return { connector, config, name: config.name, params };
}

// The file was readable so far: one that cannot be read makes no config.
async function addTarget(app: App, { connector, name, params }: Target, preview: FilePreview): Promise<string> {
  const { addConfig } = await import('../../../sync/set-config.ts');
  const all = { ...params, ...preview.params };
  return (await addConfig(askedHere(app), { connectorId: connector.id, name, params: all, secrets: {} })).id;
}

const shownRejects = 10;

async function tellRejects(app: App, runId: string): Promise<void> {
  const { listRejects } = await import('../../../records/runs/read-rejects.ts');
  const { data, next } = await listRejects(app.database, runId, { limit: shownRejects });
  for (const { message } of data) writeTalk(`Set aside: ${printable(message)}\n`);
  if (next !== null) writeTalk(`… and more: tillsync runs show ${runId} --json\n`);
}

async function* bytesOf(file: string): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const bytes of file === '-' ? process.stdin : createReadStream(file)) yield bytes as Uint8Array;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new TillsyncError(`The file ${file} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : code}.`, {
      code: 'file_unreadable',
      step: 'validation',
      hint: 'Check the path; - reads from stdin.',
      exitCode: 2,
      cause: error,
    });
  }
}
