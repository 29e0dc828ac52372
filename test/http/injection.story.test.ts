// A hundred texts that mean something to SQL, shells, pages or paths, as names, ids, filters and cursors: all stay texts.
import { beforeAll, describe, expect, test } from 'vitest';
import { authenticateKey } from '../../src/access/authenticate-key.ts';
import { createKey } from '../../src/access/create-key.ts';
import { addQuConfig, openEngine } from '../support/engine.ts';
import { type EdgeServer, edgeServerOver } from '../support/http/edge-server.ts';

/** Stands in each text, and so would stand in each statement that is put together with one. */
const mark = 'zq7';
const sql = [
  `' or '1'='1' --${mark}`,
  `'; drop table stores; --${mark}`,
  `"; drop table stores; --${mark}`,
  `${mark}'); delete from integration_products; --`,
  `' union select * from tillsync_api_keys --${mark}`,
  `1; select pg_sleep(100) --${mark}`,
  `'||pg_sleep(100)||'${mark}`,
  `$$; drop table stores; $$${mark}`,
  `$1${mark}`,
  `$${mark}$a$${mark}$`,
  `\\'; drop table stores; --${mark}`,
  `E'\\x27${mark}`,
  `U&'\\0027${mark}`,
  `'/**/or/**/1=1/*${mark}*/`,
  `${mark}' and 1=cast((select version()) as int)--`,
  `${mark}'; copy stores to program 'id'; --`,
  `${mark}'; set role postgres; --`,
  `${mark}'; reset session authorization; --`,
  `(select 1)${mark}`,
  `name desc; drop table stores ${mark}`,
  `1/0 ${mark}`,
  `%${mark}%`,
  `_${mark}_%\\`,
  `${mark}\\`,
  `'${mark}`,
  `''${mark}''`,
  `"${mark}"`,
  `{${mark},"a"}`,
  `[1,2)${mark}`,
  `null${mark}`,
  `::text${mark}`,
  `0x27${mark}`,
  `\u02bc or 1=1 ${mark}`,
  `\uff07 or 1=1 ${mark}`,
];
const elsewhere = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '{{constructor.constructor("return 1")()}}',
  ['$', '{7*7}'].join(''),
  '#{7*7}',
  '<%= 7*7 %>',
  '{{7*7}}',
  '`id`',
  '$(id)',
  '; id',
  '| id',
  '&& id',
  '../../../etc/passwd',
  '..\\..\\windows',
  '/etc/passwd',
  'file:///etc/passwd',
  'http://169.254.169.254/',
  '=cmd|calc',
  '+1+1',
  '-1+1',
  '@SUM(1)',
  '*)(uid=*',
  '{"$gt":""}',
  '[$ne]',
  "admin'--",
  "') or ('a'='a",
  '1 or 1=1',
  '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
  '<!--#exec cmd="id"-->',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'undefined',
  'NaN',
  'true',
  '[object Object]',
  '%00',
  '%0d%0aSet-Cookie:a=b',
  '%2e%2e%2f',
  '%27%20or%201=1',
  '%u0027',
  '&apos; or 1=1',
  '&#x27;',
  '\u202Eevil\u202C',
  '\u200b\u200b',
  '\ufeff',
  '\u0130\u0131',
  'ſelect',
  '🍔'.repeat(40),
  'e\u0301'.repeat(60),
  '.'.repeat(190),
  '(a+)+$',
  '^(.*)*$',
  'a'.repeat(190),
  '1e1000',
  '-0',
  '9'.repeat(100),
  '0x7fffffff',
  '1_000',
  '٣',
  'sort=name',
  'name,id',
  'id;',
  '*',
  '?',
].map((text) => `${text}${mark}`);
const texts = [...sql, ...elsewhere];

let server: EdgeServer;
let configId: string;
let sourceId: string;
const statements: string[] = [];
beforeAll(async () => {
  const deps = await openEngine({ onStatement: (statement) => void statements.push(statement) });
  const { key } = await createKey(deps.database, { name: 'edge', createdBy: 'test', access: 'admin' });
  const authenticate = (candidate: string) => authenticateKey(deps.database, candidate);
  server = edgeServerOver(deps, key, { rateLimit: false, authenticate });
  ({ configId, sourceId } = await addQuConfig(deps, 'http://127.0.0.1:9'));
});

async function ask(request: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await server.callWithKey(request, body === undefined ? {} : { body: JSON.stringify(body) });
  const answer = { status: response.status, body: (await response.json()) as Record<string, unknown> };
  expect(answer.status, `${request} ${JSON.stringify(body)} ${JSON.stringify(answer.body)}`).toBeLessThan(500);
  return answer;
}

async function tables(): Promise<unknown> {
  const { rows } = await server.deps.database.query(
    "select relname, relkind from pg_class where relnamespace = 'public'::regnamespace order by 1, 2",
  );
  return rows;
}

describe('S01: a hundred texts', () => {
  test('as names are stored and answered as they were sent, and found by them', async () => {
    expect(new Set(texts).size).toBeGreaterThanOrEqual(100);
    const before = await tables();
    for (const name of texts) {
      const concept = await ask('POST /api/v1/concepts', { name });
      expect([201, 400]).toContain(concept.status);
      if (concept.status === 201) expect(concept.body.name).toBe(name);
      const params = { brand: name, establishment: name, base_url: 'http://127.0.0.1:9' };
      const config = await ask('POST /api/v1/configs', { connector_id: 'qu', name, params, secrets: { token: name } });
      if (config.status === 201) {
        expect(config.body.name).toBe(name);
        const found = await ask(`GET /api/v1/configs?name=${encodeURIComponent(name)}`);
        expect((found.body.data as { name: string }[]).map((each) => each.name)).toEqual([name]);
      }
    }
    expect(await tables()).toEqual(before);
    const { rows } = await server.deps.database.query<{ names: number; of: number }>(
      'select count(*)::int as of, count(*) filter (where name = any($1))::int as names from concepts',
      [texts],
    );
    expect(rows[0]?.names).toBe(rows[0]?.of);
    expect(rows[0]?.names).toBeGreaterThan(90);
  });

  test('as ids and names of items are stored byte by byte and found by exactly themselves', async () => {
    const products = texts.map((text) => ({
      id: text,
      name: text,
      price: '1.10',
      path_id: text,
      data: { [text]: text },
    }));
    const saved = await ask('POST /functions/v1/save-integration-data', {
      config_id: configId,
      formatted_data: { products },
    });
    expect(saved).toMatchObject({ status: 200, body: { counts: { products: texts.length } } });
    for (const text of texts) {
      const id = encodeURIComponent(text);
      const listed = await ask(`GET /api/v1/items?source_id=${sourceId}&kind=products&external_id=${id}`);
      expect(
        (listed.body.data as { name: string }[]).map(({ name }) => name),
        text,
      ).toEqual([text]);
      const searched = await ask(`GET /api/v1/items?limit=1000&search=${encodeURIComponent(text.slice(0, 200))}`);
      expect(
        (searched.body.data as { name: string }[]).map(({ name }) => name),
        text,
      ).toContain(text);
    }
  });

  test('as ids, cursors, sizes, kinds, fields to sort by and keys are refused or find nothing', async () => {
    for (const text of texts) {
      const value = encodeURIComponent(text);
      for (const path of ['runs', 'configs', 'sources', 'connectors', 'concepts', 'companies', 'sites']) {
        const { status } = await ask(`GET /api/v1/${path}/${value}`);
        expect([400, 404, 405], `${path}/${text}`).toContain(status);
      }
      for (const query of ['limit', 'cursor', 'source_id', 'kind', 'removed', 'sort', 'order', 'fields', value]) {
        const { status } = await ask(`GET /api/v1/items?${query}=${value}`);
        expect(status, `${query}=${text}`).toBe(400);
      }
      for (const query of ['status', 'config_id', 'cursor']) {
        expect((await ask(`GET /api/v1/runs?${query}=${value}`)).status, `${query}=${text}`).toBe(400);
      }
      expect((await ask(`POST /api/v1/runs/${value}/approve`, {})).status).toBe(404);
      expect((await ask(`DELETE /api/v1/sources/${value}`)).status).toBe(404);
    }
  });

  test('have stood in no statement that the database was sent', () => {
    expect(statements.length).toBeGreaterThan(1_000);
    expect(statements.filter((statement) => statement.includes(mark))).toEqual([]);
  });
});
