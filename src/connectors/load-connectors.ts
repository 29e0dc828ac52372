// Finds the connectors: every folder beside this file with an index.ts that exports `connector`, or `connectors` made of data.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Connector } from './connector.ts';

/** All connectors by id. Throws when a folder's connector does not bear the folder's name, or two bear the same. */
export async function loadConnectors(folder = import.meta.dirname): Promise<ReadonlyMap<string, Connector>> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const connectors = new Map<string, Connector>();
  for (const name of names.sort()) {
    const module: { connector?: Connector; connectors?: readonly Connector[] } = await import(
      pathToFileURL(join(folder, name, 'index.ts')).href
    );
    if (module.connectors === undefined && module.connector?.id !== name) {
      throw new Error(`src/connectors/${name}/index.ts must export the connector with the id ${name}`);
    }
    for (const connector of module.connectors ?? [module.connector as Connector]) {
      if (connectors.has(connector.id)) throw new Error(`two connectors have the id ${connector.id}`);
      connectors.set(connector.id, connector);
    }
  }
  return connectors;
}
