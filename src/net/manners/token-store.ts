// Access tokens of a config, kept where all workers find them: the port, and what a POS issues.
import { TillsyncError } from '../../errors.ts';
import { isRawNumber, type Json } from '../../json.ts';

/** Tokens as a POS issued them. */
export interface IssuedToken {
  accessToken: string;
  /** null = the one that was sent stays valid, or there is none. */
  refreshToken: string | null;
  /** null = not said. */
  lifeSeconds: number | null;
}

/** Whose tokens: the config that holds the credentials, and the origin for which they are valid. */
export interface TokenOwner {
  configId: string;
  origin: string;
  /** The credentials with which the tokens begin, as one text; other credentials begin anew. */
  grant: string;
}

export interface Renewal {
  /** The access token that the POS has just refused; null = none was. */
  refused: string | null;
  /**
   * Asks the POS; null = begin with the credentials. Must end by itself within the deadline of the store. A token_refused
   * that it throws is final: nobody asks again until the credentials change.
   */
  issue(refreshToken: string | null): Promise<IssuedToken>;
}

/** Implemented over PostgreSQL in records/upstream/. */
export interface TokenStore {
  /**
   * An access token in force: the stored one, else one renewed by exactly one of all workers that ask. Throws what
   * `issue` throws, also to those who waited for it; and token_refresh_lost.
   */
  accessToken(owner: TokenOwner, renewal: Renewal): Promise<string>;
}

/** Reads an OAuth 2.0 token answer (RFC 6749, 5.1). Throws TillsyncError token_unreadable. */
export function readOAuthToken(answer: Json): IssuedToken {
  const fields = new Map(typeof answer === 'object' && answer !== null ? Object.entries(answer) : []);
  const accessToken = fields.get('access_token');
  const refreshToken = fields.get('refresh_token');
  if (typeof accessToken !== 'string' || accessToken === '') throw tokenUnreadable();
  return {
    accessToken,
    refreshToken: typeof refreshToken === 'string' && refreshToken !== '' ? refreshToken : null,
    lifeSeconds: secondsOf(fields.get('expires_in')),
  };
}

// A number, or a text that is one: both are sent.
function secondsOf(value: unknown): number | null {
  const seconds = Number(isRawNumber(value) ? value.rawJSON : value);
  return (typeof value === 'string' || typeof value === 'number') && seconds > 0 && seconds < 1e10 ? seconds : null;
}

/** The refusal of a token answer that holds no token. */
export function tokenUnreadable(cause?: unknown): TillsyncError {
  return new TillsyncError('The POS answered a request for a token without one.', {
    code: 'token_unreadable',
    step: 'fetch',
    hint: 'Check base_url and the credentials of the config; a login page often stands where the API was expected.',
    cause,
  });
}
