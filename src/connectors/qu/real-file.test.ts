// The mapping against a real capture, where this machine has it; it is no part of the repository.
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fingerprint } from '../../catalog/fingerprint.ts';
import { type Item, itemKey } from '../../catalog/item.ts';
import { format } from './format.ts';

const path = join(import.meta.dirname, '../../../../shared/data/qu/qu-integration-raw-2025-10-30.json');
const isHere = existsSync(path);
if (!isHere) process.stderr.write('The real Qu capture is not on this machine: its test is skipped.\n');

test.skipIf(!isHere)(
  'a real capture gives the counts that were measured in it, and the rule decides its twins',
  async () => {
    const items: { item: Item; preference: number }[] = [];
    const others: unknown[] = [];
    const stream = format(createReadStream(path, { highWaterMark: 10_007 }), {
      params: { brand: 'b', establishment: '1' },
    });
    for await (const batch of stream) {
      for (const each of batch) {
        if (each.type === 'item') items.push(each);
        else others.push(each);
      }
    }
    expect(others).toEqual([]);
    const of = (kind: string) => items.filter(({ item }) => item.kind === kind);
    const keys = (kind: string) => of(kind).map(({ item }) => itemKey(item.kind, item.externalId, item.pathId));
    expect([of('products').length, new Set(keys('products')).size]).toEqual([380, 380]);
    expect([of('modifiers').length, new Set(keys('modifiers')).size]).toEqual([620, 602]);
    expect([of('discounts').length, new Set(keys('discounts')).size]).toEqual([61, 61]);
    expect(of('discounts').filter(({ item }) => item.discountAmount === null)).toHaveLength(38);

    const twins = Map.groupBy(of('modifiers'), ({ item }) => item.externalId);
    const pairs = [...twins.values()].filter((rows) => rows.length > 1);
    expect(pairs).toHaveLength(18);
    for (const rows of pairs) {
      expect(new Set(rows.map(({ item }) => fingerprint(item))).size).toBe(rows.length);
      for (const { item, preference } of rows) expect(preference).toBe(item.price === '0' ? 0 : 1);
    }
    // 8 pairs of a priced and a free row, 8 of two free ones, 2 of two priced ones.
    const kindsOfPair = pairs.map((rows) => rows.reduce((sum, { preference }) => sum + preference, 0));
    expect([0, 1, 2].map((sum) => kindsOfPair.filter((each) => each === sum).length)).toEqual([8, 8, 2]);
  },
);
