// The mapping against real objects, where this machine has them; they are no part of the repository.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Formatted } from '../../catalog/item.ts';
import { type Json, parseJson } from '../../json.ts';
import { formatDocument } from './format.ts';

const path = join(import.meta.dirname, '../../../../shared/data/clover/clover-line-item-objects.json');
const isHere = existsSync(path);
if (!isHere) process.stderr.write('The real Clover objects are not on this machine: their test is skipped.\n');

interface Real {
  items: { id: string; price: number }[];
  modifications: { name: string; amount: number; modifier: { id: string }; item: { id: string } }[];
}

test.skipIf(!isHere)('real items and modifiers format without a reject, each with its price to the cent', () => {
  const { items, modifications } = parseJson(readFileSync(path, 'utf8')) as unknown as Real;
  expect([items.length, modifications.length]).toEqual([62, 79]);
  // What was ordered as modifications is one group of modifiers per item here.
  const byItem = Map.groupBy(modifications, ({ item }) => item.id);
  const groups = [...byItem].map(([item, of]) => ({
    id: `G${item}`,
    name: 'Ordered',
    modifiers: {
      elements: [...new Map(of.map((each) => [each.modifier.id, each])).values()].map(({ name, amount, modifier }) => ({
        id: modifier.id,
        name,
        price: amount,
      })),
    },
  }));
  const linked = items.map((item) =>
    byItem.has(item.id) ? { ...item, modifierGroups: { elements: [{ id: `G${item.id}` }] } } : item,
  );
  const pages = [
    { clover_page: { resource: 'groups' }, elements: groups },
    { clover_page: { resource: 'items' }, elements: linked },
  ];
  const formatted: Formatted[] = [...formatDocument(pages as unknown as Json, { params: { currency: 'USD' } })];
  const found = formatted.flatMap((each) => (each.type === 'item' ? [each.item] : []));
  expect(found).toHaveLength(formatted.length);
  const products = found.filter(({ kind }) => kind === 'products');
  expect(products).toHaveLength(62);
  const cents = new Map(items.map(({ id, price }) => [id, price]));
  for (const { externalId, price, isAvailable } of products) {
    expect(Math.round(Number(price) * 100)).toBe(cents.get(externalId));
    expect(isAvailable).toBe(true);
  }
  const paths = new Set(found.filter(({ kind }) => kind === 'modifiers').map(({ pathId }) => pathId));
  const ordered = new Set(modifications.map(({ item, modifier }) => `${item.id} ${modifier.id}`));
  const known = [...ordered].filter((each) => cents.has(each.split(' ')[0] ?? ''));
  expect(paths.size).toBe(known.length);
  expect(known.length).toBeGreaterThan(20);
});
