// The Qu connector, which reads Qu's intermediary or its own gateway: one folder, found by its name.
import type { Connector } from '../connector.ts';
import { fetchCatalog } from './fetch.ts';
import { format, formatDocument } from './format.ts';
import { listLocations } from './list-locations.ts';
import { checkGateway } from './native/check-gateway.ts';
import { fetchMenu } from './native/fetch-menu.ts';
import { formatMenu, formatMenuDocument } from './native/format-menu.ts';
import { gatewayUrl, tokenRule } from './native/native-settings.ts';
import { adoptedBaseUrl, baseUrl, isNative, requiredSecrets, secretFields, secretTexts, settings } from './settings.ts';

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
  origin: (params) => (isNative(params) ? gatewayUrl(params) : baseUrl(params)).origin,
  volatileFields: ['lastModified', 'menuSnapshotId'],
  token: tokenRule,
  demo: {
    server: new URL('./fake-server.ts', import.meta.url),
    configName: 'QU POS · Main St',
    params: (url) => ({ brand: 'demo', establishment: '1', base_url: url }),
  },
  incremental: { probe: 'ETag, X-Generation-Time' },
  check: checkGateway,
  listLocations,
  // Every answer is the whole catalog of one establishment.
  removal: 'absence',
  fetch: (context) => (isNative(context.settings.params) ? fetchMenu(context) : fetchCatalog(context)),
  format: (body, context) => (isNative(context.params) ? formatMenu(body, context) : format(body, context)),
  formatDocument: (document, context) =>
    isNative(context.params) ? formatMenuDocument(document, context) : formatDocument(document, context),
};
