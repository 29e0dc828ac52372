// Every kind of POS through the engine: the first sync stores what its pretend POS has, the second changes nothing, a test of the connection says yes.
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Connector } from '../src/connectors/connector.ts';
import type { ConnectorFake, StartFake } from '../src/connectors/connector-fake.ts';
import { describeConnector } from '../src/connectors/describe-connector.ts';
import { startFakePos } from '../src/connectors/fake-pos.ts';
import { openConnectors } from '../src/connectors/load-connectors.ts';
import { checkToEnd } from '../src/sync/check/check-connection.ts';
import { addConfig } from '../src/sync/set-config.ts';
import { countsText, openEngine, syncNow } from './support/engine.ts';
import { readStored } from './support/stored-rows.ts';
import { withConnector } from './support/with-connector.ts';

const folder = join(import.meta.dirname, '../src/connectors');
const ids = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

async function startFake(id: string): Promise<ConnectorFake & { connector: Connector | undefined }> {
  const module = await import(join(folder, id, 'fake.ts'));
  const start: StartFake = module.startFake;
  return Object.assign(await start({ products: 20, modifiers: 30, discounts: 5 }), { connector: module.connector });
}

describe.each(ids)('the connector %s', (id) => {
  it('stores each item once, changes nothing the second time, and passes its own test', async () => {
    const engine = await openEngine();
    const fake = await startFake(id);
    // The connector of the folder, but for recipes, of which the tests have their own; a pretend POS needs no sparing.
    const connector = fake.connector ?? (await engine.connectors.get(id));
    if (connector === undefined) throw new Error(`no connector ${id}`);
    const { rateBudget: _, ...unspared } = connector;
    const deps = withConnector(engine, unspared);
    const { params, secrets } = fake.settings;
    const config = await addConfig(deps, {
      connectorId: connector.id,
      name: 'one',
      params: { ...params },
      secrets: { ...secrets },
    });
    const sourceId = config.source_id ?? '';
    expect(config.missing).toEqual([]);

    const report = await checkToEnd(deps, { target: { configId: config.id }, signal: new AbortController().signal });
    expect(report.steps.filter(({ ok }) => ok === false)).toEqual([]);
    expect(report.items.length).toBeGreaterThan(0);

    const first = await syncNow(deps, config.id);
    expect([first.error, first.status, first.complete]).toEqual([null, 'success', true]);
    const stored = await readStored(deps.database, sourceId);
    const { rows } = await deps.database.query<{ key: string }>(
      `select 'products ' || external_id as key from integration_products where removed_at is null
       union all select 'modifiers ' || external_id || coalesce(chr(1) || path_id, '') from integration_modifiers where removed_at is null
       union all select 'discounts ' || external_id from integration_discounts where removed_at is null order by 1`,
    );
    expect(rows.map(({ key }) => key).sort()).toEqual([...fake.expectedKeys()].sort());

    for (const compareAll of [false, true]) {
      const again = await syncNow(deps, config.id, { compareAll });
      expect([again.error, again.status]).toEqual([null, 'success']);
      for (const counts of Object.values(again.counts ?? {})) {
        expect(counts).toMatchObject({ created: 0, updated: 0, removed: 0, restored: 0, rejected: 0 });
      }
      const now = await readStored(deps.database, sourceId);
      for (const [key, row] of now)
        expect([key, row.updated, row.id]).toEqual([key, stored.get(key)?.updated, stored.get(key)?.id]);
    }

    // What breaks off in the middle is no catalog, however much of it came: nothing goes.
    fake.answer('truncated');
    const cut = await syncNow(deps, config.id, { compareAll: true });
    expect([cut.status, cut.complete]).not.toContain('success');
    expect(cut.complete).not.toBe(true);
    const left = await readStored(deps.database, sourceId);
    expect([...left].filter(([, row]) => row.removed)).toEqual([]);
    expect([...left.keys()].sort()).toEqual([...stored.keys()].sort());
    await fake.stop();
  });
});

// The whole of a new connector: what stands in its folder, and nothing anywhere else.
const toy = `
export const connector = {
  id: 'toy',
  title: 'Toy POS',
  version: 1,
  settings: z.strictObject({ shop: z.string(), base_url: z.string() }),
  identity: ['shop'],
  secretFields: [],
  volatileFields: [],
  removal: 'absence',
  origin: (params) => new URL(params.base_url).origin,
  async *fetch({ http, settings, signal }) {
    const answer = await http.get(settings.params.base_url, { signal });
    yield { body: answer.body, meta: {} };
    return { complete: true };
  },
  async *format(body, context) {
    const pieces = [];
    for await (const piece of body) pieces.push(piece);
    const found = [...connector.formatDocument(JSON.parse(Buffer.concat(pieces).toString('utf8')), context)];
    yield found;
    return { complete: true, kindsPresent: ['products'] };
  },
  *formatDocument(document) {
    const none = { pathId: null, itemType: null, modifierGroupId: null, modifierGroupName: null, discountAmount: null };
    for (const toy of document) {
      const item = { kind: 'products', externalId: toy.id, name: toy.name, price: toy.price, ...none };
      yield { type: 'item', item: { ...item, discountPercent: null, currency: null, isAvailable: null, data: toy }, preference: 0 };
    }
    return { complete: true, kindsPresent: ['products'] };
  },
};
`;

describe('a new connector', () => {
  it('is one folder: found, listed, tested and synced without a change anywhere else', async () => {
    const place = await mkdtemp(join(tmpdir(), 'tillsync-toy-'));
    await mkdir(join(place, 'toy'));
    await writeFile(join(place, 'toy', 'index.ts'), `import { z } from '${import.meta.resolve('zod')}';\n${toy}`);
    const toys = [
      { id: 'top', name: 'Spinning top', price: '4.50' },
      { id: 'kite', name: 'Kite', price: '12' },
    ];
    const pos = await startFakePos({ handle: () => ({ status: 200, body: toys }), refusal: () => ({ status: 429 }) });
    const deps = { ...(await openEngine()), connectors: openConnectors(place) };
    expect([...(await deps.connectors.all()).values()].map((each) => describeConnector(each))).toMatchObject([
      { id: 'toy', identity: ['shop'], removal: 'absence', webhooks: false },
    ]);
    const params = { shop: 'one', base_url: pos.url };
    const { id, source_id: sourceId } = await addConfig(deps, {
      connectorId: 'toy',
      name: 'toys',
      params,
      secrets: {},
    });
    const report = await checkToEnd(deps, { target: { configId: id }, signal: new AbortController().signal });
    expect([report.ok, report.items.map(({ name }) => name)]).toEqual([true, ['Spinning top', 'Kite']]);
    expect(countsText(await syncNow(deps, id))).toContain('products +2 ~0 =0 -0');
    toys.pop();
    expect(countsText(await syncNow(deps, id))).toContain('products +0 ~0 =1 -1');
    expect(
      [...(await readStored(deps.database, sourceId ?? '')).values()].filter(({ removed }) => !removed),
    ).toHaveLength(1);
    await pos.stop();
    await rm(place, { recursive: true });
  });
});
