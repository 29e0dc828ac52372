// Every field of every route, made from the document: missing, null, of a wrong type, too long, too large, and one too many.
import { beforeAll, describe, expect, test } from 'vitest';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import { openApiDocument } from '../../src/api/v1/openapi-document.ts';
import { type EdgeServer, openEdgeServer } from '../support/http/edge-server.ts';
import { type Operation, operationsOf } from '../support/http/fuzz-requests.ts';
import { openRandom } from '../support/http/random.ts';
import { type Schema, type Values, validValue } from '../support/http/schema-values.ts';

let server: EdgeServer;
let values: Values;
let operations: Operation[];
beforeAll(async () => {
  server = await openEdgeServer({ rateLimit: false });
  const given = { adminKey: null, corsOrigins: [], authenticate: async () => null };
  const document = openApiDocument(createV1App(server.deps, given));
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  values = { random: openRandom(7), schemas, known: () => undefined };
  operations = operationsOf(document);
});

function resolved(schema: Schema): Schema {
  return schema.$ref === undefined ? schema : (values.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
}

/** Whether a schema takes a value of this kind; what has no type takes everything. */
function takes(schema: Schema, kind: string): boolean {
  const of = resolved(schema);
  const options = of.anyOf ?? of.oneOf ?? of.allOf;
  if (options !== undefined) return options.some((option) => takes(option, kind));
  if (of.const !== undefined) return typeof of.const === kind;
  if (of.type === undefined) return of.enum === undefined || of.enum.some((value) => typeof value === kind);
  const types = Array.isArray(of.type) ? of.type : [of.type];
  return types.some((type) => type === kind || (type === 'integer' && kind === 'number'));
}

const samples: readonly [string, unknown][] = [
  ['null', null],
  ['string', 'x'],
  ['number', 7],
  ['boolean', true],
  ['array', []],
  ['object', {}],
];

interface Answer {
  status: number;
  code: string;
  fields: string[];
}

async function send({ method, path }: Operation, query: string, body?: unknown): Promise<Answer> {
  const address = path.replace('{level}', 'concepts').replaceAll(/\{\w+\}/g, '17');
  const response = await server.callWithKey(`${method} ${address}${query}`, {
    headers: { 'if-match': '*' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as { code: string; errors?: { field: string }[] };
  return { status: response.status, code: answer.code, fields: (answer.errors ?? []).map(({ field }) => field) };
}

/** The refusal names the field itself, or something inside it. */
function expectRefused({ status, code, fields }: Answer, field: string, what: string): void {
  expect([status, code], what).toEqual([400, 'request_invalid']);
  expect(
    fields.some((named) => named === field || named.startsWith(`${field}.`) || named === 'body'),
    `${what}: ${fields}`,
  ).toBe(true);
}

function bodies(): { operation: Operation; schema: Schema; valid: Record<string, unknown> }[] {
  return operations.flatMap((operation) => {
    if (operation.body === null) return [];
    const schema = resolved(operation.body);
    return [{ operation, schema, valid: validValue(schema, values) as Record<string, unknown> }];
  });
}

describe('S13: a field of a body', () => {
  test('that is missing, null, or of another type than the document says is refused by its name', async () => {
    let tried = 0;
    for (const { operation, schema, valid } of bodies()) {
      for (const [name, field] of Object.entries(schema.properties ?? {})) {
        const what = `${operation.method} ${operation.path} ${name}`;
        if (schema.required?.includes(name)) {
          const { [name]: _gone, ...rest } = valid;
          expectRefused(await send(operation, '', rest), `body.${name}`, `${what} missing`);
          tried++;
        }
        for (const [kind, sample] of samples.filter(([kind]) => !takes(field, kind))) {
          expectRefused(await send(operation, '', { ...valid, [name]: sample }), `body.${name}`, `${what} ${kind}`);
          tried++;
        }
      }
    }
    expect(tried).toBeGreaterThan(150);
  });

  test('that is too long, too large, or none of the listed values is refused by its name', async () => {
    let tried = 0;
    for (const { operation, schema, valid } of bodies()) {
      for (const [name, declared] of Object.entries(schema.properties ?? {})) {
        const field = resolved(declared) as Schema & { maxLength?: number };
        const wrong: unknown[] = [];
        if (field.maxLength !== undefined) wrong.push('x'.repeat(field.maxLength + 1));
        if (field.type === 'integer') wrong.push(1.5, 1e300, (field.maximum ?? Number.MAX_SAFE_INTEGER) + 1);
        if (field.enum !== undefined) wrong.push('none of them');
        for (const value of wrong) {
          expectRefused(
            await send(operation, '', { ...valid, [name]: value }),
            `body.${name}`,
            `${operation.path} ${name}`,
          );
          tried++;
        }
      }
    }
    expect(tried).toBeGreaterThan(40);
  });

  test('that no route has is refused by its name on every route, also where everything else is right', async () => {
    for (const { operation, valid } of bodies()) {
      for (const name of ['extra', 'constructor', 'a.b', '$where', 'Name']) {
        const answer = await send(operation, '', { ...valid, [name]: 'x' });
        expectRefused(answer, `body.${name}`, `${operation.path} ${name}`);
      }
      for (const body of [[], 'x', 7, null, true, [{}]]) {
        expect((await send(operation, '', body)).status, `${operation.path} ${JSON.stringify(body)}`).toBe(400);
      }
    }
  });
});

describe('S13: a parameter', () => {
  test('of a query that is wrong, too long, or that nobody declared is refused by its name on every route', async () => {
    let tried = 0;
    for (const operation of operations.filter(({ method, path }) => method === 'GET' && !path.endsWith('/events'))) {
      const queries = operation.parameters.filter((parameter) => parameter.in === 'query');
      expectRefused(await send(operation, '?extra=1'), 'query.extra', `${operation.path} extra`);
      for (const { name, schema } of queries) {
        const { maxLength, enum: listed, type, format } = schema as Schema & { maxLength?: number };
        const wrong: string[] = [];
        if (maxLength !== undefined) wrong.push('x'.repeat(maxLength + 1));
        if (listed !== undefined) wrong.push('none', '');
        if (type === 'integer') wrong.push('x', '1.5', '-1', '1e999', '99999999999999999999');
        if (format === 'uuid') wrong.push('17', '{}');
        for (const value of wrong) {
          const answer = await send(operation, `?${name}=${encodeURIComponent(value)}`);
          expectRefused(answer, `query.${name}`, `${operation.path} ${name}=${value.slice(0, 20)}`);
          tried++;
        }
      }
    }
    expect(tried).toBeGreaterThan(80);
  });
});
