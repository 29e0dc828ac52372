// Requests made from the OpenAPI document by a seeded generator: half right, half damaged.
import type { OpenApiDocument } from '../../../src/api/v1/openapi-document.ts';
import type { Random } from './random.ts';
import { bodyText, oddTexts, type Schema, type Values, validValue } from './schema-values.ts';

export interface FuzzRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body?: string;
}

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
}

export interface Operation {
  method: string;
  path: string;
  parameters: readonly Parameter[];
  body: Schema | null;
}

/** Every operation of the document that takes JSON or nothing. */
export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, routes]) =>
    Object.entries(routes as Record<string, Record<string, unknown>>).map(([method, route]) => {
      const content = (route.requestBody as { content?: Record<string, { schema: Schema }> } | undefined)?.content;
      const parameters = (route.parameters ?? []) as Parameter[];
      return { method: method.toUpperCase(), path, parameters, body: content?.['application/json']?.schema ?? null };
    }),
  );
}

/** One request to an operation. */
export function requestTo(operation: Operation, values: Values): FuzzRequest {
  const { random } = values;
  const headers: Record<string, string> = {};
  const query: string[] = [];
  let path = operation.path;
  for (const parameter of operation.parameters) {
    const { name } = parameter;
    if (parameter.in === 'path') path = path.replace(`{${name}}`, pathPart(parameter, operation, values));
    else if (parameter.in === 'header') Object.assign(headers, headerOf(name, random));
    else if (random.chance(0.4)) query.push(`${name}=${urlText(parameter.schema, values, name)}`);
  }
  if (random.chance(0.1))
    query.push(random.pick(['a=1', 'limit=1&limit=2', '=', '&&', '%', 'limit', 'sort=name;drop', '__proto__=1']));
  if (query.length > 0) path += `?${query.join('&')}`;
  return { method: operation.method, path, headers, ...bodyOf(operation, headers, values) };
}

function bodyOf(operation: Operation, headers: Record<string, string>, values: Values): { body?: string } {
  const { random } = values;
  if (operation.method === 'GET') return {};
  if (operation.body === null && random.chance(0.8)) return {};
  if (random.chance(0.03)) return {};
  headers['content-type'] = random.chance(0.96)
    ? 'application/json'
    : random.pick([
        'text/plain',
        'application/json; charset=latin1',
        'multipart/form-data',
        'application/x-www-form-urlencoded',
        'a',
      ]);
  return { body: bodyText(operation.body ?? {}, values) };
}

function pathPart({ name, schema }: Parameter, operation: Operation, values: Values): string {
  const field = name === 'id' ? `${operation.path.split('/')[3]}.id` : name;
  // What is there stays there for a while, so that later requests find it.
  if (operation.method === 'DELETE' && values.random.chance(0.8)) return oddPart(values.random);
  return urlText(schema, values, field) || 'x';
}

function urlText(schema: Schema, values: Values, field: string): string {
  const { random } = values;
  return random.chance(0.7) ? encoded(String(validValue(schema, values, field))) : oddPart(random);
}

function oddPart(random: Random): string {
  return random.pick([
    ...oddTexts.filter((text) => text.length < 5_000).map(encoded),
    ...[
      '%',
      '%zz',
      '%ff',
      '%00',
      '%c0%ae',
      '..',
      '.',
      '-1',
      '0',
      '1.5',
      '1e3',
      '9223372036854775808',
      '2147483648',
      '00000000-0000-0000-0000-000000000000',
    ],
    'z'.repeat(3_000),
    random.uuid(),
  ]);
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function headerOf(name: string, random: Random): Record<string, string> {
  if (random.chance(0.5)) return name === 'if-match' ? { [name]: '*' } : {};
  return {
    [name]: random.pick([
      '*',
      '"1"',
      'W/"0"',
      '""',
      '9'.repeat(150),
      'a'.repeat(300),
      'key-1',
      '\u00ff',
      random.uuid(),
      ' ',
    ]),
  };
}
