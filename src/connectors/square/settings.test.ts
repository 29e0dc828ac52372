// The settings of a Square config: defaults, secrets of each way to log in, addresses, and what a token answer means.
import { describe, expect, test } from 'vitest';
import { readOAuthToken } from '../../net/manners/token-store.ts';
import { connector } from './index.ts';
import { addressOf, readLocationIds, readSettings, requiredSecrets, secretOf, settings, token } from './settings.ts';

describe('settings', () => {
  test('have the production address, a version and a personal access token as defaults', () => {
    expect(readSettings({})).toEqual({
      base_url: 'https://connect.squareup.com',
      square_version: '2025-08-20',
      auth: 'token',
    });
    expect(connector.origin({})).toBe('https://connect.squareup.com');
    expect(connector.origin({ base_url: 'https://connect.squareupsandbox.com' })).toBe(
      'https://connect.squareupsandbox.com',
    );
  });

  test.each([
    ['square_version', 'latest'],
    ['auth', 'none'],
    ['location_ids', []],
    ['location_ids', ['']],
    ['merchant_id', ''],
  ])('refuse %s %j, and name it', (name, value) => {
    expect(settings.safeParse({ [name]: value }).success).toBe(false);
    expect(() => readSettings({ [name]: value })).toThrow(new RegExp(`The setting ${name}\\b`));
  });

  test('name the secrets that each way to log in needs', () => {
    expect(requiredSecrets({})).toEqual(['token']);
    expect(requiredSecrets({ auth: 'oauth' })).toEqual(['client_secret', 'refresh_token']);
    expect(requiredSecrets({ auth: 'other' })).toEqual([]);
    expect(() => secretOf({ params: {}, secrets: { token: '' } }, 'token')).toThrow('The secret token is not set');
  });

  test('make addresses below the base URL, and refuse one with user, query or another scheme', () => {
    expect(addressOf({ base_url: 'https://proxy.example/square/' }, '/v2/locations').href).toBe(
      'https://proxy.example/square/v2/locations',
    );
    for (const base_url of ['ftp://a.example', 'https://u:p@a.example', 'https://a.example?x=1', 'a.example', 7]) {
      expect(() => connector.origin({ base_url })).toThrow('The base_url of this Square config is not usable.');
    }
  });

  test('of formatting are the locations alone', () => {
    expect(readLocationIds({ square_version: 'nonsense' })).toBeNull();
    expect(readLocationIds({ location_ids: ['A'] })).toEqual(['A']);
  });
});

describe('the token rule', () => {
  const params = { auth: 'oauth', client_id: 'app' };
  const secrets = { client_secret: 'c', refresh_token: 'first' };
  const now = new Date('2025-06-01T00:00:00Z');

  test('asks the origin of the config with the refresh token in force', () => {
    expect(token.url({ base_url: 'https://connect.squareupsandbox.com' }).href).toBe(
      'https://connect.squareupsandbox.com/oauth2/token',
    );
    expect(token.request({ params, secrets }, null)).toEqual({
      json: { client_id: 'app', client_secret: 'c', grant_type: 'refresh_token', refresh_token: 'first' },
      headers: { 'Square-Version': '2025-08-20' },
    });
    expect(token.request({ params, secrets }, 'second')).toMatchObject({ json: { refresh_token: 'second' } });
    expect(() => token.request({ params: { auth: 'oauth' }, secrets }, null)).toThrow('The setting client_id');
  });

  test.each([
    ['2025-06-01T01:00:00Z', 3_600],
    ['2025-07-01T00:00:00Z', 7 * 86_400],
    ['2025-05-01T00:00:00Z', null],
    ['soon', null],
    [undefined, null],
  ])('reads expires_at %s as a life of %s s', (expires_at, lifeSeconds) => {
    const answer = { access_token: 'a', refresh_token: 'r', ...(expires_at === undefined ? {} : { expires_at }) };
    expect(token.read?.(answer, now)).toEqual({ accessToken: 'a', refreshToken: 'r', lifeSeconds });
  });

  test('refuses an answer without a token as any other connector does', () => {
    for (const answer of [{}, null]) {
      expect(() => token.read?.(answer, now)).toThrow('without one');
      expect(() => readOAuthToken(answer)).toThrow('without one');
    }
  });
});
