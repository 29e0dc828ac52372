// The Toast connector (menus API V2 or V3, and discounts of the configuration API): one folder, found by its name.
import type { Connector } from '../connector.ts';
import { check } from './check.ts';
import { fetchCatalog } from './fetch.ts';
import { format, formatDocument } from './format.ts';
import { listLocations } from './reading/list-locations.ts';
import { baseUrl, secretFields, settings } from './settings.ts';
import { token } from './token.ts';
import { verifyWebhook, webhookSecrets } from './verify-webhook.ts';

export const connector: Connector = {
  id: 'toast',
  title: 'Toast',
  version: 1,
  settings,
  identity: ['restaurant_guid'],
  secretFields,
  requiredSecrets: () => secretFields,
  origin: (params) => baseUrl(params).origin,
  // When the menus were published; a new publication of the same menus is the same content.
  volatileFields: ['lastUpdated'],
  token,
  // Toast allows one client 20 requests a second and 10,000 in 15 minutes; this is 8 and 7,500. Its one request a second for
  // the menus of a location needs no rule: a run asks once, and one run at a time reads a location.
  rateBudget: { requests: 10, perSeconds: 1 },
  incremental: { probe: 'lastUpdated' },
  webhookSecrets,
  verifyWebhook,
  check,
  listLocations,
  // Menus and discounts are always read whole.
  removal: 'absence',
  fetch: fetchCatalog,
  format,
  formatDocument,
};
