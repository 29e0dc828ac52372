// Values of a JSON schema, as a program would send them, and the same damaged in every way a program gets one wrong.
import type { Random } from './random.ts';

export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  minimum?: number;
  maximum?: number;
}

export interface Values {
  random: Random;
  /** Schemas by name, as the document has them. */
  schemas: Record<string, Schema>;
  /** Something that is there, for a field of this name; undefined = anything of the schema. */
  known(field: string): unknown;
}

/** Text that PostgreSQL, a JSON writer or a log may stumble over. */
export const oddTexts: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udc00\ud800',
  '\ufeff',
  '\u202Eevil\u202C',
  '\u2028\u2029',
  '🍔'.repeat(50),
  'e\u0301'.repeat(100),
  '\u001b[31m',
  '\r\nSet-Cookie: a=b',
  '../../etc/passwd',
  '%00%ff%2e%2e%2f',
  '{{7*7}}<%= 7*7 %>',
  "'; drop table stores; --",
  'NaN',
  'null',
  '-0',
  'x'.repeat(1_001),
  'y'.repeat(100_000),
  '__proto__',
  'constructor',
];

const rawNumber = (text: string): unknown => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
const oddNumbers: readonly unknown[] = [
  0,
  -1,
  1.5,
  2_147_483_648,
  9_007_199_254_740_991,
  ...[
    '9223372036854775808',
    '-9223372036854775809',
    '1e400',
    '1e-400',
    '-0',
    '1.10',
    '123456789012345678901234567890',
  ].map(rawNumber),
];

/** A value that the schema takes, mostly. */
export function validValue(schema: Schema, values: Values, field = ''): unknown {
  const { random, schemas } = values;
  const known = random.chance(0.7) ? values.known(field) : undefined;
  if (known !== undefined) return known;
  if (schema.$ref !== undefined) return validValue(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, values, field);
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return validValue(random.pick(options), values, field);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return random.pick(schema.enum);
  const type = Array.isArray(schema.type) ? random.pick(schema.type) : schema.type;
  switch (type) {
    case 'string':
      return schema.format === 'uuid'
        ? random.uuid()
        : random.pick(['a', 'Big Burger', '17', 'x-1', '2026-11-22T08:31:07Z']);
    case 'integer':
    case 'number':
      return Math.min(schema.maximum ?? 1_000, Math.max(schema.minimum ?? 1, random.below(1_000)));
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    case 'array':
      return Array.from({ length: random.below(3) }, () => validValue(schema.items ?? {}, values));
    case 'object':
      return validObject(schema, values);
    default:
      return random.pick<unknown>(['text', 7, true, null, [], { a: { b: [1] } }, ...oddNumbers]);
  }
}

function validObject(schema: Schema, values: Values): object {
  const { random } = values;
  const object: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (schema.required?.includes(name) || random.chance(0.4)) object[name] = validValue(property, values, name);
  }
  if (typeof schema.additionalProperties === 'object') {
    for (let more = random.below(3); more > 0; more--) {
      const name = random.pick(['brand', 'establishment', 'base_url', 'max_removed', 'x', ...oddTexts.slice(0, 12)]);
      object[name] = validValue(schema.additionalProperties, values, name);
    }
  }
  return object;
}

/** The JSON text of a body: a valid one, or one that is wrong in one or two places. */
export function bodyText(schema: Schema, values: Values): string {
  const { random } = values;
  const value = validValue(schema, values);
  if (random.chance(0.35)) return JSON.stringify(value);
  const kinds = random.chance(0.2) ? 2 : 1;
  let damaged: unknown = value;
  for (let i = 0; i < kinds; i++) damaged = damage(damaged, values);
  const text = JSON.stringify(damaged) ?? '';
  return random.chance(0.12) ? damagedText(text, random) : text;
}

function damage(value: unknown, values: Values): unknown {
  const { random } = values;
  const names = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  if (names.length === 0 || random.chance(0.05)) return oddValue(random);
  const object = { ...(value as Record<string, unknown>) };
  const name = random.pick(names);
  switch (random.below(5)) {
    case 0:
      delete object[name];
      return object;
    case 1:
      return { ...object, [random.pick(extraNames)]: oddValue(random) };
    case 2:
      return { ...object, [name]: damage(object[name], values) };
    default:
      return { ...object, [name]: oddValue(random) };
  }
}

const extraNames = [
  'id',
  'role',
  'status',
  'company_id',
  'sync_count',
  'created_at',
  '__proto__',
  'constructor',
  'a.b',
  '',
];

function oddValue(random: Random): unknown {
  return random.pick<() => unknown>([
    () => null,
    () => random.pick(oddTexts),
    () => random.pick(oddTexts),
    () => random.pick(oddNumbers),
    () => random.chance(0.5),
    () => [],
    () => [[[null]]],
    () => ({}),
    () => ({ [random.pick(oddTexts)]: random.pick(oddTexts) }),
    () => nested(random.pick([20, 70, 400])),
  ])();
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function damagedText(text: string, random: Random): string {
  return random.pick<() => string>([
    () => '',
    () => text.slice(0, random.below(text.length + 1)),
    () => `${text}${text}`,
    () => text.replace('{', '{"name":1,"name":2,'),
    () => '['.repeat(50_000),
    () => `\ufeff${text}`,
    () => text.replaceAll('"', "'"),
    () => `{"a":${'9'.repeat(5_000)}}`,
    () => '{"__proto__":{"isAdmin":true}}',
  ])();
}
