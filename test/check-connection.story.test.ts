// Test connection: how far it comes with settings that are wrong in one way, and what it finds out where all is well.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connector } from '../src/connectors/connector.ts';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { makeCatalog } from '../src/connectors/qu/fake-catalog.ts';
import { connector as qu } from '../src/connectors/qu/index.ts';
import { openHttp } from '../src/net/http-client.ts';
import { checkConnection, checkToEnd } from '../src/sync/check/check-connection.ts';
import type { CheckReport } from '../src/sync/check/check-step.ts';
import { lintSource } from '../src/sync/check/lint-source.ts';
import { recordCassette } from '../src/sync/check/record-cassette.ts';
import type { CheckTarget } from '../src/sync/check/settings-to-check.ts';
import type { Deps } from '../src/sync/deps.ts';
import { saveFormatted } from '../src/sync/save-formatted.ts';
import { addConfig, setConfig } from '../src/sync/set-config.ts';
import { addQuConfig, openEngine, syncNow } from './support/engine.ts';
import { startFakeOAuth } from './support/fake-oauth.ts';
import { withTokens } from './support/token-connector.ts';

let deps: Deps;
let pos: FakeQu;
beforeAll(async () => {
  deps = await openEngine();
  pos = await startFakeQu({ products: 12, modifiers: 9, discounts: 2 });
});
afterAll(() => pos.stop());

const { signal } = new AbortController();
const run = (target: CheckTarget, over: Deps = deps) => checkToEnd(over, { target, signal });
const settings = (params: Record<string, unknown> = {}, secrets: Record<string, string> = {}) => ({
  connectorId: qu.id,
  params: { brand: 'acme', establishment: '17', base_url: pos.url, ...params },
  secrets,
});
/** E.g. 'settings ok, dns ok, connect failed, page skipped'. */
const said = ({ steps }: CheckReport) =>
  steps.map(({ step, ok, skipped }) => `${step} ${ok ? 'ok' : skipped ? 'skipped' : 'failed'}`).join(', ');
const failureOf = ({ steps }: CheckReport) => steps.find(({ ok, skipped }) => !ok && !skipped);

describe('a test of a connection', () => {
  test('tries one step after the other, shows items of each kind, and stores nothing', async () => {
    const { configId } = await addQuConfig(deps, pos.url);
    const before = pos.requests.length;
    const report = await run({ configId });
    expect(said(report)).toBe('settings ok, dns ok, connect ok, login ok, page ok, items ok');
    expect(report).toMatchObject({ ok: true, counts: { rejected: 0, filtered: 0 }, discovered: null, saved: false });
    expect(report.items.map(({ kind }) => kind)).toEqual(['products', 'modifiers', 'discounts']);
    expect(pos.requests.length).toBe(before + 1);
    for (const table of ['integration_payloads', 'integration_products', 'integration_sync_history']) {
      expect((await deps.database.query(`select from ${table}`)).rowCount, table).toBe(0);
    }
  });

  test('ends at the first step that fails, with its fix, and says what it did not try', async () => {
    const cases: [CheckTarget, string, string][] = [
      [settings({ auth: 'bearer' }), 'settings', 'config_not_runnable'],
      [settings({ brnad: 'x' }), 'settings', 'param_unknown'],
      [settings({ base_url: 'http://nowhere.invalid' }), 'dns', 'upstream_unreachable'],
      [settings({ base_url: 'http://127.0.0.1:1' }), 'dns', 'address_refused'],
      [settings({ base_url: pos.url.replace('http:', 'https:') }), 'connect', 'tls_failed'],
    ];
    for (const [target, step, code] of cases) {
      const report = await run(target);
      expect(failureOf(report), code).toMatchObject({ step, code, hint: expect.stringMatching(/\w/) });
      expect(report.ok).toBe(false);
      expect(said(report)).toMatch(/failed(, \w+ skipped)*, page skipped, items skipped$/);
    }
  });

  test('says whether login, permission, page or items fail, and never a secret', async () => {
    const bad = (body: string, status = 200) => ({ status, body });
    const cases: [Parameters<FakeQu['answer']>[0], string, string][] = [
      ['401', 'login', 'upstream_auth'],
      [bad('no', 403), 'permission', 'upstream_auth'],
      [bad('no', 404), 'page', 'upstream_status'],
      ['html', 'page', 'upstream_no_catalog'],
      [bad('{"menuItems": [1, 2'), 'items', 'body_truncated'],
    ];
    for (const [answer, step, code] of cases) {
      pos.answer(answer, 1);
      const report = await run(settings({ auth: 'bearer' }, { token: 'hunter2-token' }));
      expect(failureOf(report), `${step} ${code}`).toMatchObject({ step, code });
      expect(JSON.stringify(report)).not.toContain('hunter2');
    }
  });

  test('refuses private addresses as a run does', async () => {
    const strict = {
      ...deps,
      openHttp: () => openHttp({ allowPrivateHosts: false, connectSeconds: 2, totalSeconds: 2, maxBytes: 1_000_000 }),
    };
    const before = pos.requests.length;
    expect(failureOf(await run(settings(), strict))).toMatchObject({ step: 'dns', code: 'address_refused' });
    expect(pos.requests.length).toBe(before);
  });

  test('is given up by its caller', async () => {
    const leaving = new AbortController();
    pos.answer('hang', 1);
    const steps = checkConnection(deps, settings(), leaving.signal);
    for (const step of ['settings', 'dns', 'connect']) expect((await steps.next()).value).toMatchObject({ step });
    const last = expect(steps.next()).rejects.toThrow('gone');
    const before = pos.requests.length;
    while (pos.requests.length === before) await new Promise((resolve) => setImmediate(resolve));
    leaving.abort(new Error('gone'));
    await last;
  });
});

describe('a POS with access tokens', () => {
  test('issues one for settings that no config holds, which is kept nowhere; a refused grant fails at the login', async () => {
    const oauth = await startFakeOAuth(makeCatalog({ products: 3, modifiers: 2, discounts: 1 }));
    const over = withTokens(deps);
    const target = settings({ base_url: oauth.url, auth: 'bearer' }, { token: oauth.connect() });
    expect(await run(target, over)).toMatchObject({ ok: true });
    expect([oauth.asked.length, oauth.fetched.length]).toEqual([1, 1]);
    expect((await deps.database.query('select from integration_access_tokens')).rowCount).toBe(0);
    // A refresh token works once.
    expect(failureOf(await run(target, over))).toMatchObject({ step: 'login', code: 'token_refused' });
    await oauth.stop();
  });
});

describe('a recording', () => {
  test('holds one whole fetch, without credentials and host, and stores nothing', async () => {
    const { configId } = await addQuConfig(deps, pos.url, { establishment: 'recorded', auth: 'api_key' });
    await setConfig(deps, { configId, secrets: { api_key: 'hunter2-key' } });
    const cassette = await recordCassette(deps, { configId, signal });
    expect(cassette).toMatchObject({ connector: qu.id, params: { base_url: 'https://pos.example' } });
    expect(cassette.exchanges).toMatchObject([
      { method: 'GET', status: 200, request_headers: { 'x-api-key': 'not recorded' } },
    ]);
    const text = JSON.stringify(cassette);
    for (const secret of ['hunter2', '127.0.0.1']) expect(text).not.toContain(secret);
    expect((await deps.database.query('select from integration_payloads')).rowCount).toBe(0);
  });
});

describe('a connector that asks the POS who it is', () => {
  const telling: Connector = {
    ...qu,
    async *check() {
      yield { step: 'login', ok: true, message: 'Logged in as Main St.' };
      yield { step: 'identity', ok: true, message: 'This is establishment 23.', identity: { establishment: '23' } };
    },
  };
  const add = (over: Deps, establishment: Record<string, string>) =>
    addConfig(over, {
      connectorId: qu.id,
      name: 'asks',
      params: { brand: 'acme', base_url: pos.url, ...establishment },
      secrets: {},
    });

  test('finds the identity of a config, and with save the config has its source and can be synced', async () => {
    const over = { ...deps, connectors: new Map([[qu.id, telling]]) };
    const { id, missing } = await add(over, {});
    expect(missing).toEqual(['establishment']);
    await expect(syncNow(over, id)).rejects.toMatchObject({ hint: expect.stringContaining('connectors test') });
    const looked = await run({ configId: id }, over);
    expect(said(looked)).toBe('settings ok, dns ok, connect ok, login ok, identity ok, page ok, items ok');
    expect(looked).toMatchObject({ discovered: { establishment: '23' }, saved: false });
    expect(pos.requests.at(-1)?.url).toContain('id=23');
    expect(await checkToEnd(over, { target: { configId: id }, save: true, signal })).toMatchObject({ saved: true });
    expect((await syncNow(over, id)).status).toBe('success');
  });

  test('fails where the credentials belong to another account than the settings name', async () => {
    const over = { ...deps, connectors: new Map([[qu.id, telling]]) };
    const { id } = await add(over, { establishment: '24' });
    expect(failureOf(await run({ configId: id }, over))).toMatchObject({ step: 'identity', code: 'identity_differs' });
  });

  test('is named with what is still missing where the POS does not tell it', async () => {
    const silent: Connector = {
      ...qu,
      async *check() {
        yield { step: 'login', ok: true, message: 'Logged in.' };
      },
    };
    const over = { ...deps, connectors: new Map([[qu.id, silent]]) };
    const { id } = await add(over, {});
    const failure = failureOf(await run({ configId: id }, over));
    expect(failure).toMatchObject({ step: 'identity', message: expect.stringContaining('establishment') });
  });

  test('says itself what does not work, with its own fix', async () => {
    const refusing: Connector = {
      ...qu,
      async *check() {
        yield { step: 'permission', ok: false, message: 'The key may not read items.', hint: 'Give it ITEMS_READ.' };
      },
    };
    const report = await run(settings(), { ...deps, connectors: new Map([[qu.id, refusing]]) });
    expect(failureOf(report)).toMatchObject({ step: 'permission', hint: 'Give it ITEMS_READ.', code: null });
    expect(said(report)).toMatch(/permission failed, page skipped, items skipped$/);
  });
});

describe('the lint of a stored catalog', () => {
  test('looks at every live item once, in pages, and not at the rules that its config switches off', async () => {
    const { configId, sourceId } = await addQuConfig(deps, pos.url, { establishment: 'lint' });
    const at = (count: number) => Array.from({ length: count }, (_, each) => each);
    const modifiers = at(1_201).map((each) => ({
      id: `m${each % 601}`,
      pathId: each < 601 ? null : `p${each}`,
      name: `m ${each}`,
      modifierGroupId: 'sauces',
      price: '0.10',
    }));
    const products = at(501).map((each) => ({ id: `p${each}`, name: `product ${each % 500}`, price: '1' }));
    await saveFormatted(deps, { configId, formattedData: { products, modifiers }, requestedBy: 'test' });
    const report = await lintSource(deps, sourceId);
    expect(report).toMatchObject({ source_id: sourceId, items: 1_702, counts: { duplicate_name: 1 }, off: [] });
    await setConfig(deps, { configId, guard: { lint_off: ['duplicate_name'] } });
    expect(await lintSource(deps, sourceId)).toMatchObject({ findings: [], off: ['duplicate_name'] });
    const wrong = setConfig(deps, { configId, guard: { lint_off: ['nonsense'] } });
    await expect(wrong).rejects.toMatchObject({ code: 'guard_invalid' });
  });
});
