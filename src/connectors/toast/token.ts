// How Toast issues access tokens, and when one that it refused is worth renewing.
import { isObject } from '../../catalog/raw-fields.ts';
import type { Json } from '../../json.ts';
import { type IssuedToken, readOAuthToken } from '../../net/manners/token-store.ts';
import type { TokenRule } from '../connector.ts';
import { clientSecret, endpoint, readSettings } from './settings.ts';

/** Toast issues at most two tokens an hour to one client; a token lives for a day. */
const renewalSeconds = 1_800;
const lifeSeconds = 86_400;

/** Client credentials, anew each time: the refresh token in the answer is Toast's own affair and never used. */
export const token: TokenRule = {
  url: (params) => endpoint(params, '/authentication/v1/authentication/login'),
  request: (settings) => ({
    json: {
      clientId: readSettings(settings.params).client_id,
      clientSecret: clientSecret(settings),
      userAccessType: 'TOAST_MACHINE_CLIENT',
    },
  }),
  read: readToken,
};

/** Reads `{token: {accessToken, expiresIn}}`. Throws TillsyncError token_unreadable. */
function readToken(answer: Json): IssuedToken {
  const issued = isObject(answer) && isObject(answer.token) ? answer.token : {};
  return readOAuthToken({ access_token: issued.accessToken ?? null, expires_in: issued.expiresIn ?? null });
}

/**
 * Whether a token that was refused is old enough to be renewed: one issued within the last half hour is refused for another
 * reason, and asking again with every run would use up the two tokens of the hour. What does not say when it was issued is.
 */
export function isWorthRenewing(accessToken: string, now: Date): boolean {
  const issuedAt = issuedAtOf(accessToken);
  return issuedAt === null || now.getTime() / 1_000 - issuedAt >= renewalSeconds;
}

/**
 * When a JSON Web Token (RFC 7519) was issued, in epoch seconds: `iat`, else a day before `exp`; null where it is none. Only
 * read, never trusted.
 */
function issuedAtOf(accessToken: string): number | null {
  const claims = accessToken.split('.')[1];
  if (claims === undefined) return null;
  try {
    const { iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as Record<string, unknown>;
    if (typeof iat === 'number') return iat;
    return typeof exp === 'number' ? exp - lifeSeconds : null;
  } catch {
    // Not a JSON Web Token.
    return null;
  }
}
