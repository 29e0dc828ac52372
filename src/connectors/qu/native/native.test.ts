// The native form of Qu: what it asks its gateway, what becomes of the menu, and that its keys are the intermediary's.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Formatted, itemKey } from '../../../catalog/item.ts';
import { type Json, parseJson } from '../../../json.ts';
import { openHttp } from '../../../net/http-client.ts';
import { type IssuedToken, readOAuthToken } from '../../../net/manners/token-store.ts';
import type { ConnectorSettings, DocumentProof, FetchEnd, FormatContext, Remembered } from '../../connector.ts';
import { identityOf } from '../../identity.ts';
import { connector } from '../index.ts';
import { type FakeGateway, startFakeGateway } from './fake-gateway.ts';

const http = openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 50_000_000 });
const size = { products: 20, modifiers: 30, discounts: 5 };
let gateway: FakeGateway | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

async function start(): Promise<FakeGateway> {
  gateway = await startFakeGateway(size);
  return gateway;
}

/** The token of the gateway, as one worker alone would hold it. */
function tokenOf(settings: ConnectorSettings): (refused?: string) => Promise<string> {
  const rule = connector.token;
  let issued: IssuedToken | null = null;
  return async (refused) => {
    if (issued !== null && issued.accessToken !== refused) return issued.accessToken;
    if (rule === undefined) throw new Error('no rule');
    const answer = await http.post(rule.url(settings.params), rule.request(settings, null));
    issued = readOAuthToken(parseJson(await answer.text(10_000)));
    return issued.accessToken;
  };
}

interface Fetched {
  formatted: Formatted[];
  proofs: DocumentProof[];
  end: FetchEnd;
}

interface Asking {
  since?: Remembered | null;
  accessToken?: (refused?: string) => Promise<string>;
  signal?: AbortSignal;
  onWait?: (milliseconds: number) => void;
}

async function fetchAll(settings: ConnectorSettings, asking: Asking = {}): Promise<Fetched> {
  const { signal = new AbortController().signal } = asking;
  const base = { settings, http, signal, now: new Date(), accessToken: tokenOf(settings) };
  const fetching = connector.fetch({ ...base, ...asking, signal });
  const all: Fetched = { formatted: [], proofs: [], end: { complete: false } };
  for (;;) {
    const step = await fetching.next();
    if (step.done) return { ...all, end: step.value };
    const { formatted, proof } = await formatBytes(step.value.body, { params: settings.params });
    all.formatted.push(...formatted);
    all.proofs.push(proof);
  }
}

async function formatBytes(body: AsyncIterable<Uint8Array>, context: FormatContext) {
  const formatted: Formatted[] = [];
  const stream = connector.format(body, context);
  for (;;) {
    const { done, value } = await stream.next();
    if (done) return { formatted, proof: value };
    formatted.push(...value);
  }
}

/** Formats a document as bytes and as it is; both must be the same. */
async function formatMenu(document: Json, more: Record<string, unknown> = {}) {
  const context = { params: { form: 'native', ...more } };
  const bytes = await formatBytes(
    (async function* () {
      yield Buffer.from(JSON.stringify(document));
    })(),
    context,
  );
  const parsed: Formatted[] = [];
  const formatting = connector.formatDocument(document, context);
  let step = formatting.next();
  for (; !step.done; step = formatting.next()) parsed.push(step.value);
  expect(parsed).toEqual(bytes.formatted);
  expect(step.value).toEqual(bytes.proof);
  return bytes;
}

function keyOf(each: Formatted): string {
  if (each.type === 'item') {
    return `${each.item.kind} ${itemKey(each.item.kind, each.item.externalId, each.item.pathId)}`;
  }
  return each.type === 'reject' ? `reject ${each.reject.reason}` : `${each.type} ${each.kind} ${each.externalId}`;
}

const keysOf = (formatted: readonly Formatted[]) => [...new Set(formatted.map(keyOf))].sort();

describe('the native menu', () => {
  test('is one answer, with the keys that the intermediary gives the same catalog, and without discounts', async () => {
    const { settings, expectedKeys, catalog, requests } = await start();
    const { formatted, proofs, end } = await fetchAll(settings);
    expect(proofs).toEqual([{ complete: true, kindsPresent: ['products', 'modifiers'] }]);
    expect(end).toEqual({ complete: true, remember: { probe: { generation: '2026-01-31T10:00:00.000Z' } } });
    expect(keysOf(formatted)).toEqual([...expectedKeys()].sort());
    const parsed = [...connector.formatDocument(catalog as unknown as Json, { params: {} })];
    expect(keysOf(formatted)).toEqual(keysOf(parsed.filter((each) => !keyOf(each).startsWith('discounts'))));
    expect(requests.map(({ url }) => url)).toEqual(['/api/v4/menus?LocationId=17&OrderChannelId=1&OrderTypeId=2']);
  });

  test('gives the fields that the intermediary gives', async () => {
    const { settings, catalog } = await start();
    const { formatted } = await fetchAll(settings);
    const fieldsOf = (list: Iterable<Formatted>) =>
      [...list].flatMap((each) => {
        if (each.type !== 'item' || each.item.kind === 'discounts') return [];
        // The pretend intermediary names a group otherwise with each of its modifiers.
        const { data: _, modifierGroupName: __, ...fields } = each.item;
        return [JSON.stringify([fields, each.preference])];
      });
    const wanted = new Set(fieldsOf(connector.formatDocument(catalog as unknown as Json, { params: {} })));
    expect(new Set(fieldsOf(formatted))).toEqual(wanted);
  });

  test('that was not generated anew is unchanged, whether Qu says so by 204, 304 or an empty answer', async () => {
    const fake = await start();
    const { end } = await fetchAll(fake.settings);
    const since = end.remember ?? null;
    expect(await fetchAll(fake.settings, { since })).toMatchObject({
      proofs: [],
      end: { complete: true, unchanged: true },
    });
    expect(fake.requests.at(-1)?.url).toContain('PrevGenerationTime=2026-01-31T10%3A00%3A00.000Z');
    fake.generate('2026-02-01T00:00:00.000Z');
    const again = await fetchAll(fake.settings, { since });
    expect(again.proofs).toHaveLength(1);
    expect(again.end.remember).toEqual({ probe: { generation: '2026-02-01T00:00:00.000Z' } });
    for (const probe of [{ generation: 'a\r\nb' }, { etag: '"x"' }, 'x', null]) {
      expect((await fetchAll(fake.settings, { since: { probe } })).proofs).toHaveLength(1);
    }
  });

  test('an answer without a menu is a failure where nothing was asked about, and a web page always', async () => {
    const { settings } = await start();
    const answering = (status: number, body: string) => ({
      ...http,
      get: async () => ({
        status,
        headers: { get: () => null },
        body: (async function* () {
          if (body !== '') yield Buffer.from(body);
        })(),
        text: async () => body,
        discard: () => undefined,
      }),
    });
    const asked = async (status: number, body: string, since: Remembered | null) => {
      const base = { settings, signal: new AbortController().signal, now: new Date(), accessToken: async () => 't' };
      return (await connector.fetch({ ...base, http: answering(status, body), since }).next()).value;
    };
    const since = { probe: { generation: 'then' } };
    for (const [status, body] of [
      [204, ''],
      [304, ''],
      [200, ''],
    ] as const) {
      expect(await asked(status, body, since)).toEqual({ complete: true, unchanged: true });
      await expect(asked(status, body, null)).rejects.toMatchObject({ code: 'upstream_no_catalog' });
    }
    await expect(asked(202, '', since)).rejects.toMatchObject({ code: 'upstream_no_catalog' });
    await expect(asked(200, ' <html>', since)).rejects.toMatchObject({ code: 'upstream_no_catalog' });
  });

  test('a token that was taken back is renewed once, a location that is not allowed is told', async () => {
    const fake = await start();
    const accessToken = tokenOf(fake.settings);
    await fetchAll(fake.settings, { accessToken });
    fake.revokeTokens();
    expect((await fetchAll(fake.settings, { accessToken })).end.complete).toBe(true);
    expect([fake.issued(), fake.requests.length]).toEqual([2, 3]);
    const { params, secrets } = fake.settings;
    const other = { params: { ...params, integration_id: 'other' }, secrets };
    await expect(fetchAll(other)).rejects.toThrow(/does not let this integration read this location/);
  });

  test('the connection is checked step by step; the intermediary has no steps of its own', async () => {
    const { settings } = await start();
    const steps = async (change: Record<string, unknown>) => {
      const own = { ...settings, params: { ...settings.params, ...change } };
      const signal = new AbortController().signal;
      const context = { settings: own, http, signal, now: new Date(), accessToken: tokenOf(own) };
      const found: string[] = [];
      for await (const { step, ok } of connector.check?.(context) ?? []) found.push(`${step} ${ok}`);
      return found;
    };
    expect(await steps({})).toEqual(['login true', 'permission true', 'identity true']);
    expect(await steps({ order_type_id: 9 })).toEqual(['login true', 'permission true', 'identity false']);
    await expect(steps({ integration_id: 'other' })).rejects.toMatchObject({ code: 'upstream_auth' });
    expect(await steps({ form: 'intermediary' })).toEqual([]);
  });

  test('is never whole when it was cut off, waits as it is told, and ends on abort', async () => {
    const fake = await start();
    fake.answer('truncated', 1);
    await expect(fetchAll(fake.settings)).rejects.toMatchObject({ code: 'upstream_truncated' });
    fake.answer('429', 1);
    const waits: number[] = [];
    expect((await fetchAll(fake.settings, { onWait: (wait) => void waits.push(wait) })).end.complete).toBe(true);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThanOrEqual(1_000);
    fake.answer('hang-body');
    const before = fake.requests.length;
    const controller = new AbortController();
    const stopped = expect(fetchAll(fake.settings, { signal: controller.signal })).rejects.toThrow('cancelled');
    while (fake.requests.length === before) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('cancelled'));
    await stopped;
  });
});

describe('a node', () => {
  const node = (id: number | string, more: Record<string, Json> = {}): Record<string, Json> => ({
    itemMasterId: id,
    title: `N ${id}`,
    itemType: 1,
    ...more,
  });
  const menu = (...children: Json[]): Json => ({ children: [{ itemMasterId: 1, itemType: 10, children }] });
  const keys = async (document: Json, more?: Record<string, unknown>) =>
    (await formatMenu(document, more)).formatted.map(keyOf);

  test('is a product, a modifier below one, or only holds others', async () => {
    const group = { itemMasterId: 3, title: 'Group-Sauces', itemType: 3, children: [node(4)] };
    expect(await keys(menu(node(2, { children: [group] })))).toEqual(['modifiers 3-4\u00013-4', 'products 1-2']);
    // The choices of an item may hang below it without a group.
    expect(await keys(menu(node(2, { children: [node(3)] })))).toEqual(['modifiers 2-3\u00012-3', 'products 1-2']);
  });

  test('the settings say which nodes are sold', async () => {
    const group = node(3, { title: 'Group-Sauces', children: [node(4)] });
    const document = menu(node(2, { children: [group] }), node(5, { itemType: 2 }));
    expect(await keys(document)).toEqual(['modifiers 3-4\u00013-4', 'modifiers 2-3\u00012-3', 'products 1-2']);
    expect(await keys(document, { group_prefixes: ['Group-'] })).toEqual(['modifiers 3-4\u00013-4', 'products 1-2']);
    expect(await keys(document, { item_types: [2] })).toEqual(['products 1-5']);
  });

  test('has the last two segments of its path for a key, and its place where it has no path', async () => {
    const path = (itemPathKey: Json) => ({ itemPathKey });
    const document = menu(
      node(2, path('47587-56634-2')),
      node('9007199254740993', path('7-9007199254740993')),
      node(3),
    );
    expect(await keys(document)).toEqual(['products 56634-2', 'products 7-9007199254740993', 'products 1-3']);
    expect(await keys({ children: [node(8, path(8))] })).toEqual(['products 8']);
    expect(await keys(menu(node(2, path('1-3')), node('', {}), { itemType: 1 }))).toEqual([
      'reject invalid_path_id',
      'reject missing_external_id',
      'reject missing_external_id',
    ]);
  });

  test('that is deleted is left out with all below it', async () => {
    const gone = node(2, { deleted: true, children: [node(3, { children: [node(4)] })] });
    expect(await keys(menu(gone, node(5, { deleted: false }), node(6, { deleted: 'yes' })))).toEqual([
      'products 1-5',
      'reject invalid_field',
    ]);
  });

  test('says what it is before its children, or the menu is refused', async () => {
    for (const late of [{ deleted: true }, { itemType: 1 }, { title: 'Late' }, { itemMasterId: 7 }]) {
      const document = { children: [{ children: [node(2)], ...late }] };
      await expect(formatMenu(document)).rejects.toThrow(/only after its children/);
    }
    const harmless = {
      children: [
        { children: [], itemMasterId: 7, itemType: 1 },
        { children: [node(2)], deleted: false },
      ],
    };
    expect(await keys(harmless)).toEqual(['products 7', 'products 2']);
  });

  test('is left out by its category or group, and counted', async () => {
    const named = { itemMasterId: 9, title: 'OLO Lunch', itemType: 7, children: [node(2)] };
    const group = { itemMasterId: 3, title: 'Group OLO', itemType: 3, children: [node(4)] };
    const document = menu(named, node(5, { children: [group] }));
    expect(await keys(document, { exclude_categories: ['OLO'] })).toEqual([
      'filtered products 9-2',
      'filtered modifiers 3-4',
      'products 1-5',
    ]);
  });

  test.each([
    [{}, 'body_wrong_shape'],
    [{ children: null }, 'body_wrong_shape'],
    [{ children: {} }, 'body_wrong_shape'],
    [{ menuItems: [] }, 'body_wrong_shape'],
    [{ children: [{ children: {} }] }, 'body_wrong_shape'],
    [[], 'body_wrong_shape'],
    [{ succeed: false, children: [] }, 'upstream_error_body'],
    [{ errors: [{ code: 7 }] }, 'upstream_error_body'],
    [{ children: [], error: 'x' }, 'upstream_error_body'],
  ])('a document %j is refused as %s', async (document, code) => {
    const context = { params: { form: 'native' } };
    const body = (async function* () {
      yield Buffer.from(JSON.stringify(document));
    })();
    await expect(formatBytes(body, context)).rejects.toMatchObject({ code, step: 'format' });
    expect(() => [...connector.formatDocument(document as Json, context)]).toThrow(expect.objectContaining({ code }));
  });

  test('an empty menu is a menu, and what cannot be stored is set aside with its key', async () => {
    expect((await formatMenu({ children: [], errors: [] })).proof.kindsPresent).toEqual(['products', 'modifiers']);
    const deep = `{"children":[{"itemMasterId":5,"itemType":1,"x":${'['.repeat(200)}${']'.repeat(200)}}]}`;
    const { formatted } = await formatBytes(
      (async function* () {
        yield Buffer.from(deep);
      })(),
      { params: { form: 'native' } },
    );
    expect(formatted).toMatchObject([{ type: 'reject', reject: { reason: 'too_deep', externalId: '5' } }]);
  });
});

test('a config of the native form says what it needs, and asks for tokens at its own gateway only', () => {
  const identity = { brand: 'acme', establishment: '17' };
  const params = { ...identity, form: 'native', base_url: 'https://intermediary.example' };
  expect(identityOf(connector, params)?.origin).toBe('https://gateway-api.qubeyond.com');
  expect(identityOf(connector, { ...params, form: 'intermediary' })?.origin).toBe('https://intermediary.example');
  expect(connector.token?.url(params).href).toBe(
    'https://gateway-api.qubeyond.com/api/v4/authentication/oauth2/access-token',
  );
  expect([connector.token?.applies?.(params), connector.token?.applies?.(identity)]).toEqual([true, false]);
  expect(connector.requiredSecrets?.(params)).toEqual(['client_id', 'client_secret']);
  const issues = connector.settings.safeParse(params).error?.issues.map(({ path }) => path[0]);
  expect(issues).toEqual(['order_channel_id', 'order_type_id', 'integration_id']);
  expect(connector.settings.safeParse({ ...params, form: 'intermediary' }).success).toBe(true);
  for (const gateway_url of ['ftp://x', 'https://u:p@x', 'https://x?y', '', 7]) {
    expect(identityOf(connector, { ...params, gateway_url })).toBeNull();
  }
  expect(() => connector.token?.request({ params, secrets: {} }, null)).toThrow(/client_id is not set/);
});

const real = join(import.meta.dirname, '../../../../../shared/data/qu/qu-native-v4-menu-tree-small.json');
if (!existsSync(real)) process.stderr.write('The real Qu menu tree is not on this machine: its test is skipped.\n');

test.skipIf(!existsSync(real))('a real excerpt of a menu gives its product and the choice below it', async () => {
  const { formatted } = await formatMenu(parseJson(readFileSync(real, 'utf8')));
  expect(formatted.map(keyOf)).toEqual(['modifiers 198574-163645\u0001198574-163645', 'products 156399-198574']);
});
