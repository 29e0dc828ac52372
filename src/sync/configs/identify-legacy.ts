// Which catalog a config of the original program reads: the port by which adoption asks the connectors.
import { identityOf } from '../../connectors/identity.ts';
import { allConnectors } from '../../connectors/load-connectors.ts';
import type { Identify } from '../../db/adopt/adoption.ts';
import type { Deps } from '../deps.ts';

/** The port over these connectors; null where a connector is not known, or its params say no identity. */
export function identifyLegacy({ connectors }: Pick<Deps, 'connectors'>): { open(): Promise<Identify> } {
  return {
    async open() {
      const all = await allConnectors(connectors);
      return (connectorId, params, baseUrl) => {
        const connector = all.get(connectorId);
        if (connector === undefined) return null;
        const defaults = connector.adoptedDefaults;
        const url = connector.adoptedBaseUrl?.(params) ?? baseUrl;
        const found = identityOf(connector, { ...(url ? { base_url: url } : {}), ...params });
        if (found === null) return null;
        return { ...found, defaults: { ...(url ? { base_url: url } : {}), ...defaults } };
      };
    },
  };
}
