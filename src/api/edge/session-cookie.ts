// The cookie of a session: where one may be set, its name and attributes, and when one that came counts.
import type { Context } from 'hono';
import { TillsyncError } from '../../errors.ts';
import { isLoopback } from '../metrics/metrics-access.ts';
import { connectionOf } from './client-address.ts';

/** Over TLS: __Host- makes browsers refuse it from a sister domain, from plain http and for a part of the site. */
export const secureCookieName = '__Host-tillsync';
/** On this machine's own loopback, where there is no TLS and no wire. */
export const loopbackCookieName = 'tillsync-session';

/**
 * The name of the session cookie on the way that this request came. Throws TillsyncError sign_in_needs_tls (403) where a
 * cookie would cross a network in the clear: call it before a password is looked at.
 */
export function sessionCookieName(context: Context): string {
  const name = nameOn(context);
  if (name !== null) return name;
  throw new TillsyncError('Signing in is possible over TLS, or on the machine of the server itself, only.', {
    code: 'sign_in_needs_tls',
    step: 'auth',
    status: 403,
    effect: 'Nobody was signed in.',
    hint: 'Put tillsync behind a proxy that ends TLS and name the address of that proxy in TILLSYNC_TRUSTED_PROXIES; see docs/how-to/behind-a-proxy.md.',
  });
}

/** Sets the cookie on the answer; it ends after so many seconds. Throws as `sessionCookieName` does. */
export function setSessionCookie(context: Context, token: string, maxAgeSeconds: number): void {
  const name = sessionCookieName(context);
  context.header('set-cookie', cookieText(name, token, maxAgeSeconds), { append: true });
}

/** Takes the cookie away, by whichever name the browser holds it. */
export function clearSessionCookie(context: Context): void {
  for (const name of [secureCookieName, loopbackCookieName]) {
    context.header('set-cookie', cookieText(name, '', 0), { append: true });
  }
}

/**
 * The token of the session that a request came with, or null. A request that another site made is without session,
 * whatever its browser sent along; so is one over a way on which no session may be set.
 */
export function readSessionCookie(context: Context): string | null {
  const name = nameOn(context);
  if (name === null || isFromElsewhere(context)) return null;
  return cookieOf(context.req.raw.headers, name);
}

/** Whether a request carries a session cookie of ours, whatever it is worth. */
export function carriesSessionCookie(headers: Headers): boolean {
  return [secureCookieName, loopbackCookieName].some((name) => cookieOf(headers, name) !== null);
}

function nameOn(context: Context): string | null {
  const { address, isSecure, origin, isForwarded } = connectionOf(context);
  if (isSecure) return secureCookieName;
  const isHere = address === null || isLoopback(address);
  return isHere && !isForwarded && origin !== 'null' && isLoopback(new URL(origin).hostname)
    ? loopbackCookieName
    : null;
}

// Strict: the pages are loaded without a session and ask for everything themselves, so a link from elsewhere works, and
// no request that another site began ever carries it.
function cookieText(name: string, token: string, maxAgeSeconds: number): string {
  const secure = name === secureCookieName ? '; Secure' : '';
  return `${name}=${token}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
}

function isFromElsewhere(context: Context): boolean {
  const { headers } = context.req.raw;
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return true;
  const origin = headers.get('origin');
  return origin !== null && origin !== connectionOf(context).origin;
}

function cookieOf(headers: Headers, name: string): string | null {
  const values = (headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  // Two of one name: somebody slipped one in beside ours.
  return values.length === 1 && values[0] !== '' ? (values[0] as string) : null;
}
