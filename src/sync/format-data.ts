// The format alone, for callers that do the steps themselves (the edge contract); nothing is stored.
import { itemToFormatted } from '../catalog/formatted-item.ts';
import { type Kind, kinds, type Reject } from '../catalog/item.ts';
import type { Json } from '../json.ts';
import type { Deps } from './deps.ts';
import { findConnector } from './recipes/find-connector.ts';
import { resolveSettings } from './resolve-config.ts';

export interface FormattedData {
  formatted: Record<Kind, Json[]>;
  counts: Record<Kind, number>;
  rejected: Reject[];
}

/**
 * Formats a fetched answer by the connector `connectorId`, with the params of `configId` where given.
 * Throws connector_unknown, config_unknown, and what the connector says of a body that is not its POS's.
 */
export async function formatData(
  deps: Deps,
  request: { connectorId: string; data: Json; configId?: string | undefined },
): Promise<FormattedData> {
  const connector = await findConnector(deps.database, deps, request.connectorId);
  const params = request.configId === undefined ? {} : (await resolveSettings(deps, request.configId)).params;
  const formatted: Record<Kind, Json[]> = { products: [], modifiers: [], discounts: [] };
  const rejected: Reject[] = [];
  for (const found of connector.formatDocument(request.data, { params })) {
    if (found.type === 'item') formatted[found.item.kind].push(itemToFormatted(found.item));
    else if (found.type === 'reject') rejected.push(found.reject);
  }
  const counts = Object.fromEntries(kinds.map((kind) => [kind, formatted[kind].length])) as Record<Kind, number>;
  return { formatted, counts, rejected };
}
