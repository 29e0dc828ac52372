// The Clover connector (REST v3 inventory): one folder, found by its name.
import type { Connector } from '../connector.ts';
import { check, listLocations } from './api/merchant.ts';
import { tokenRule } from './api/token-rule.ts';
import { fetchCatalog } from './fetch.ts';
import { format, formatDocument } from './format.ts';
import { baseUrl, requiredSecrets, secretFields, settings, webhookSecret } from './settings.ts';
import { verifyWebhook } from './verify-webhook.ts';

export const connector: Connector = {
  id: 'clover',
  title: 'Clover',
  version: 1,
  settings,
  identity: ['merchant_id'],
  secretFields,
  requiredSecrets,
  origin: (params) => baseUrl(params).origin,
  volatileFields: ['href'],
  // 16 a second and 5 at once for one token; requests of a fetch go one after another.
  rateBudget: { requests: 16, perSeconds: 1, burst: 4 },
  token: tokenRule,
  incremental: { cursor: 'modifiedTime' },
  webhookSecrets: [webhookSecret],
  verifyWebhook,
  check,
  listLocations,
  // Whole reads remove what is absent; deltas by deletedTime, and modifiers by the groups that an item lost.
  removal: 'absence',
  fetch: fetchCatalog,
  format,
  formatDocument,
};
