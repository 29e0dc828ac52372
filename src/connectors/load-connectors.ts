// Finds the connectors: every folder beside this file with an index.ts that exports `connector`, or `connectors` made of data.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Connector } from './connector.ts';

/** Connectors of a folder; the code of one is loaded when somebody asks for it. */
export interface ConnectorFolder {
  /** The connector of this id; undefined = there is none. Throws where its folder is not as it must be. */
  get(id: string): Promise<Connector | undefined>;
  /** All by id, in alphabetical order of their folders. */
  all(): Promise<ReadonlyMap<string, Connector>>;
}

/** Connectors by id: those at hand, or those of a folder. */
export type Connectors = ReadonlyMap<string, Connector> | ConnectorFolder;

/** The connectors of this version. To load them all takes as long as everything else that a sync of one of them loads. */
export function openConnectors(folder = import.meta.dirname): ConnectorFolder {
  return {
    async get(id) {
      const names = await connectorFolders(folder);
      // Never a path that somebody made up: only a folder that is there.
      const own = names.includes(id) ? (await connectorsIn(folder, id)).find((connector) => connector.id === id) : null;
      return own ?? (await loadConnectors(folder)).get(id);
    },
    all: () => loadConnectors(folder),
  };
}

/** All of them by id. */
export async function allConnectors(connectors: Connectors): Promise<ReadonlyMap<string, Connector>> {
  return 'all' in connectors ? await connectors.all() : connectors;
}

/** All connectors by id. Throws when a folder's connector does not bear the folder's name, or two bear the same. */
export async function loadConnectors(folder = import.meta.dirname): Promise<ReadonlyMap<string, Connector>> {
  const connectors = new Map<string, Connector>();
  for (const name of await connectorFolders(folder)) {
    for (const connector of await connectorsIn(folder, name)) {
      if (connectors.has(connector.id)) throw new Error(`two connectors have the id ${connector.id}`);
      connectors.set(connector.id, connector);
    }
  }
  return connectors;
}

async function connectorFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function connectorsIn(folder: string, name: string): Promise<readonly Connector[]> {
  const module: { connector?: Connector; connectors?: readonly Connector[] } = await import(
    pathToFileURL(join(folder, name, 'index.ts')).href
  );
  if (module.connectors !== undefined) return module.connectors;
  if (module.connector?.id === name) return [module.connector];
  throw new Error(`src/connectors/${name}/index.ts must export the connector with the id ${name}`);
}
