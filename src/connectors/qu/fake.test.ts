// The pretend POS: the same seed gives the same catalog, edits and faults are what they say, the process ends when told.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, test } from 'vitest';
import { openHttp } from '../../net/http-client.ts';
import { startFakeQu } from './fake.ts';
import { addProducts, changePrices, dropProducts, expectationOf, makeCatalog, reorder } from './fake-catalog.ts';

const http = openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 50_000_000 });
afterAll(() => http.close());
const query = '/integration?id=17&concept=acme&date=2025-10-30&time=11:00:00';

describe('the catalog', () => {
  test('has 425, 685 and 10 distinct keys, and 15 modifiers twice', () => {
    expect(expectationOf(makeCatalog())).toEqual({
      products: { received: 425, distinct: 425, duplicates: 0 },
      modifiers: { received: 700, distinct: 685, duplicates: 15 },
      discounts: { received: 10, distinct: 10, duplicates: 0 },
    });
  });

  test('is the same for the same seed and another for another', () => {
    expect(JSON.stringify(makeCatalog({ seed: 5 }))).toBe(JSON.stringify(makeCatalog({ seed: 5 })));
    expect(JSON.stringify(makeCatalog({ seed: 5 }))).not.toBe(JSON.stringify(makeCatalog({ seed: 6 })));
  });

  test('has the quirks of real ones', () => {
    const { menuItems, modifiers, discounts } = makeCatalog();
    const text = JSON.stringify(menuItems);
    expect(text).toMatch(/[^\p{ASCII}]/u);
    expect(new Set(menuItems.map(({ id }) => id)).size).toBeLessThan(menuItems.length);
    const scheduled = menuItems.filter(({ scheduledPrices }) => (scheduledPrices as unknown[]).length > 0);
    expect(scheduled.length).toBeGreaterThan(10);
    for (const { prices, priceAttribute } of scheduled) expect(prices).not.toEqual(priceAttribute);
    expect(discounts.filter((discount) => !('discountAmount' in discount)).length).toBeGreaterThan(4);
    expect(modifiers.filter(({ prices }) => JSON.stringify(prices).includes('"prices":[]')).length).toBeGreaterThan(5);
  });

  test('edits touch exactly what they say', () => {
    const catalog = makeCatalog();
    const before = new Map(catalog.menuItems.map((item) => [item.pathId, JSON.stringify(item)]));
    const changed = changePrices(catalog, 12);
    const added = addProducts(catalog, 3);
    const dropped = dropProducts(catalog, 5, [...added, ...changed]);
    const after = new Map(catalog.menuItems.map((item) => [item.pathId, JSON.stringify(item)]));
    expect([...after].filter(([key, text]) => before.has(key) && before.get(key) !== text).map(([key]) => key)).toEqual(
      changed,
    );
    expect([...after.keys()].filter((key) => !before.has(key))).toEqual(added);
    expect([...before.keys()].filter((key) => !after.has(key))).toEqual(dropped);
    expect([changed.length, added.length, dropped.length]).toEqual([12, 3, 5]);
  });

  test('reordered it has the same rows', () => {
    const catalog = makeCatalog();
    const rows = () => catalog.modifiers.map((row) => JSON.stringify(row));
    const before = rows();
    reorder(catalog, 3);
    expect(rows()).not.toEqual(before);
    expect(rows().sort()).toEqual(before.sort());
  });
});

describe('the server', () => {
  test('answers the catalog, counts requests, obeys commands, and refuses what is no catalog request', async () => {
    const pos = await startFakeQu({ products: 30 });
    const answer = await (await http.get(`${pos.url}/v1${query}`)).text(1e7);
    expect(JSON.parse(answer)).toEqual(pos.catalog);
    expect(pos.requests.map(({ url }) => url)).toEqual([`/v1${query}`]);
    for (const path of ['/', '/integration', '/integration?id=1&concept=2&date=3']) {
      await expect(http.get(`${pos.url}${path}`)).rejects.toMatchObject({ code: 'upstream_status' });
    }
    expect(await command(pos.url, { change: 2, add: 1, drop: 3 })).toMatchObject({
      status: 200,
      body: {
        changed: expect.arrayContaining([expect.any(String)]),
        added: [expect.any(String)],
        dropped: { length: 3 },
      },
    });
    expect(pos.catalog.menuItems).toHaveLength(28);
    expect((await command(pos.url, { answer: 'empty', times: 1 })).status).toBe(200);
    expect(JSON.parse(await (await http.get(`${pos.url}${query}`)).text(1e7))).toMatchObject({ menuItems: [] });
    expect(JSON.parse(await (await http.get(`${pos.url}${query}`)).text(1e7))).toMatchObject({ error: '' });
    for (const wrong of [{ answer: 'constructor' }, { change: -1 }, { unknown: 1 }]) {
      expect((await command(pos.url, wrong)).status).toBe(400);
    }
    await pos.stop();
    await expect(http.get(`${pos.url}${query}`)).rejects.toMatchObject({ code: 'upstream_unreachable' });
  });

  test.each(['SIGTERM', 'disconnect'])('as a process prints its address and ends with %s', async (how) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'fake-server.ts'), '--seed', '7'], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const [url] = (await once(lines, 'line')) as [string];
    const text = await (await http.get(`${url}${query}`)).text(1e7);
    expect(JSON.parse(text)).toEqual(makeCatalog({ seed: 7 }));
    const ended = once(child, 'exit');
    if (how === 'SIGTERM') child.kill('SIGTERM');
    else child.disconnect();
    expect(await ended).toEqual([0, null]);
  });
});

async function command(url: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const { request } = await import('undici');
  const answer = await request(`${url}/control`, { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.statusCode, body: await answer.body.json() };
}
