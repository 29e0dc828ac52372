// The two ports of adoption for tests: identity from brand and establishment, and a cipher that shows what it bound.
import type { AdoptOptions, EncryptCredential, Identify } from '../../src/db/adopt/adoption.ts';

/** Knows one connector, qu, by brand and establishment. */
export const identify: Identify = (connectorId, params, baseUrl) => {
  const { brand, establishment } = params;
  if (connectorId !== 'qu' || typeof brand !== 'string' || typeof establishment !== 'string') return null;
  const origin = new URL(baseUrl ?? 'https://none.test').origin;
  const identity = { brand, establishment };
  const key = JSON.stringify([connectorId, origin, Object.entries(identity)]);
  return { origin, identity, key, defaults: { exclude_categories: ['OLO'], base_url: origin } };
};

export const encryptCredential: EncryptCredential = async (configId, field, value) =>
  `v1.test.${configId.slice(0, 4)}.${field}.${Buffer.from(value).toString('base64')}`;

export const ports: AdoptOptions = { identify, encryptCredential };
