// Requests that a page of another origin made its visitor's browser send: they change nothing here.
import type { Context } from 'hono';
import { TillsyncError } from '../../errors.ts';
import { publicOrigin } from './client-address.ts';
import { carriesSessionCookie } from './session-cookie.ts';

const harmless = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Lets through what reads, what no browser sent, and what a page of ours or of an allowed origin sent. Both words of a
 * browser count: Origin and Sec-Fetch-Site. Throws TillsyncError cross_origin_refused (403).
 */
export function refuseForeignPages(context: Context, allowedOrigins: readonly string[]): void {
  const { method, headers } = context.req.raw;
  if (harmless.has(method) || context.req.path.startsWith('/hooks/')) return;
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  if (origin === null && site === null) {
    if (carriesSessionCookie(headers))
      throw refused('This request carries a session, but does not say where it is from.');
    return;
  }
  if (origin !== null && origin !== 'null' && allowedOrigins.includes(origin)) return;
  const isOurs = origin === null || origin === publicOrigin(context);
  if (!isOurs || (site !== null && site !== 'same-origin')) {
    throw refused('A page of another origin may not change anything here.');
  }
}

function refused(message: string): TillsyncError {
  return new TillsyncError(message, {
    code: 'cross_origin_refused',
    step: 'auth',
    status: 403,
    effect: 'Nothing was changed.',
    hint: 'For a page of yours, name its origin in TILLSYNC_CORS_ORIGINS; for the own pages behind a proxy, name the proxy in TILLSYNC_TRUSTED_PROXIES (docs/how-to/behind-a-proxy.md).',
  });
}
