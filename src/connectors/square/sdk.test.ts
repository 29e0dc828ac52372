// The vendor's own client reads the pretend Square, so that what the pretend one answers is what the vendor's programs expect.
import { SquareClient } from 'square';
import { expect, test } from 'vitest';
import { startFakeSquare } from './fake.ts';

test('Square’s own SDK reads the pretend Square: merchant, locations, and every object of the catalog over all pages', async () => {
  const fake = await startFakeSquare({ products: 40, modifiers: 30, discounts: 5 });
  const client = new SquareClient({
    token: fake.personal,
    environment: fake.url,
    maxRetries: 0,
  });
  const { merchant } = await client.merchants.get({ merchantId: 'me' });
  expect(merchant?.id).toBe(fake.account.merchantId);
  const { locations = [] } = await client.locations.list();
  expect(locations.length).toBeGreaterThan(0);
  expect(locations.every(({ id, name }) => typeof id === 'string' && typeof name === 'string')).toBe(true);

  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.catalog.search({
      objectTypes: ['ITEM', 'MODIFIER_LIST', 'DISCOUNT'],
      limit: 10,
      ...(cursor === undefined ? {} : { cursor }),
    });
    cursor = page.cursor;
    for (const object of page.objects ?? []) {
      if (object.type === 'ITEM') {
        for (const variation of object.itemData?.variations ?? []) ids.push(`products ${variation.id}`);
      } else if (object.type === 'DISCOUNT') ids.push(`discounts ${object.id}`);
    }
  } while (cursor !== undefined);
  const expected = fake.expectedKeys().filter((key) => !key.startsWith('modifiers'));
  expect(ids.sort()).toEqual([...expected].sort());
  await fake.stop();
});
