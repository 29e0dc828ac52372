// What every connector owes the engine, checked for each folder beside this file.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { replayHttp } from '../../test/support/replay-http.ts';
import { fingerprint } from '../catalog/fingerprint.ts';
import { type Formatted, itemKey, kinds } from '../catalog/item.ts';
import { TillsyncError } from '../errors.ts';
import { parseJson } from '../json.ts';
import { openHttp } from '../net/http-client.ts';
import { type IssuedToken, readOAuthToken } from '../net/manners/token-store.ts';
import { valueRedactor } from '../net/redact.ts';
import { type Cassette, recordHttp } from '../net/trial/record-http.ts';
import { nowhere } from '../net/trial/scrub.ts';
import type {
  Connector,
  ConnectorSettings,
  DocumentProof,
  FetchContext,
  FetchEnd,
  FormatContext,
} from './connector.ts';
import type { ConnectorFake, FakeSize, StartFake } from './connector-fake.ts';
import { startFakePos } from './fake-pos.ts';
import { loadConnectors } from './load-connectors.ts';

interface Collected {
  formatted: Formatted[];
  proof: DocumentProof;
}

// A folder whose connectors are made of data has one for this test in its fake.ts.
const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const loaded = await loadConnectors();
const connectors = await Promise.all(
  folders.map(async ({ name }): Promise<[string, Connector]> => {
    const own = loaded.get(name);
    if (own !== undefined) return [name, own];
    const module: { connector: Connector } = await import(join(import.meta.dirname, name, 'fake.ts'));
    return [name, module.connector];
  }),
);
const http = openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 200_000_000 });

// A refusal, a login, a permission, and what is no catalog at all.
const echoes = [
  { status: 400, begin: '' },
  { status: 401, begin: '' },
  { status: 403, begin: '' },
  { status: 200, begin: '<html>' },
  { status: 200, begin: '{"menuItems": ' },
] as const;

async function collect(
  connector: Connector,
  body: AsyncIterable<Uint8Array>,
  context: FormatContext,
): Promise<Collected> {
  const formatted: Formatted[] = [];
  const stream = connector.format(body, context);
  for (;;) {
    const { done, value } = await stream.next();
    if (done) return { formatted, proof: value };
    formatted.push(...value);
  }
}

async function* oneByOne(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Everything that can be compared of what was formatted. */
function essence(formatted: readonly Formatted[]): unknown[] {
  return formatted.map((each) =>
    each.type === 'item' ? [each.item, fingerprint(each.item), each.preference, each.sanitised] : each,
  );
}

/** The access token of a fake, as one worker alone would hold it. */
function tokenOf(connector: Connector, settings: ConnectorSettings): FetchContext['accessToken'] {
  const rule = connector.token;
  if (rule === undefined) return undefined;
  let issued: IssuedToken | null = null;
  return async (refused) => {
    if (issued !== null && issued.accessToken !== refused) return issued.accessToken;
    const request = rule.request(settings, issued?.refreshToken ?? null);
    const answer = await http.post(rule.url(settings.params), request);
    issued = (rule.read ?? readOAuthToken)(parseJson(await answer.text(100_000)), new Date());
    return issued.accessToken;
  };
}

/** Fixtures by name, e.g. 'catalog.json'. */
function fixturesOf(folder: string): Map<string, Buffer> {
  const path = join(folder, 'fixtures');
  return new Map(readdirSync(path).map((name) => [name, readFileSync(join(path, name))]));
}

/** Recordings of real accounts, made by `tillsync connectors record`; [] where the folder has none. */
function cassettesOf(folder: string): Cassette[] {
  const path = join(folder, 'cassettes');
  if (!existsSync(path)) return [];
  return readdirSync(path).map((name) => parseJson(readFileSync(join(path, name), 'utf8')) as unknown as Cassette);
}

describe.each(connectors)('the connector %s', (id, connector) => {
  const folder = join(import.meta.dirname, id);
  const fixtures = fixturesOf(folder);
  const identity = Object.fromEntries(connector.identity.map((name) => [name, '17']));

  async function startFake(size: FakeSize = { products: 20, modifiers: 30, discounts: 5 }): Promise<ConnectorFake> {
    const module: { startFake: StartFake } = await import(join(folder, 'fake.ts'));
    return await module.startFake(size);
  }

  async function fetchAll(
    { settings }: Pick<ConnectorFake, 'settings'>,
    signal = new AbortController().signal,
    over: Partial<FetchContext> = {},
  ) {
    const waits: number[] = [];
    const accessToken = tokenOf(connector, settings);
    const context: FetchContext = {
      settings,
      http,
      signal,
      now: new Date(),
      onWait: (wait) => void waits.push(wait),
      ...(accessToken === undefined ? {} : { accessToken }),
      ...over,
    };
    const pages: Collected[] = [];
    const earlier = new Map<string, unknown>();
    const fetching = connector.fetch(context);
    for (;;) {
      const step: IteratorResult<{ body: AsyncIterable<Uint8Array> }, FetchEnd> = await fetching.next();
      if (step.done) return { pages, end: step.value, waits };
      pages.push(await collect(connector, step.value.body, { params: settings.params, earlier }));
    }
  }

  test('says what it is', () => {
    expect(connector.id).toBe(id);
    expect(connector.title).not.toBe('');
    expect(connector.version).toBeGreaterThan(0);
    expect(connector.identity.length).toBeGreaterThan(0);
    const known = Object.keys(connector.settings.shape);
    // A form shows what people call a setting, and no two alike.
    const titles = Object.values(connector.settings.shape).map((schema) => (schema as z.ZodType).meta()?.title ?? '');
    expect(titles.filter((title) => !/^[A-Z][\p{L}’ ]+$/u.test(title))).toEqual([]);
    expect(new Set(titles).size).toBe(known.length);
    for (const name of [...connector.identity, ...Object.keys(connector.adoptedDefaults ?? {})]) {
      expect(known).toContain(name);
    }
    for (const name of connector.secretFields) expect(known).not.toContain(name);
    expect(connector.settings.safeParse({ ...identity, base_url: 'https://pos.example', unknown: 1 }).success).toBe(
      false,
    );
  });

  test('has fixtures without secrets', () => {
    expect(fixtures.size).toBeGreaterThan(0);
    for (const bytes of fixtures.values()) {
      expect(bytes.toString('utf8')).not.toMatch(/bearer|authorization|api[_-]?key|password|secret|token|eyJ/i);
    }
  });

  test('formats a fixture to the same items again, in pieces of any size, and as a parsed document', async () => {
    // The others are text that nothing but the connector parses.
    expect([...fixtures.keys()].filter((name) => name.endsWith('.json'))).not.toEqual([]);
    for (const [name, bytes] of fixtures) {
      const first = await collect(connector, oneByOne(bytes, 1_000_000), { params: identity });
      for (const size of [1, 17, 4_096]) {
        const again = await collect(connector, oneByOne(bytes, size), { params: identity });
        expect(essence(again.formatted)).toEqual(essence(first.formatted));
        expect(again.proof).toEqual(first.proof);
      }
      if (!name.endsWith('.json')) continue;
      const parsed: Formatted[] = [];
      const formatting = connector.formatDocument(parseJson(bytes.toString('utf8')), { params: identity });
      let step = formatting.next();
      for (; !step.done; step = formatting.next()) parsed.push(step.value);
      expect(essence(parsed)).toEqual(essence(first.formatted));
      expect(step.value).toEqual(first.proof);
    }
  });

  test('reads a fixture behind a byte order mark alike, and makes no items of UTF-16 or of a login page', async () => {
    for (const [name, bytes] of fixtures) {
      if (!name.endsWith('.json')) continue;
      const text = bytes.toString('utf8');
      const plain = await collect(connector, oneByOne(bytes, 4_096), { params: identity });
      const marked = await collect(connector, oneByOne(Buffer.from(`\ufeff${text}`), 4_096), { params: identity });
      expect([name, essence(marked.formatted), marked.proof]).toEqual([name, essence(plain.formatted), plain.proof]);
      for (const other of [
        Buffer.from(`\ufeff${text}`, 'utf16le'),
        Buffer.from(text, 'utf16le'),
        Buffer.from('<html>'),
      ]) {
        const outcome = await collect(connector, oneByOne(other, 4_096), { params: identity }).catch((error) => error);
        if (outcome instanceof TillsyncError) continue;
        // A file says its encoding by the mark: it is the same file then.
        expect([name, essence(outcome.formatted)]).toEqual([name, essence(plain.formatted)]);
      }
    }
  });

  test('fetches all pages of its fake POS and says that they are all', async () => {
    const fake = await startFake();
    const { pages, end } = await fetchAll(fake);
    expect(end).toMatchObject({ complete: true });
    expect(pages.filter(({ proof }) => !proof.complete)).toEqual([]);
    const formatted = pages.flatMap((page) => page.formatted);
    expect(formatted.filter(({ type }) => type === 'reject')).toEqual([]);
    const byKey = new Map<string, Buffer>();
    for (const each of formatted) {
      if (each.type !== 'item') continue;
      const { kind, externalId, pathId } = each.item;
      byKey.set(`${kind} ${itemKey(kind, externalId, pathId)}`, Buffer.from(fingerprint(each.item)));
    }
    expect([...byKey.keys()].sort()).toEqual([...fake.expectedKeys()].sort());
    for (const kind of kinds) expect([...byKey.keys()].filter((key) => key.startsWith(kind))).not.toEqual([]);
    await fake.stop();
  });

  test('fetches all of 50,000 items', { timeout: 120_000 }, async () => {
    const fake = await startFake({ products: 30_000, modifiers: 19_500, discounts: 500 });
    const { pages, end } = await fetchAll(fake);
    expect(end).toMatchObject({ complete: true });
    expect(pages.filter(({ proof }) => !proof.complete)).toEqual([]);
    const keys = new Set<string>();
    for (const { formatted } of pages) {
      for (const each of formatted) {
        if (each.type !== 'item') continue;
        const { kind, externalId, pathId } = each.item;
        keys.add(`${kind} ${itemKey(kind, externalId, pathId)}`);
      }
    }
    const expected = new Set(fake.expectedKeys());
    expect(expected.size).toBeGreaterThanOrEqual(49_000);
    // As sets: a list of what differs would be too long to read.
    expect([keys.size, keys.isSubsetOf(expected)]).toEqual([expected.size, true]);
    await fake.stop();
  });

  /** What a recorded fetch brings without its POS. */
  function play(cassette: Cassette, secrets: ConnectorSettings['secrets']) {
    const settings = { params: cassette.params, secrets };
    const accessToken = connector.token === undefined ? {} : { accessToken: async () => 'played' };
    const now = new Date(cassette.now);
    return fetchAll({ settings }, undefined, { http: replayHttp(cassette), now, ...accessToken });
  }

  test('fetches the same from a recording of its fake POS, without secret and host in it, and all from each of its own', async () => {
    const fake = await startFake();
    const { params, secrets } = fake.settings;
    const known = {
      secrets: connector.secretTexts?.(fake.settings) ?? Object.values(secrets),
      origin: connector.origin(params),
    };
    const recorded: Cassette = {
      connector: id,
      version: connector.version,
      now: new Date().toISOString(),
      params: JSON.parse(JSON.stringify(params).replaceAll(known.origin, nowhere)),
      exchanges: [],
    };
    const { origin } = known;
    const recording = recordHttp(http, { redact: valueRedactor(known.secrets), origin, exchanges: recorded.exchanges });
    const live = await fetchAll(fake, undefined, { http: recording, now: new Date(recorded.now) });
    await fake.stop();
    for (const secret of [known.origin, ...known.secrets]) {
      expect(JSON.stringify(recorded.exchanges)).not.toContain(secret);
    }
    const played = await play(recorded, secrets);
    const shapeOf = ({ pages, end }: typeof live) => [
      end.complete,
      pages.map((page) => [page.formatted.length, page.proof]),
    ];
    expect(shapeOf(played)).toEqual(shapeOf(live));
    for (const cassette of cassettesOf(folder)) {
      const names = connector.requiredSecrets?.(cassette.params) ?? connector.secretFields;
      const { pages, end } = await play(cassette, Object.fromEntries(names.map((name) => [name, 'played'])));
      expect(end.complete && pages.length > 0 && pages.every(({ proof }) => proof.complete)).toBe(true);
    }
  });

  test('F18: survives a 429 and waits as long as it is told', { timeout: 20_000 }, async () => {
    const fake = await startFake();
    const { pages: undisturbed } = await fetchAll(fake);
    const needed = fake.requests.length;
    fake.answer('429', 1);
    const { pages, end, waits } = await fetchAll(fake);
    expect(end.complete).toBe(true);
    expect(pages).toHaveLength(undisturbed.length);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThanOrEqual(1_000);
    expect(fake.requests).toHaveLength(2 * needed + 1);
    await fake.stop();
  });

  test('F14, F24: never calls an answer complete that was cut off', async () => {
    const fake = await startFake();
    fake.answer('truncated');
    const outcome = await fetchAll(fake).then(
      ({ end, pages }) => end.complete && pages.every(({ proof }) => proof.complete),
      (error: unknown) => error,
    );
    expect(outcome).toBeInstanceOf(TillsyncError);
    await fake.stop();
  });

  test('says no secret of a config in an error, whatever a POS repeats of the request', async () => {
    const fake = await startFake();
    const known = connector.secretTexts?.(fake.settings) ?? Object.values(fake.settings.secrets);
    const origin = connector.origin(fake.settings.params);
    for (const { status, begin } of echoes) {
      const echo = await startFakePos({
        handle: ({ url, headers, body }) => ({
          status,
          body: `${begin}${url.href} ${JSON.stringify(headers)} ${body}`,
        }),
        refusal: () => ({ status: 429 }),
      });
      const params = JSON.parse(JSON.stringify(fake.settings.params).replaceAll(origin, echo.url));
      const settings = { params, secrets: fake.settings.secrets };
      const error = await fetchAll({ settings }, undefined, { accessToken: async () => 'an-access-token-17' }).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(TillsyncError);
      expect(echo.requests.length).toBeGreaterThan(0);
      for (const secret of [...known, 'an-access-token-17']) expect(inspect(error, { depth: 9 })).not.toContain(secret);
      await echo.stop();
    }
    await fake.stop();
  });

  test('says in a sentence that answers of nothing but brackets are none, wherever it asks', async () => {
    const fake = await startFake();
    const origin = connector.origin(fake.settings.params);
    const brackets = '['.repeat(100_000);
    for (const body of [`${brackets}1.0${']'.repeat(100_000)}`, `{"elements":${brackets}${']'.repeat(100_000)}}`]) {
      const pos = await startFakePos({ handle: () => ({ status: 200, body }), refusal: () => ({ status: 429 }) });
      const params = JSON.parse(JSON.stringify(fake.settings.params).replaceAll(origin, pos.url));
      const settings = { params, secrets: fake.settings.secrets };
      const accessToken = async () => 'an-access-token-17';
      const context = { settings, http, accessToken, signal: new AbortController().signal, now: new Date() };
      const asked = [
        fetchAll({ settings }, undefined, { accessToken }).then(({ end, pages }) => {
          const isWhole = end.complete && pages.every(({ proof }) => proof.complete);
          return isWhole && pages.flatMap((page) => page.formatted).some(({ type }) => type === 'item');
        }),
        ...[connector.check, connector.listLocations].map((ask) =>
          Array.fromAsync<unknown>((ask?.(context) ?? []) as AsyncIterable<unknown>),
        ),
      ];
      for (const outcome of await Promise.allSettled(asked)) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(TillsyncError);
        else if (!Array.isArray(outcome.value)) expect(outcome.value).toBe(false);
      }
      const verify = connector.verifyWebhook?.bind(connector);
      const hook = {
        headers: new Headers(),
        rawBody: Buffer.from(body),
        url: 'https://x.example/',
        secrets: {},
        now: new Date(),
      };
      if (verify !== undefined) expect(verify(hook)).toMatchObject({ ok: false });
      await pos.stop();
    }
    await fake.stop();
  });

  test('F71: stops on abort, before and inside the body, with the reason of the abort', async () => {
    const fake = await startFake();
    for (const answer of ['hang', 'hang-body'] as const) {
      fake.answer(answer);
      const before = fake.requests.length;
      const controller = new AbortController();
      const reason = new Error('cancelled');
      const run = fetchAll(fake, controller.signal);
      const stopped = expect(run).rejects.toBe(reason);
      while (fake.requests.length === before) await new Promise((resolve) => setImmediate(resolve));
      controller.abort(reason);
      await stopped;
    }
    await fake.stop();
  });
});
