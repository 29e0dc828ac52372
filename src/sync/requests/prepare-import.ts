// Before a file is imported: how it would be read, and the config that remembers it; the body is read once, whatever its source.
import type { Connector, FilePreview } from '../../connectors/connector.ts';
import { inputError, type TillsyncError } from '../../errors.ts';
import type { Config } from '../../records/configs/config.ts';
import type { Deps } from '../deps.ts';
import { setConfig } from '../set-config.ts';

export interface FileToPrepare {
  connector: Pick<Connector, 'title' | 'preview'>;
  /** For the refusal. */
  configName: string;
  params: Readonly<Record<string, unknown>>;
  /** Field → column, over what is remembered or suggested; '' = no column. */
  map: Readonly<Record<string, string>>;
  body: AsyncIterable<Uint8Array>;
}

/**
 * Looks at the beginning of a file; `body` is then all of it, from its first byte. Throws file_not_taken, and what the
 * connector's preview throws: a file that cannot be read makes neither config nor run.
 */
export async function prepareImport(
  of: FileToPrepare,
): Promise<{ preview: FilePreview; body: AsyncIterable<Uint8Array> }> {
  const { preview } = of.connector;
  if (preview === undefined) throw fileNotTaken(of.configName, of.connector);
  const iterator = of.body[Symbol.asyncIterator]();
  const looked: Uint8Array[] = [];
  // A consumer that stops early ends these generators, never the body itself.
  async function* beginning(): AsyncGenerator<Uint8Array, void, void> {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      looked.push(next.value);
      yield next.value;
    }
  }
  async function* whole(): AsyncGenerator<Uint8Array, void, void> {
    for (let bytes = looked.shift(); bytes !== undefined; bytes = looked.shift()) yield bytes;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  }
  return { preview: await preview(beginning(), { params: of.params, map: of.map }), body: whole() };
}

/** The refusal of a config whose connector reads no files. */
export function fileNotTaken(configName: string, connector: Pick<Connector, 'title'>): TillsyncError {
  return inputError(
    'file_not_taken',
    `The config “${configName}” is one of ${connector.title}, which takes no files.`,
    'Import into a config of its own: tillsync import <file> --new <name>.',
  );
}

/** Keeps in the config how its file is read, where that is new. `merged` are the params with the levels above. */
export async function rememberPreview(
  deps: Pick<Deps, 'database' | 'connectors' | 'vault'>,
  config: Pick<Config, 'id'>,
  of: { preview: FilePreview; merged: Readonly<Record<string, unknown>> },
): Promise<void> {
  if (!isRemembered(of)) await setConfig(deps, { configId: config.id, params: of.preview.params });
}

/** Whether the config, with the levels above, says already how the file is read. */
export function isRemembered(of: { preview: FilePreview; merged: Readonly<Record<string, unknown>> }): boolean {
  return Object.entries(of.preview.params).every(([name, value]) => isSame(value, of.merged[name]));
}

// jsonb keeps the members of an object in an order of its own.
function isSame(a: unknown, b: unknown): boolean {
  const text = (value: unknown) => JSON.stringify(Object.entries(value ?? {}).sort(([x], [y]) => (x < y ? -1 : 1)));
  return text(a) === text(b);
}
