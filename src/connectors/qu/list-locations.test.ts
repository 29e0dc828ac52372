// The list of a brand's restaurants: from a config that has no establishment yet, and what is no list.
import { afterAll, expect, test } from 'vitest';
import { openHttp } from '../../net/http-client.ts';
import type { PosLocation } from '../connector.ts';
import { startFakePos } from '../fake-pos.ts';
import { startFakeQu } from './fake.ts';
import { listLocations } from './list-locations.ts';

const http = openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 50_000_000 });
afterAll(() => http.close());

async function places(params: Record<string, unknown>): Promise<PosLocation[]> {
  const { signal } = new AbortController();
  const found: PosLocation[] = [];
  for await (const place of listLocations({ settings: { params, secrets: {} }, http, signal, now: new Date() })) {
    found.push(place);
  }
  return found;
}

test('each restaurant comes with its address and the establishment that a config of it needs', async () => {
  const pos = await startFakeQu({ products: 1, modifiers: 1, discounts: 1 });
  expect(await places({ brand: 'a&b', base_url: `${pos.url}/api` })).toEqual([
    {
      id: '17',
      name: 'Main St 17',
      address: '17 Main St, Springfield, OR 97477, US',
      timeZone: null,
      currency: null,
      params: { establishment: '17' },
    },
    expect.objectContaining({ id: '18', params: { establishment: '18' } }),
  ]);
  expect(pos.requests.map(({ url }) => url)).toEqual(['/api/integration?concept=a%26b&locations=true']);
  await pos.stop();
});

test('rows without an id are left out; what is no list, and the native form, say so', async () => {
  let body: unknown = [{ name: 'nowhere' }, { id: '0', name: 'Zero', address: {} }];
  const pos = await startFakePos({ handle: () => ({ status: 200, body }), refusal: () => ({ status: 429 }) });
  const params = { brand: 'acme', base_url: pos.url };
  expect(await places(params)).toMatchObject([{ id: '0', name: 'Zero', address: null }]);
  body = '<html>Log in</html>';
  await expect(places(params)).rejects.toMatchObject({ code: 'upstream_no_catalog' });
  body = { error: 'no' };
  await expect(places(params)).rejects.toMatchObject({ code: 'upstream_no_catalog' });
  await expect(places({ ...params, form: 'native' })).rejects.toMatchObject({ code: 'locations_not_listed' });
  await pos.stop();
});
