// What a form asks for: the secrets that the choices of a connector's settings need.
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Connector } from './connector.ts';
import { describeConnector } from './describe-connector.ts';
import { connector as qu } from './qu/index.ts';

const needsOf = (changes: Partial<Connector>) => describeConnector({ ...qu, ...changes }).secret_needs;

test('the needs of each combination of choices are what the connector itself demands of it', () => {
  const needs = needsOf({});
  expect(needs).toHaveLength(10);
  for (const { when, secrets } of needs) expect(secrets).toEqual(qu.requiredSecrets?.(when));
  const secretsWhen = (form: string, auth: string) =>
    needs.find(({ when }) => when.form === form && when.auth === auth)?.secrets;
  expect(secretsWhen('intermediary', 'none')).toEqual([]);
  expect(secretsWhen('intermediary', 'basic')).toEqual(['username', 'password']);
  expect(secretsWhen('native', 'none')).toEqual(['client_id', 'client_secret']);
});

test('a choice that changes nothing makes no combination, and a connector that always needs them says so once', () => {
  const settings = z.object({ colour: z.enum(['red', 'blue']) });
  expect(needsOf({ settings, requiredSecrets: () => ['token'] })).toEqual([{ when: {}, secrets: ['token'] }]);
});

test('more combinations than a form should know are left out, and it asks for every secret', () => {
  const digits = z.enum(['0', '1', '2', '3', '4']);
  const settings = z.object({ a: digits, b: digits, c: digits });
  const requiredSecrets: Connector['requiredSecrets'] = ({ a = '', b = '', c = '' }) => [`${a}${b}${c}`];
  expect(needsOf({ settings, requiredSecrets })).toEqual([]);
});

test('the settings that name the address of the POS are found, and none where it has one of its own', () => {
  expect(describeConnector(qu).address_fields).toEqual(['base_url']);
  expect(describeConnector({ ...qu, origin: () => 'https://pos.example' }).address_fields).toEqual([]);
});
