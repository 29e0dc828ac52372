// The Lightspeed Restaurant K-Series connector: one folder, found by its name.
import type { Connector } from '../connector.ts';
import { checkAccount, listLocations } from './check-account.ts';
import { fetchCatalog } from './fetch.ts';
import { format, formatDocument } from './format.ts';
import { baseUrl, secretFields, secretTexts, settings, tokenRule } from './settings.ts';

export const connector: Connector = {
  id: 'lightspeed-k',
  title: 'Lightspeed Restaurant K-Series',
  version: 1,
  settings,
  identity: ['business_location_id'],
  secretFields,
  requiredSecrets: () => secretFields,
  secretTexts,
  origin: (params) => baseUrl(params).origin,
  volatileFields: [],
  // Not published; one request a second is far below what one location needs.
  rateBudget: { requests: 60, perSeconds: 60, burst: 5 },
  token: tokenRule,
  check: checkAccount,
  listLocations,
  // Every answer is the whole catalog of one business location.
  removal: 'absence',
  fetch: fetchCatalog,
  format,
  formatDocument,
};
