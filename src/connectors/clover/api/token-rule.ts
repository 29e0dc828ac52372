// How Clover issues access tokens (OAuth v2): for a refresh token that works once, with the moment at which they end.
import { isObject, readText } from '../../../catalog/raw-fields.ts';
import { TillsyncError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import type { TokenRule } from '../../connector.ts';
import { readSecret, readSettings, tokenUrl } from '../settings.ts';

/** POST {origin}/oauth/v2/refresh; after the first renewal the refresh token of the last answer is the one that counts. */
export const tokenRule: TokenRule = {
  url: tokenUrl,
  request(given, refreshToken) {
    const { client_id = '' } = readSettings(given.params);
    return { json: { client_id, refresh_token: refreshToken ?? readSecret(given, 'oauth') } };
  },
  read(answer, now) {
    const fields = isObject(answer) ? answer : {};
    const accessToken = textOf(fields.access_token);
    if (accessToken === null) throw unreadable();
    return { accessToken, refreshToken: textOf(fields.refresh_token), lifeSeconds: lifeOf(fields, now) };
  },
};

// Epoch seconds, where OAuth says how long. One that has passed is a clock that is wrong: the token is used at once or never.
function lifeOf({ access_token_expiration: end }: { [key: string]: Json }, now: Date): number | null {
  const text = readText(end);
  if (typeof text !== 'string' || !/^\d{9,11}$/.test(text)) return null;
  return Math.max(1, Math.floor(Number(text) - now.getTime() / 1_000));
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function unreadable(): TillsyncError {
  return new TillsyncError('Clover answered a request for a token without one.', {
    code: 'token_unreadable',
    step: 'fetch',
    hint: 'Check base_url, client_id and the refresh token of the config.',
  });
}
