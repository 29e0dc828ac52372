// Finds the connectors: every folder beside this file with an index.ts that exports `connector`.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Connector } from './connector.ts';

/** All connectors by id, in alphabetical order. Throws when a folder's connector does not bear the folder's name. */
export async function loadConnectors(folder = import.meta.dirname): Promise<ReadonlyMap<string, Connector>> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const connectors = new Map<string, Connector>();
  for (const name of names.sort()) {
    const module: { connector?: Connector } = await import(pathToFileURL(join(folder, name, 'index.ts')).href);
    if (module.connector?.id !== name) {
      throw new Error(`src/connectors/${name}/index.ts must export the connector with the id ${name}`);
    }
    connectors.set(name, module.connector);
  }
  return connectors;
}
