// An engine that has one connector more, or another one of the same id, beside those of this version.
import type { Connector } from '../../src/connectors/connector.ts';
import { allConnectors } from '../../src/connectors/load-connectors.ts';
import type { Deps } from '../../src/sync/deps.ts';

/** Deps that answer its id with this connector; the others are loaded when somebody asks for them, as before. */
export function withConnector(deps: Deps, connector: Connector): Deps {
  const { connectors } = deps;
  return {
    ...deps,
    connectors: {
      get: async (id) => (id === connector.id ? connector : await connectors.get(id)),
      all: async () => new Map([...(await allConnectors(connectors)), [connector.id, connector]]),
    },
  };
}
