// The document at /api/openapi.json, and pages that show it and the error codes without a script or another host.
import { readFileSync } from 'node:fs';
import { TillsyncError } from '../../../errors.ts';
import { securityHeaders } from '../../security-headers.ts';
import type { ApiApp } from '../api-given.ts';
import { openApiDocument } from '../openapi-document.ts';
import { docsPage } from './docs-page.ts';
import { docsStyle } from './docs-style.ts';
import { errorsPage } from './errors-page.ts';

const errorsFile = new URL('../../../../docs/reference/errors.md', import.meta.url);
const policy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Registers the document and its pages; they say nothing of this installation, so they need no key. */
export function addDocsRoutes(app: ApiApp): void {
  app.get('/openapi.json', (context) => context.json(openApiDocument(app), 200));
  app.get('/docs', () => page(docsPage(openApiDocument(app)), 'text/html'));
  app.get('/docs/style.css', () => page(docsStyle, 'text/css'));
  app.get('/docs/errors', () => page(errorsPage(errorsText()), 'text/html'));
}

function page(text: string, type: string): Response {
  const headers = { ...securityHeaders, 'content-security-policy': policy, 'content-type': `${type}; charset=utf-8` };
  return new Response(text, { headers });
}

function errorsText(): string {
  try {
    return readFileSync(errorsFile, 'utf8');
  } catch (cause) {
    throw new TillsyncError('The page of the error codes is not part of this installation.', {
      code: 'page_missing',
      step: 'validation',
      effect: 'Nothing was changed.',
      hint: 'Read docs/reference/errors.md in the repository.',
      status: 404,
      cause,
    });
  }
}
