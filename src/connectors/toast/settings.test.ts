// The settings of a Toast config: defaults, what is refused, addresses, and what a request for a token sends.
import { expect, test } from 'vitest';
import { connector } from './index.ts';
import { endpoint, readSettings } from './settings.ts';
import { token } from './token.ts';

const params = { restaurant_guid: 'r', client_id: 'c' };

test('a config of a restaurant and a client reads production, version 2, with no currency', () => {
  expect(readSettings(params)).toEqual({ ...params, base_url: 'https://ws-api.toasttab.com', menus_version: 'v2' });
  expect(connector.origin(params)).toBe('https://ws-api.toasttab.com');
  expect(connector.requiredSecrets?.(params)).toEqual(['client_secret']);
});

test('settings that cannot be used are refused by name', () => {
  for (const [name, wrong] of [
    ['restaurant_guid', 'a b'],
    ['client_id', ''],
    ['menus_version', 'v1'],
    ['currency', 'usd'],
  ]) {
    expect(() => readSettings({ ...params, [String(name)]: wrong })).toThrow(
      `The setting ${name} of this Toast config`,
    );
  }
  for (const base_url of ['ftp://x', 'https://u@x', 'https://x?y', 'x', 7]) {
    expect(() => connector.origin({ ...params, base_url })).toThrow(
      expect.objectContaining({ code: 'base_url_invalid' }),
    );
  }
});

test('addresses stand below the path of the base URL, and a plus sign in a query survives', () => {
  const url = endpoint({ ...params, base_url: 'https://pos.example/toast/' }, '/config/v2/discounts', {
    pageToken: 'a+b',
  });
  expect(url.href).toBe('https://pos.example/toast/config/v2/discounts?pageToken=a%2Bb');
});

test('a token is asked for with the client’s credentials only, and read with its life', () => {
  const settings = { params, secrets: { client_secret: 'x' } };
  expect(token.url(params).href).toBe('https://ws-api.toasttab.com/authentication/v1/authentication/login');
  expect(token.request(settings, 'a refresh token')).toEqual({
    json: { clientId: 'c', clientSecret: 'x', userAccessType: 'TOAST_MACHINE_CLIENT' },
  });
  expect(() => token.request({ params, secrets: {} }, null)).toThrow(
    expect.objectContaining({ code: 'secret_missing' }),
  );
  const answer = {
    token: { tokenType: 'Bearer', expiresIn: 86_400, accessToken: 'a', refreshToken: 'b' },
    status: 'SUCCESS',
  };
  expect(token.read?.(answer, new Date())).toEqual({ accessToken: 'a', refreshToken: null, lifeSeconds: 86_400 });
  for (const wrong of [{ token: null }, {}, [], 'x']) {
    expect(() => token.read?.(wrong, new Date())).toThrow(expect.objectContaining({ code: 'token_unreadable' }));
  }
});
