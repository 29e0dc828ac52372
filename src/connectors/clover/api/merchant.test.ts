// The steps of Test connection against a pretend Clover, and the one place that a merchant is.
import { expect, test } from 'vitest';
import { openHttp } from '../../../net/http-client.ts';
import type { CheckStep, FetchContext, PosLocation } from '../../connector.ts';
import { type FakeClover, startFakeClover } from '../fake.ts';
import { check, listLocations } from './merchant.ts';

const http = openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 1_000_000 });

function contextOf({ settings }: FakeClover, more: object = {}): FetchContext {
  return { settings: { ...settings, ...more }, http, signal: new AbortController().signal, now: new Date() };
}

async function stepsOf(context: FetchContext): Promise<CheckStep[]> {
  return await Array.fromAsync(check(context));
}

test('each step is told, and the first that fails is the last, with what to do', async () => {
  const fake = await startFakeClover({ products: 1, modifiers: 0, discounts: 0 });
  const short = (steps: CheckStep[]) => steps.map(({ step, ok }) => `${step} ${ok}`);
  const good = await stepsOf(contextOf(fake));
  expect(short(good)).toEqual(['login true', 'permission true', 'identity true']);
  expect(good[0]?.message).toContain('Café “Main Street”');
  expect(good[2]?.identity).toEqual({ merchant_id: 'FAKEMERCHANT1' });
  const wrong = await stepsOf(contextOf(fake, { secrets: { token: 'wrong-one' } }));
  expect(short(wrong)).toEqual(['login false']);
  expect(wrong[0]?.hint).toContain('merchant_id');
  expect(JSON.stringify(wrong)).not.toContain('wrong-one');
  fake.inventory.merchant.id = 'OTHER00000001';
  const params = { ...fake.settings.params, merchant_id: 'OTHER00000001' };
  expect(short(await stepsOf(contextOf(fake, { params })))).toContain('identity true');
  fake.refuse('/items', 403);
  expect(short(await stepsOf(contextOf(fake, { params })))).toEqual(['login true', 'permission false']);
  fake.refuse('expand=properties', 403);
  expect(short(await stepsOf(contextOf(fake, { params })))).toEqual(['login true', 'permission false']);
  await fake.stop();
});

test('a merchant is one location, also where its record may not be read', async () => {
  const fake = await startFakeClover({ products: 1, modifiers: 0, discounts: 0 });
  const place: PosLocation = {
    id: 'FAKEMERCHANT1',
    name: 'Café “Main Street”',
    address: '1 Main Street, Springfield, IL, 62701, US',
    timeZone: 'America/Chicago',
    currency: 'USD',
    params: { merchant_id: 'FAKEMERCHANT1' },
  };
  expect(await Array.fromAsync(listLocations(contextOf(fake)))).toEqual([place]);
  fake.refuse('expand=properties', 403);
  expect(await Array.fromAsync(listLocations(contextOf(fake)))).toEqual([
    { ...place, name: 'FAKEMERCHANT1', address: null, timeZone: null, currency: null },
  ]);
  await fake.stop();
});
