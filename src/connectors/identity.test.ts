// The identity of a source: equal where connector, origin and identity params are, null where anything is missing.
import { describe, expect, test } from 'vitest';
import { identityOf } from './identity.ts';
import { loadConnectors } from './load-connectors.ts';

const connectors = await loadConnectors();
const connector = connectors.get('qu');
if (connector === undefined) throw new Error('no connector');
const params = { brand: 'acme', establishment: '17', base_url: 'https://pos.example/v1' };
const keyOf = (changes: Record<string, unknown>) => identityOf(connector, { ...params, ...changes })?.key ?? null;

describe('identity', () => {
  test('is connector, origin and identity params as text', () => {
    expect(identityOf(connector, params)).toEqual({
      origin: 'https://pos.example',
      identity: { brand: 'acme', establishment: '17' },
      key: `["${connector.id}","https://pos.example",[["brand","acme"],["establishment","17"]]]`,
    });
  });

  test('does not depend on other params, on the path of the address, or on the form of a number', () => {
    for (const changes of [
      { establishment: 17 },
      { base_url: 'https://POS.example:443/v2' },
      { currency: 'USD' },
      { unknown: 1 },
    ]) {
      expect(keyOf(changes)).toBe(keyOf({}));
    }
  });

  test('F05: differs by establishment, brand, host, scheme and port, byte by byte', () => {
    const keys = [
      {},
      { establishment: '18' },
      { establishment: '17 ' },
      { establishment: '017' },
      { brand: 'Acme' },
      { brand: 'acm\u00e9' },
      { brand: 'acme\u0301' },
      { brand: '17', establishment: 'acme' },
      { base_url: 'http://pos.example/v1' },
      { base_url: 'https://pos.example:8443/v1' },
      { base_url: 'https://other.example/v1' },
    ].map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('is null while anything is missing', () => {
    for (const changes of [
      { brand: undefined },
      { brand: null },
      { brand: '' },
      { establishment: true },
      { establishment: {} },
      { base_url: undefined },
      { base_url: 'nonsense' },
    ]) {
      expect(identityOf(connector, { ...params, ...changes })).toBeNull();
    }
    expect(identityOf(connector, Object.create({ ...params }))).toBeNull();
  });

  test('F36: two params never run into each other', () => {
    expect(keyOf({ brand: 'a","b', establishment: 'c' })).not.toBe(keyOf({ brand: 'a', establishment: 'b","c' }));
  });
});
