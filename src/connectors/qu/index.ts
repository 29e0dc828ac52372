// The Qu connector (intermediary form): one folder, found by its name.
import type { Connector } from '../connector.ts';
import { fetchCatalog } from './fetch.ts';
import { format, formatDocument } from './format.ts';
import { adoptedBaseUrl, baseUrl, requiredSecrets, secretFields, settings } from './settings.ts';

export const connector: Connector = {
  id: 'qu',
  title: 'QU POS',
  version: 1,
  settings,
  identity: ['brand', 'establishment'],
  secretFields,
  requiredSecrets,
  // What the original left out without saying so; new configs leave nothing out.
  adoptedDefaults: { exclude_categories: ['OLO', '3PD', '3PO', 'All Items'] },
  adoptedBaseUrl,
  origin: (params) => baseUrl(params).origin,
  volatileFields: ['lastModified'],
  // Every answer is the whole catalog of one establishment.
  removal: 'absence',
  fetch: fetchCatalog,
  format,
  formatDocument,
};
