// The Square connector (Catalog API): one folder, found by its name.
import type { Connector } from '../connector.ts';
import { check, listLocations } from './account.ts';
import { fetchCatalog } from './fetch.ts';
import { format, formatDocument } from './format.ts';
import { baseUrl, requiredSecrets, secretFields, settings, token } from './settings.ts';
import { verifyWebhook, webhookSecrets } from './webhook.ts';

export const connector: Connector = {
  id: 'square',
  title: 'Square',
  version: 1,
  settings,
  // Discovered by `check`: a token belongs to exactly one merchant.
  identity: ['merchant_id'],
  secretFields,
  requiredSecrets,
  origin: (params) => baseUrl(params).origin,
  // It moves with every change of the account's catalog, also of what is no item.
  volatileFields: ['latest_time', 'cursor'],
  // Square publishes no numbers ("we don't document the limits"): a careful guess, and a 429 stops everybody.
  rateBudget: { requests: 5, perSeconds: 1, burst: 2 },
  token,
  incremental: { cursor: 'latest_time', probe: 'latest_time' },
  webhookSecrets,
  verifyWebhook,
  check,
  listLocations,
  perLocation: true,
  removal: 'absence',
  fetch: fetchCatalog,
  format,
  formatDocument,
};
