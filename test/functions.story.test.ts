// The edge contract from Request to Response: who may call, what is answered, and what is never told.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticateKey } from '../src/access/authenticate-key.ts';
import { createKey } from '../src/access/create-key.ts';
import { createFunctionsApp, type FunctionsOptions } from '../src/api/functions/index.ts';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { getRun } from '../src/records/runs/read-runs.ts';
import type { Deps } from '../src/sync/deps.ts';
import { requestSync } from '../src/sync/request-sync.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { addConfig } from '../src/sync/set-config.ts';
import { brokenDatabase } from './support/broken-database.ts';
import { addQuConfig, openEngine } from './support/engine.ts';
import { until } from './support/until.ts';

const names = ['sync-orchestrator', 'fetch-integration-data', 'format-integration-data', 'save-integration-data'];
const adminKey = 'an-admin-key-of-the-test';
const origin = 'https://admin.example';

let deps: Deps;
let pos: FakeQu;
let key: string;
let establishment = 100;

beforeAll(async () => {
  deps = await openEngine();
  pos = await startFakeQu({ products: 30, modifiers: 40, discounts: 5, repeated: 3 });
  key = (await createKey(deps.database, { name: 'kiosk', createdBy: 'test', access: 'admin' })).key;
});
afterAll(() => pos.stop());

/** A config on a source of its own. */
function config(baseUrl = pos.url) {
  establishment++;
  return addQuConfig(deps, baseUrl, { establishment: String(establishment) });
}

interface Call {
  body?: unknown;
  raw?: string | Uint8Array<ArrayBuffer>;
  method?: string;
  headers?: Record<string, string>;
  options?: Partial<FunctionsOptions>;
  over?: Partial<Deps>;
}

async function call(name: string, given: Call = {}) {
  const app = createFunctionsApp(
    { ...deps, ...given.over },
    {
      adminKey,
      corsOrigins: [origin],
      authenticate: (candidate) => authenticateKey(deps.database, candidate),
      ...given.options,
    },
  );
  const method = given.method ?? 'POST';
  const hasBody = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
  const response = await app.fetch(
    new Request(`http://localhost/functions/v1/${name}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...given.headers },
      ...(hasBody ? { body: given.raw ?? JSON.stringify(given.body ?? {}) } : {}),
    }),
  );
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? null : JSON.parse(text) };
}

const bodies = {
  products: [{ id: 'p1', name: 'Tea', price: 2.5 }],
  modifiers: [{ id: 'm1', pathId: 'a/m1', name: 'Oat' }],
};

describe('who may call', () => {
  test.each(names)('O18: %s answers nobody without a key, with a wrong key, or with another scheme', async (name) => {
    const wrong = ['', 'Bearer', 'Bearer nonsense', `Basic ${key}`, `Bearer ${key} x`, `Bearer ${'x'.repeat(600)}`];
    for (const authorization of wrong) {
      const answer = await call(name, { headers: { authorization } });
      expect(answer.status, authorization).toBe(401);
      expect(answer.body).toEqual({
        success: false,
        error: expect.stringMatching(/key/),
        error_code: 'AUTH_ERROR',
        hint: expect.stringContaining('Authorization: Bearer'),
      });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  test('O18: a stored key and the admin key are accepted, a revoked one is not, and the history names the key', async () => {
    const { configId } = await config();
    const answer = await call('save-integration-data', { body: { config_id: configId, formatted_data: bodies } });
    expect(answer.status).toBe(200);
    expect((await getRun(deps.database, answer.body.sync_id))?.requested_by).toBe('key:kiosk');
    const asAdmin = await call('save-integration-data', {
      body: { config_id: configId, formatted_data: bodies },
      headers: { authorization: `Bearer ${adminKey}` },
    });
    expect(asAdmin.status).toBe(200);
    const gone = await createKey(deps.database, { name: 'gone', createdBy: 'test', access: 'admin' });
    await deps.database.query('update integration_api_keys set revoked_at = now() where id = $1', [gone.id]);
    expect((await call('sync-orchestrator', { headers: { authorization: `Bearer ${gone.key}` } })).status).toBe(401);
  });

  test('no admin key means that an empty one is not accepted either', async () => {
    for (const none of [null, '']) {
      const answer = await call('sync-orchestrator', {
        headers: { authorization: 'Bearer ' },
        options: { adminKey: none },
      });
      expect(answer.status).toBe(401);
    }
  });
});

describe('O19: CORS is an exact allow list, empty by default', () => {
  const foreign = [
    'https://evil.example',
    'http://admin.example',
    'https://admin.example:8443',
    'https://admin.example.evil.example',
    'https://ADMIN.example',
    'null',
    '*',
    '',
  ];

  test('O19: an allowed origin gets its own name back, for the preflight and for the answer', async () => {
    const preflight = await call('sync-orchestrator', { method: 'OPTIONS', headers: { origin } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
    expect(preflight.headers.get('access-control-allow-methods')).toBe('POST, OPTIONS');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    const answer = await call('sync-orchestrator', { headers: { origin, authorization: 'Bearer wrong' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('vary')).toBe('Origin');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test.each(foreign)('O19: the origin "%s" is not allowed', async (other) => {
    for (const method of ['OPTIONS', 'POST', 'GET']) {
      const answer = await call('sync-orchestrator', { method, headers: { origin: other } });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answer.headers.get('access-control-allow-methods')).toBeNull();
      expect(answer.headers.get('vary')).toBe('Origin');
    }
  });

  test('O19: without a list no origin is allowed', async () => {
    const options = { corsOrigins: [] };
    const answer = await call('sync-orchestrator', { method: 'OPTIONS', headers: { origin }, options });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('what is accepted', () => {
  test.each(names)('%s: every method but POST and OPTIONS is 405 and says so', async (name) => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await call(name, { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('POST, OPTIONS');
      expect(answer.body).toMatchObject({ success: false, error_code: 'VALIDATION_ERROR' });
    }
  });

  test('every answer carries the security headers', async () => {
    for (const given of [{ method: 'GET' }, { method: 'OPTIONS' }, { headers: { authorization: '' } }, {}]) {
      const { headers } = await call('sync-orchestrator', given);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  test('a function that does not exist is 404 in the shape of the contract', async () => {
    expect(await call('drop-everything')).toMatchObject({
      status: 404,
      body: { success: false, error_code: 'VALIDATION_ERROR' },
    });
  });

  test('a body that is no JSON object in UTF-8 is refused before any work', async () => {
    const refused: [string | Uint8Array<ArrayBuffer>, string, number][] = [
      ['{"config_id": ', 'application/json', 400],
      ['', 'application/json', 400],
      ['null', 'application/json', 400],
      ['[]', 'application/json', 400],
      [new Uint8Array([0x22, 0xff, 0xfe, 0x22]), 'application/json', 400],
      ['{"a": 1.10, "b": '.repeat(1) + '['.repeat(200_000), 'application/json', 400],
      ['config_id=1', 'application/x-www-form-urlencoded', 415],
      ['{}', 'text/plain', 415],
      [`"${'x'.repeat(1024 * 1024)}"`, 'application/json', 413],
    ];
    for (const [raw, type, status] of refused) {
      const answer = await call('sync-orchestrator', { raw, headers: { 'content-type': type } });
      expect(answer.status, String(raw).slice(0, 40)).toBe(status);
      expect(answer.body).toMatchObject({ success: false, error_code: 'VALIDATION_ERROR' });
    }
  });

  test('a wrong field is named', async () => {
    const { configId } = await config();
    const wrong: [string, unknown, string][] = [
      ['sync-orchestrator', { config_id: 'seven' }, 'The field config_id must be an id (a UUID).'],
      ['save-integration-data', { config_id: configId }, 'The field formatted_data is missing.'],
      [
        'save-integration-data',
        { config_id: configId, formatted_data: { products: {} } },
        'The field formatted_data.products must be a list.',
      ],
      [
        'save-integration-data',
        { config_id: configId, formatted_data: {}, mode: 'wipe' },
        'The field mode must be one of merge, full.',
      ],
      [
        'save-integration-data',
        { config_id: configId, formatted_data: {}, metadata: [] },
        'The field metadata must be an object.',
      ],
      ['format-integration-data', { data: {} }, 'The field integration_type is missing.'],
      [
        'format-integration-data',
        { integration_type: '', data: {} },
        'The field integration_type must be a text that is not empty.',
      ],
      ['format-integration-data', { integration_type: 'qu' }, 'The field data is missing.'],
      ['sync-orchestrator', [], 'The body must be an object.'],
    ];
    for (const [name, body, error] of wrong) {
      expect(await call(name, { body })).toMatchObject({ status: 400, body: { error } });
    }
  });

  test('a body that is too large is told the limit and the way out', async () => {
    const raw = Buffer.alloc(64 * 1024 * 1024 + 1, ' ');
    expect(await call('save-integration-data', { raw })).toMatchObject({
      status: 413,
      body: {
        error: 'The body is larger than the 64 MiB that is taken here.',
        hint: expect.stringMatching(/^No setting raises this limit\. .*"merge".*`tillsync save`/),
      },
    });
    const format = await call('format-integration-data', { raw });
    expect(format).toMatchObject({ status: 413, body: { hint: expect.stringContaining('sync-orchestrator') } });
    const sync = await call('sync-orchestrator', { raw: raw.subarray(0, 1024 * 1024 + 1) });
    expect(sync).toMatchObject({ status: 413, body: { hint: 'The body holds config_id and nothing else.' } });
  });

  test('a body without any kind saves nothing, so it is no success', async () => {
    const { configId } = await config();
    for (const formatted_data of [{}, { menuItems: [] }, { products: null }]) {
      const answer = await call('save-integration-data', { body: { config_id: configId, formatted_data } });
      expect(answer).toMatchObject({ status: 400, body: { error_code: 'VALIDATION_ERROR' } });
    }
  });

  test('a config that nobody has is 404, one that lacks settings is 422', async () => {
    const half = await addConfig(deps, {
      connectorId: 'qu',
      name: 'half',
      params: { brand: 'acme', base_url: pos.url },
      secrets: {},
    });
    const nobody = '00000000-0000-0000-0000-00000000abcd';
    for (const name of ['sync-orchestrator', 'fetch-integration-data']) {
      expect(await call(name, { body: { config_id: nobody } })).toMatchObject({
        status: 404,
        body: { error_code: 'VALIDATION_ERROR' },
      });
      expect(await call(name, { body: { config_id: half.id } })).toMatchObject({
        status: 422,
        body: { error_code: 'VALIDATION_ERROR', error: expect.stringContaining('establishment') },
      });
    }
  });
});

describe('sync-orchestrator', () => {
  test('syncs and answers exactly the fields of the contract', async () => {
    const { configId } = await config();
    const first = await call('sync-orchestrator', { body: { config_id: configId } });
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      success: true,
      sync_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      config_id: configId,
      status: 'success',
      counts: { products: 30, modifiers: 40, discounts: 5, total: 75 },
      changes: {
        products: {
          created: 30,
          updated: 0,
          unchanged: 0,
          removed: 0,
          restored: 0,
          rejected: 0,
          duplicates: 0,
          filtered: 0,
        },
        modifiers: {
          created: 40,
          updated: 0,
          unchanged: 0,
          removed: 0,
          restored: 0,
          rejected: 0,
          duplicates: 3,
          filtered: 0,
        },
        discounts: {
          created: 5,
          updated: 0,
          unchanged: 0,
          removed: 0,
          restored: 0,
          rejected: 0,
          duplicates: 0,
          filtered: 0,
        },
      },
      started_at: expect.stringMatching(/Z$/),
      completed_at: expect.stringMatching(/Z$/),
      duration_ms: expect.any(Number),
    });
    const second = await call('sync-orchestrator', { body: { config_id: configId } });
    expect(second.body.changes.products).toMatchObject({ created: 0, updated: 0, unchanged: 30 });
  });

  test('an empty answer of the POS is held: 409, nothing written', async () => {
    const { configId, sourceId } = await config();
    await call('sync-orchestrator', { body: { config_id: configId } });
    pos.answer('empty', 1);
    const held = await call('sync-orchestrator', { body: { config_id: configId } });
    expect(held.status).toBe(409);
    expect(held.body).toEqual({
      success: false,
      error: expect.stringMatching(/^Held: .*Nothing was written\.$/),
      error_code: 'SAVE_ERROR',
      hint: expect.stringContaining('runs approve'),
      run_id: expect.any(String),
      held: true,
    });
    const { rows } = await deps.database.query(
      'select count(*) from integration_products where wand_source_id = $1 and removed_at is null',
      [sourceId],
    );
    expect(rows).toEqual([{ count: '30' }]);
  });

  test('a sync that outlasts the wait is 202, goes on, and ends as cancelled when the server stops', async () => {
    const { configId } = await config();
    pos.answer('hang', 1);
    const asked = pos.requests.length;
    const stopping = new AbortController();
    const background: Promise<unknown>[] = [];
    const options = {
      waitMs: 50,
      stopping: stopping.signal,
      keepAlive: (work: Promise<unknown>) => background.push(work),
    };
    const answer = await call('sync-orchestrator', { body: { config_id: configId }, options: options as never });
    expect(answer).toMatchObject({
      status: 202,
      body: { success: true, sync_id: expect.any(String), status: 'in_progress' },
    });
    expect(Object.keys(answer.body)).toEqual(['success', 'sync_id', 'status']);
    expect(background).toHaveLength(1);
    // Else the POS would hang at the next test's request instead of at this one's.
    await until('the POS was asked', () => pos.requests.length > asked);
    stopping.abort();
    await Promise.all(background);
    expect((await getRun(deps.database, answer.body.sync_id))?.status).toBe('cancelled');
  });

  test('O15: a second Sync now while one runs is 409 with the active run, and nothing overlaps', async () => {
    const { configId } = await config();
    const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => call('sync-orchestrator', { body: { config_id: configId } })),
    );
    const save = await call('save-integration-data', { body: { config_id: configId, formatted_data: bodies } });
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 409, body: { success: false, error_code: 'SYNC_ERROR', run_id: run.id } });
      expect(answer.headers.get('retry-after')).toBe('5');
    }
    expect(save).toMatchObject({ status: 409, body: { success: false, error_code: 'SAVE_ERROR', run_id: run.id } });
    expect((await runSync(deps, run.id)).status).toBe('success');
    const { rows } = await deps.database.query(
      'select count(*) from integration_sync_history where source_config_id = $1',
      [configId],
    );
    expect(rows).toEqual([{ count: '1' }]);
  });
});

describe('fetch, format and save, one after another as the original did', () => {
  test('what fetch gives format takes, what format gives save takes, and a sync afterwards changes nothing', async () => {
    const { configId, sourceId } = await config();
    const fetched = await call('fetch-integration-data', { body: { config_id: configId } });
    expect(fetched.status).toBe(200);
    expect(fetched.body).toEqual({
      success: true,
      config_id: configId,
      integration_type: 'qu',
      data: expect.objectContaining({ menuItems: expect.any(Array) }),
      fetched_at: expect.stringMatching(/^\d{4}-.*Z$/),
      metadata: { application_level: 'site', concept_id: null, company_id: null, site_id: null, complete: true },
    });
    const formatted = await call('format-integration-data', {
      body: { integration_type: 'qu', data: fetched.body.data, config_id: configId },
    });
    expect(formatted.status).toBe(200);
    expect(Object.keys(formatted.body)).toEqual(['success', 'formatted_data', 'counts', 'rejected']);
    expect(formatted.body.formatted_data.products).toHaveLength(30);
    const alone = await call('format-integration-data', {
      body: { integration_type: 'qu', data: fetched.body.data },
    });
    expect(alone.body).toEqual(formatted.body);
    const saved = await call('save-integration-data', {
      body: {
        config_id: configId,
        source_id: sourceId,
        formatted_data: formatted.body.formatted_data,
        metadata: { from: 'the original' },
      },
    });
    expect(saved.status).toBe(200);
    expect(Object.keys(saved.body)).toEqual([
      'success',
      'config_id',
      'source_id',
      'sync_id',
      'counts',
      'changes',
      'saved_at',
      'metadata',
    ]);
    expect(saved.body.counts).toEqual({ products: 30, modifiers: 40, discounts: 5, total: 75 });
    expect(saved.body.metadata).toEqual({ from: 'the original' });
    const synced = await call('sync-orchestrator', { body: { config_id: configId } });
    for (const kind of ['products', 'modifiers', 'discounts']) {
      expect(synced.body.changes[kind]).toMatchObject({ created: 0, removed: 0, restored: 0 });
    }
  });

  test('a merge body twice: the second creates and updates nothing; a subset touches only its own items', async () => {
    const { configId } = await config();
    const save = (formatted_data: object) =>
      call('save-integration-data', { body: { config_id: configId, formatted_data } });
    const whole = {
      products: [
        { mappingId: '1', name: 'Tea', price: 2.5 },
        { id: '2', name: 'Soup', price: 0 },
      ],
      modifiers: [{ external_id: '7', path_id: 'a/7', name: 'Oat', modifierGroupName: 'Milk' }],
      discounts: [{ id: 0, name: 'Staff', discountAmount: 0, price: 9 }],
    };
    expect((await save(whole)).body.counts).toEqual({ products: 2, modifiers: 1, discounts: 1, total: 4 });
    const again = await save(whole);
    expect(again.body.changes.products).toMatchObject({ created: 0, updated: 0, unchanged: 2, removed: 0 });
    expect(again.body.changes.discounts).toMatchObject({ created: 0, updated: 0, unchanged: 1 });
    const subset = await save({ products: [{ id: '2', name: 'Soup', price: 5.9 }] });
    expect(subset.body.changes.products).toMatchObject({ created: 0, updated: 1, unchanged: 0, removed: 0 });
    expect(subset.body.changes.modifiers).toMatchObject({ unchanged: 0, removed: 0 });
    const { rows } = await deps.database.query(
      'select external_id, discount_amount from integration_discounts where source_config_id = $1',
      [configId],
    );
    expect(rows).toEqual([{ external_id: '0', discount_amount: '0' }]);
  });

  test('numbers that a double cannot carry arrive as they were sent', async () => {
    const { configId } = await config();
    const raw = `{"config_id":"${configId}","formatted_data":{"products":[{"id":9007199254740993,"price":0.30000000000000004}]}}`;
    expect((await call('save-integration-data', { raw })).status).toBe(200);
    const { rows } = await deps.database.query(
      'select external_id, price from integration_products where source_config_id = $1',
      [configId],
    );
    expect(rows).toEqual([{ external_id: '9007199254740993', price: '0.30000000000000004' }]);
  });

  test('the source of the config and the legacy id it was adopted from are accepted, any other is 409, an id or not', async () => {
    const { configId, sourceId } = await config();
    const legacy = '11111111-1111-1111-1111-111111111111';
    await deps.database.query('update integration_source_configs set legacy_source_id = $2 where id = $1', [
      configId,
      legacy,
    ]);
    const save = (source_id: string) =>
      call('save-integration-data', { body: { config_id: configId, source_id, formatted_data: bodies } });
    for (const accepted of [sourceId, legacy]) {
      const answer = await save(accepted);
      expect(answer.status).toBe(200);
      expect(answer.body.source_id).toBe(sourceId);
    }
    for (const foreign of ['22222222-2222-2222-2222-222222222222', 'nope', '']) {
      expect(await save(foreign)).toMatchObject({
        status: 409,
        body: { success: false, error_code: 'VALIDATION_ERROR' },
      });
    }
  });

  test('a full save that would empty a kind is held: 409 SAVE_ERROR with held and run_id', async () => {
    const { configId } = await config();
    const products = Array.from({ length: 8 }, (_, i) => ({ id: `p${i}`, name: `Dish ${i}` }));
    await call('save-integration-data', { body: { config_id: configId, formatted_data: { products }, mode: 'full' } });
    const held = await call('save-integration-data', {
      body: { config_id: configId, formatted_data: { products: [] }, mode: 'full' },
    });
    expect(held).toMatchObject({ status: 409, body: { error_code: 'SAVE_ERROR', held: true } });
    expect(held.body.error).toContain('8 products');
  });
});

describe('O16: an error says what to do and nothing about the inside', () => {
  const inside =
    /postgres|select |insert |\bat .*\.ts|node_modules|\/work\/|ECONN|SQLSTATE|\b[0-9A-Z]{5}\b:|127\.0\.0\.1/i;

  test('O16: a bug is a reference id for the caller, and the whole story in the log only', async () => {
    const { configId } = await config();
    const logged: unknown[] = [];
    const secret = 'select password from users at /srv/app/db.ts';
    const log = { ...deps.log, error: (fact: unknown) => logged.push(fact) } as unknown as Deps['log'];
    for (const [name, code] of [
      ['sync-orchestrator', 'SYNC_ERROR'],
      ['fetch-integration-data', 'FETCH_ERROR'],
      ['save-integration-data', 'SAVE_ERROR'],
    ] as const) {
      const answer = await call(name, {
        body: { config_id: configId, formatted_data: bodies },
        over: { database: brokenDatabase(deps.database, new Error(secret)), log },
      });
      expect(answer.status).toBe(500);
      expect(answer.text).not.toContain('password');
      expect(answer.body).toMatchObject({ success: false, error_code: code });
      const reference = /reference ([0-9a-f-]{36})/.exec(answer.body.error)?.[1];
      expect(logged.at(-1)).toMatchObject({ reference, err: { message: secret } });
    }
  });

  const trace = 'Error: postgres://pos:hunter2@10.0.0.7/menu failed at /srv/pos/menu.js:42 '.repeat(200);

  test.each([
    ['500 with a stack trace', { status: 500, body: trace }, 502, 'FETCH_ERROR'],
    ['401 with a stack trace', { status: 401, body: trace }, 502, 'FETCH_ERROR'],
    ['a login page', 'html', 502, 'FETCH_ERROR'],
    ['200 with an error object', 'error200', 422, 'FORMAT_ERROR'],
  ] as const)(
    'O16: when the POS answers %s the caller gets one sentence, and history says failed',
    async (...given) => {
      const [, posAnswer, status, code] = given;
      const { configId } = await config();
      pos.answer(posAnswer, 5);
      const answer = await call('sync-orchestrator', { body: { config_id: configId } });
      pos.answer('catalog');
      expect(answer.body).toMatchObject({ success: false, error_code: code, hint: expect.any(String) });
      expect(answer.status).toBe(status);
      expect(answer.text).not.toMatch(/hunter2|10\.0\.0\.7|menu\.js/);
      expect(answer.body.error.length).toBeLessThan(400);
      expect((await getRun(deps.database, answer.body.run_id))?.status).toBe('failed');
    },
  );

  test('O16: a broken table is one sentence without SQLSTATE, statement or path', async () => {
    const broken = await openEngine();
    const { configId } = await addQuConfig(broken, pos.url);
    await broken.database.query('alter table integration_discounts rename to integration_discounts_gone');
    const answer = await call('save-integration-data', {
      body: { config_id: configId, formatted_data: bodies },
      headers: { authorization: `Bearer ${adminKey}` },
      over: broken,
    });
    expect(answer.body).toMatchObject({ success: false, error_code: 'SAVE_ERROR' });
    expect(answer.status).toBe(500);
    expect(answer.body.error).not.toMatch(inside);
  });
});
