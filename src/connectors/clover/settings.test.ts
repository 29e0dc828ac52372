// Settings of a Clover config: addresses, what is required, what is refused.
import { expect, test } from 'vitest';
import { baseUrl, merchantUrl, readSecret, readSettings, requiredSecrets, settings, tokenUrl } from './settings.ts';

test('addresses lie below the merchant, tokens come from the same origin', () => {
  const params = { merchant_id: 'ABC123', base_url: 'https://proxy.example/clover/' };
  expect(merchantUrl(params, 'items').href).toBe('https://proxy.example/clover/v3/merchants/ABC123/items');
  expect(merchantUrl(params, '').href).toBe('https://proxy.example/clover/v3/merchants/ABC123');
  expect(tokenUrl(params).href).toBe('https://proxy.example/oauth/v2/refresh');
  expect(baseUrl({}).origin).toBe('https://api.clover.com');
});

test('an address that is none, or carries more than one, is refused', () => {
  for (const base_url of [
    '',
    'api.clover.com',
    'ftp://api.clover.com',
    'https://u:p@pos.example',
    'https://pos.example/?a=1',
    7,
  ]) {
    expect(() => baseUrl({ base_url })).toThrow('base_url of this Clover config is not usable');
  }
});

test('each way to log in says which secret it needs', () => {
  expect(requiredSecrets({})).toEqual(['token']);
  expect(requiredSecrets({ auth: 'oauth' })).toEqual(['refresh_token']);
  expect(requiredSecrets({ auth: 'nothing' })).toEqual([]);
  expect(() => readSecret({ params: {}, secrets: { token: '' } }, 'token')).toThrow('The secret token is not set');
  expect(() => readSettings({ merchant_id: 'A', auth: 'oauth' })).toThrow('client_id');
  expect(readSettings({ merchant_id: 'A', auth: 'oauth', client_id: 'C' }).auth).toBe('oauth');
});

test('a merchant is letters and digits, and unusable values are refused by name', () => {
  const wrong: Record<string, unknown>[] = [
    { merchant_id: '../x' },
    { merchant_id: '' },
    { page_size: 1 },
    { page_size: 1_001 },
    { currency: 'usd' },
    { modifiers_path: 'modifiers' },
    { modifiers_path: 'https://elsewhere.example/{group}' },
    { deleted_filter: 'a=b&c=d' },
  ];
  for (const params of wrong) {
    const [name = ''] = Object.keys(params);
    expect(() => readSettings({ merchant_id: 'A', ...params })).toThrow(`The setting ${name}`);
  }
  expect(settings.safeParse({ merchant_id: 'A', token: 'x' }).success).toBe(false);
});
