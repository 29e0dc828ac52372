// What every connector owes the engine, checked for each folder beside this file.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fingerprint } from '../catalog/fingerprint.ts';
import { type Formatted, itemKey } from '../catalog/item.ts';
import { TillsyncError } from '../errors.ts';
import { parseJson } from '../json.ts';
import { openHttp } from '../net/http-client.ts';
import type { Connector, DocumentProof, FetchEnd } from './connector.ts';
import { loadConnectors } from './load-connectors.ts';

interface Fake {
  url: string;
  answer(answer: string, times?: number): void;
  requests: readonly unknown[];
  stop(): Promise<void>;
}

interface Collected {
  formatted: Formatted[];
  proof: DocumentProof;
}

const connectors = [...(await loadConnectors()).entries()];
const http = openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 50_000_000 });

async function collect(
  connector: Connector,
  body: AsyncIterable<Uint8Array>,
  params: Record<string, unknown>,
): Promise<Collected> {
  const formatted: Formatted[] = [];
  const stream = connector.format(body, { params });
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

describe.each(connectors)('the connector %s', (id, connector) => {
  const folder = join(import.meta.dirname, id);
  const fixtures = readdirSync(join(folder, 'fixtures')).map((name) => readFileSync(join(folder, 'fixtures', name)));
  const identity = Object.fromEntries(connector.identity.map((name) => [name, '17']));

  async function startFake(): Promise<Fake> {
    const module: Record<string, unknown> = await import(join(folder, 'fake.ts'));
    const start = Object.entries(module).find(([name]) => name.startsWith('startFake'))?.[1];
    return (start as (options: object) => Promise<Fake>)({ products: 20, modifiers: 30, discounts: 5, repeated: 3 });
  }

  async function fetchAll(fake: Fake, signal = new AbortController().signal) {
    const params = { ...identity, base_url: fake.url };
    const waits: number[] = [];
    const settings = { params, secrets: {} };
    const context = { settings, http, signal, now: new Date(), onWait: (wait: number) => void waits.push(wait) };
    const pages: Collected[] = [];
    const fetching = connector.fetch(context);
    for (;;) {
      const step: IteratorResult<{ body: AsyncIterable<Uint8Array> }, FetchEnd> = await fetching.next();
      if (step.done) return { pages, end: step.value, waits };
      pages.push(await collect(connector, step.value.body, params));
    }
  }

  test('says what it is', () => {
    expect(connector.id).toBe(id);
    expect(connector.title).not.toBe('');
    expect(connector.version).toBeGreaterThan(0);
    expect(connector.identity.length).toBeGreaterThan(0);
    const known = Object.keys(connector.settings.shape);
    for (const name of [...connector.identity, ...Object.keys(connector.adoptedDefaults ?? {})]) {
      expect(known).toContain(name);
    }
    for (const name of connector.secretFields) expect(known).not.toContain(name);
    expect(connector.settings.safeParse({ ...identity, base_url: 'https://pos.example', unknown: 1 }).success).toBe(
      false,
    );
  });

  test('has fixtures without secrets', () => {
    expect(fixtures.length).toBeGreaterThan(0);
    for (const bytes of fixtures) {
      expect(bytes.toString('utf8')).not.toMatch(/bearer|authorization|api[_-]?key|password|secret|token|eyJ/i);
    }
  });

  test('formats a fixture to the same items again, in pieces of any size, and as a parsed document', async () => {
    for (const bytes of fixtures) {
      const first = await collect(connector, oneByOne(bytes, 1_000_000), identity);
      for (const size of [1, 17, 4_096]) {
        const again = await collect(connector, oneByOne(bytes, size), identity);
        expect(essence(again.formatted)).toEqual(essence(first.formatted));
        expect(again.proof).toEqual(first.proof);
      }
      const parsed: Formatted[] = [];
      const formatting = connector.formatDocument(parseJson(bytes.toString('utf8')), { params: identity });
      let step = formatting.next();
      for (; !step.done; step = formatting.next()) parsed.push(step.value);
      expect(essence(parsed)).toEqual(essence(first.formatted));
      expect(step.value).toEqual(first.proof);
    }
  });

  test('fetches all pages of its fake POS and says that they are all', async () => {
    const fake = await startFake();
    const { pages, end } = await fetchAll(fake);
    expect(end).toEqual({ complete: true });
    const keys = pages.flatMap(({ formatted }) =>
      formatted.flatMap((each) =>
        each.type === 'item'
          ? [`${each.item.kind} ${itemKey(each.item.kind, each.item.externalId, each.item.pathId)}`]
          : [],
      ),
    );
    expect(keys).toHaveLength(58);
    expect(new Set(keys).size).toBe(55);
    await fake.stop();
  });

  test('F18: survives a 429 and waits as long as it is told', { timeout: 20_000 }, async () => {
    const fake = await startFake();
    fake.answer('429', 1);
    const { end, waits } = await fetchAll(fake);
    expect(end.complete).toBe(true);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThanOrEqual(1_000);
    expect(fake.requests).toHaveLength(2);
    await fake.stop();
  });

  test('F14, F24: never calls an answer complete that was cut off', async () => {
    const fake = await startFake();
    fake.answer('truncated');
    await expect(fetchAll(fake)).rejects.toBeInstanceOf(TillsyncError);
    await fake.stop();
  });

  test('F71: stops on abort, before and inside the body, with the reason of the abort', async () => {
    const fake = await startFake();
    for (const answer of ['hang', 'hang-body']) {
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
