// What changed objects mean: nothing, a delta, or a whole read; and what is remembered of a position.
import { describe, expect, test } from 'vitest';
import { judgeChanges, mostChangedItems } from './judge-changes.ts';
import { isRecent, readPosition, rememberedOf, versionName } from './remembered.ts';
import { factsOf, type ObjectFacts } from './scan-page.ts';

function facts(type: string, id: string, more: Partial<ObjectFacts> = {}): ObjectFacts {
  const usual = {
    version: '1',
    isDeleted: false,
    updatedAt: '2025-06-01T10:00:00Z',
    parent: null,
    lists: [],
    nested: [],
  };
  return { type, id, ...usual, ...more };
}
const dead = { isDeleted: true };
const nothingSeen = new Set<string>();

describe('changes', () => {
  test.each<[string, ObjectFacts[], string]>([
    ['none', [], 'nothing'],
    ['an item', [facts('ITEM', 'I')], 'delta'],
    ['an item and its variation', [facts('ITEM', 'I'), facts('ITEM_VARIATION', 'V', { parent: 'I' })], 'delta'],
    ['a variation that is gone', [facts('ITEM_VARIATION', 'V', { ...dead, parent: 'I' })], 'delta'],
    ['a discount', [facts('DISCOUNT', 'D')], 'delta'],
    ['a discount that is gone', [facts('DISCOUNT', 'D', dead)], 'delta'],
    ['an item that is gone', [facts('ITEM', 'I', dead)], 'all'],
    ['a list', [facts('MODIFIER_LIST', 'L')], 'all'],
    ['a list that is gone', [facts('MODIFIER_LIST', 'L', dead)], 'all'],
    ['a modifier', [facts('MODIFIER', 'M', { parent: 'L' })], 'all'],
    ['a modifier that is gone', [facts('MODIFIER', 'M', dead)], 'all'],
    ['a variation of no item', [facts('ITEM_VARIATION', 'V')], 'all'],
    ['many items', Array.from({ length: mostChangedItems + 1 }, (_none, at) => facts('ITEM', `I${at}`)), 'all'],
    [
      'as many as a delta holds',
      Array.from({ length: mostChangedItems }, (_none, at) => facts('ITEM', `I${at}`)),
      'delta',
    ],
  ])('%s', (_name, objects, means) => {
    expect(judgeChanges(objects, nothingSeen).means).toBe(means);
  });

  test('of a variation alone ask for its item', () => {
    const objects = [facts('ITEM_VARIATION', 'V', { parent: 'I' }), facts('ITEM_VARIATION', 'W', { parent: 'I' })];
    expect(judgeChanges(objects, nothingSeen)).toEqual({ means: 'delta', missingItems: ['I'] });
  });

  test('that were seen in this version mean nothing, in another or deleted since they do', () => {
    const list = facts('MODIFIER_LIST', 'L');
    const seen = new Set([versionName(list)]);
    expect(judgeChanges([list], seen).means).toBe('nothing');
    expect(judgeChanges([{ ...list, version: '2' }], seen).means).toBe('all');
    expect(judgeChanges([{ ...list, isDeleted: true }], seen).means).toBe('all');
    expect(judgeChanges([list, facts('DISCOUNT', 'D')], seen).means).toBe('delta');
  });
});

describe('a position', () => {
  const latest = '2025-06-01T10:05:00.000Z';

  test('begins five minutes before the latest time, with what was seen since, nested objects too', () => {
    const nested = facts('MODIFIER', 'M', { updatedAt: latest });
    const old = facts('ITEM', 'OLD', { updatedAt: '2025-06-01T09:00:00Z' });
    const list = facts('MODIFIER_LIST', 'L', { updatedAt: '2025-06-01T09:00:00Z', nested: [nested] });
    const remembered = rememberedOf(latest, [old, list, facts('DISCOUNT', 'D', dead)]);
    expect(remembered).toEqual({
      cursor: { latest_time: latest, seen: ['D@1!', 'M@1'] },
      probe: { latest_time: latest },
    });
    expect(readPosition(remembered?.cursor)).toEqual({
      latestTime: latest,
      beginTime: '2025-06-01T10:00:00.000Z',
      seen: new Set(['D@1!', 'M@1']),
    });
    expect([old, list].map((each) => isRecent(each, latest))).toEqual([false, true]);
  });

  test('is none without a time of Square, and forgets what it saw when that is too much', () => {
    expect(rememberedOf(null, [])).toBeNull();
    expect(isRecent(facts('ITEM', 'I'), null)).toBe(false);
    const many = Array.from({ length: 5_001 }, (_none, at) => facts('ITEM', `I${at}`, { updatedAt: latest }));
    expect(rememberedOf(latest, many)?.cursor).toEqual({ latest_time: latest, seen: [] });
    for (const cursor of [
      null,
      undefined,
      7,
      {},
      { latest_time: latest },
      { latest_time: 'x', seen: [] },
      { latest_time: '-271821-04-20T00:00:00Z', seen: [] },
    ]) {
      expect(readPosition(cursor)).toBeNull();
    }
  });
});

test('of an object are read type, id, version, parent, lists and what is nested', () => {
  const item = {
    type: 'ITEM',
    id: 'I',
    version: 3,
    is_deleted: true,
    item_data: {
      modifier_list_info: [{ modifier_list_id: 'L' }, {}],
      variations: [{ type: 'ITEM_VARIATION', id: 'V', item_variation_data: { item_id: 'I' } }, 'x'],
    },
  };
  expect(factsOf(item)).toMatchObject({
    version: '3',
    isDeleted: true,
    lists: ['L'],
    nested: [{ id: 'V', parent: 'I' }],
  });
  for (const raw of [null, 'x', { type: 'ITEM' }, { id: 'I' }]) expect(factsOf(raw)).toBeNull();
});
