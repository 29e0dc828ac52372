// The Qu connector (intermediary form): one folder, found by its name.
import type { Connector } from '../connector.ts';
import { fetchCatalog } from './fetch.ts';
import { format, formatDocument } from './format.ts';
import { adoptedBaseUrl, baseUrl, requiredSecrets, secretFields, secretTexts, settings } from './settings.ts';

export const connector: Connector = {
  id: 'qu',
  title: 'QU POS',
  version: 1,
  settings,
  identity: ['brand', 'establishment'],
  secretFields,
  requiredSecrets,
  secretTexts,
  // What the original left out without saying so; new configs leave nothing out.
  adoptedDefaults: { exclude_categories: ['OLO', '3PD', '3PO', 'All Items'] },
  adoptedBaseUrl,
  origin: (params) => baseUrl(params).origin,
  volatileFields: ['lastModified'],
  demo: {
    server: new URL('./fake-server.ts', import.meta.url),
    configName: 'QU POS · Main St',
    params: (url) => ({ brand: 'demo', establishment: '1', base_url: url }),
  },
  incremental: { probe: 'ETag' },
  // Every answer is the whole catalog of one establishment.
  removal: 'absence',
  fetch: fetchCatalog,
  format,
  formatDocument,
};
