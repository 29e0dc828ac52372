// Every column of every table, sent on every route that writes: what a route does not declare is refused or changes nothing.
import { beforeAll, describe, expect, test } from 'vitest';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import { openApiDocument } from '../../src/api/v1/openapi-document.ts';
import { addQuConfig } from '../support/engine.ts';
import { type EdgeServer, openEdgeServer } from '../support/http/edge-server.ts';
import { operationsOf } from '../support/http/fuzz-requests.ts';
import { openRandom } from '../support/http/random.ts';
import { type Schema, validValue } from '../support/http/schema-values.ts';

let server: EdgeServer;
let columns: string[];
let configId: string;
beforeAll(async () => {
  server = await openEdgeServer({ rateLimit: false });
  ({ configId } = await addQuConfig(server.deps, 'http://127.0.0.1:9'));
  const { rows } = await server.deps.database.query<{ attname: string }>(
    `select distinct attname from pg_attribute join pg_class on pg_class.oid = attrelid
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and attnum > 0 and not attisdropped
     order by 1`,
  );
  columns = rows.map(({ attname }) => attname);
});

// What says who somebody is, what they may do, whose a row is, what happened to it and how often: never from a body.
const never =
  /^(id|.*_hash|.*_count|.*_at|created_by|requested_by|status|phase|sync_count|error_count|last_error|source_id|wand_source_id|key_hash|token.*|lease.*|fenc.*|digest|counts|items_synced|is_system|legacy_.*)$/;

function writesOf() {
  const given = { adminKey: null, corsOrigins: [], authenticate: async () => null };
  const document = openApiDocument(createV1App(server.deps, given));
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  const resolved = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : (schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  const writes = operationsOf(document).filter(({ method, path }) => method !== 'GET' && !path.endsWith('/import'));
  return {
    schemas,
    writes: writes.map((write) => ({ ...write, body: write.body === null ? null : resolved(write.body) })),
  };
}

describe('S14: a column', () => {
  test('that a write route does not declare is refused by its name, each of them, and nothing is written', async () => {
    const { writes, schemas } = writesOf();
    const taking = writes.filter(({ body }) => body !== null);
    expect(columns.length).toBeGreaterThan(150);
    expect(taking.length).toBeGreaterThan(10);
    const values = { random: openRandom(1), schemas, known: () => undefined };
    // The first use of a key from a place is an entry of the audit log.
    await server.callWithKey('GET /api/v1/runs');
    const before = await rowCounts();
    for (const { method, path, body } of taking) {
      const declared = Object.keys(body?.properties ?? {});
      const extra = columns.filter((column) => !declared.includes(column));
      const sent = {
        ...Object.fromEntries(extra.map((column) => [column, 'x'])),
        ...(validValue(body ?? {}, values) as object),
      };
      const response = await server.callWithKey(
        `${method} ${path.replace('{level}', 'concepts').replace(/\{\w+\}/g, '17')}`,
        {
          body: JSON.stringify(sent),
          headers: { 'if-match': '*' },
        },
      );
      const answer = (await response.json()) as { code: string; errors: { field: string; message: string }[] };
      expect([response.status, answer.code], path).toEqual([400, 'request_invalid']);
      const refused = answer.errors
        .filter(({ message }) => message === 'there is no such field')
        .map(({ field }) => field);
      expect(refused.sort(), path).toEqual(extra.map((column) => `body.${column}`).sort());
    }
    expect(await rowCounts()).toEqual(before);
  });

  test('that says who, whose, how often or what happened is declared by no write route', () => {
    const declared = writesOf().writes.flatMap(({ method, path, body }) =>
      Object.keys(body?.properties ?? {})
        .filter((name) => columns.includes(name) && never.test(name))
        .map((name) => `${method} ${path} ${name}`),
    );
    // When a key ends is its maker's to say.
    expect(declared).toEqual(['POST /api/v1/keys expires_at']);
  });

  test('sent to a route that takes no body changes nothing of what it does', async () => {
    const without = writesOf().writes.filter(({ body }) => body === null);
    expect(without.length).toBeGreaterThan(5);
    const body = JSON.stringify(Object.fromEntries(columns.map((column) => [column, 'x'])));
    for (const { method, path } of without) {
      const request = `${method} ${path.replaceAll(/\{\w+\}/g, '17')}`;
      const [bare, loaded] = [await server.callWithKey(request), await server.callWithKey(request, { body })];
      const of = async (response: Response) => [response.status, ((await response.json()) as { code?: string }).code];
      expect(await of(loaded), request).toEqual(await of(bare));
    }
  });

  test('sent beside the fields of a save, and in each item, is data of the POS at most', async () => {
    const forged = Object.fromEntries(columns.map((column) => [column, 'forged']));
    const itemFields = [
      'id',
      'external_id',
      'name',
      'price',
      'path_id',
      'item_type',
      'currency',
      'is_available',
      'data',
    ];
    const item = {
      ...forged,
      id: 'a',
      external_id: 'a',
      name: 'A',
      price: '1.10',
      currency: null,
      data: {},
      is_available: true,
    };
    const body = {
      ...forged,
      config_id: configId,
      source_id: null,
      mode: 'merge',
      metadata: {},
      formatted_data: { products: [item] },
    };
    const response = await server.callWithKey('POST /functions/v1/save-integration-data', {
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    const { rows } = await server.deps.database.query<Record<string, unknown>>(
      "select * from integration_products where external_id = 'a'",
    );
    const { rows: runs } = await server.deps.database.query<Record<string, unknown>>(
      'select * from integration_sync_history where source_config_id = $1',
      [configId],
    );
    expect([rows.length, runs.length]).toEqual([1, 1]);
    const taken = Object.entries(rows[0] ?? {})
      .filter(([, value]) => value === 'forged')
      .map(([column]) => column);
    expect(taken.filter((column) => !itemFields.includes(column))).toEqual([]);
    expect(Object.values(runs[0] ?? {})).not.toContain('forged');
  });
});

/** Rows per table. */
async function rowCounts(): Promise<unknown> {
  const { rows } = await server.deps.database.query<{ relname: string }>(
    "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1",
  );
  const counts: Record<string, unknown> = {};
  for (const { relname } of rows) {
    counts[relname] = (await server.deps.database.query(`select count(*)::int as of from "${relname}"`)).rows[0];
  }
  return counts;
}
