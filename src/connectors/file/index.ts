// The file connector: a catalog in CSV, NDJSON, JSON or XLSX, brought by a person or read from a URL.
import type { Connector } from '../connector.ts';
import { fetchFile } from './fetch.ts';
import { format, formatDocument } from './format.ts';
import { previewFile } from './preview.ts';
import { originOf, requiredSecrets, secretFields, secretTexts, settings } from './settings.ts';

export const connector: Connector = {
  id: 'file',
  title: 'File',
  version: 1,
  settings,
  identity: ['name'],
  secretFields,
  requiredSecrets,
  secretTexts,
  origin: originOf,
  volatileFields: [],
  incremental: { probe: 'ETag' },
  // A file is a whole list; an import removes by it only when told to.
  removal: 'absence',
  fetch: fetchFile,
  format,
  formatDocument,
  preview: previewFile,
};
