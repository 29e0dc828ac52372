// The keys of a plan in little memory, and the same answers as ever.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { KeyTable } from './key-table.ts';

const hash = (digit: string) => digit.repeat(48);

test('a million stored and incoming keys fit where a Map of them would not: a heap of 40 MB', async () => {
  const code = `
    const { KeyTable } = await import(${JSON.stringify(join(import.meta.dirname, 'key-table.ts'))});
    const keys = new KeyTable('modifiers');
    for (let n = 0; n < 1_000_000; n++) keys.addStored({ externalId: 'item-' + n, pathId: 'g', hash: '${hash('a')}', removed: false });
    for (let n = 0; n < 1_000_000; n++) keys.setAsStored(keys.indexOf('item-' + n, 'g'), { preference: 0, priced: true });
    const unchanged = Array.from({ length: 1_000 }, (_, n) => keys.verdictOf(n * 1_000));
    process.stdout.write([keys.size, new Set(unchanged).size, unchanged[0], keys.pathIdOf(999_999)].join(' '));`;
  const words = ['--max-old-space-size=40', '--input-type=module', '--eval', code];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  expect(stdout).toBe('1000000 1 unchanged g');
});

test('a stored row that moves to another key leaves its own behind, which can come anew', () => {
  const keys = new KeyTable('modifiers');
  keys.addStored({ externalId: 'm', pathId: null, hash: '', removed: false });
  const [old, added] = [keys.find('m', null), keys.indexOf('m', 'p')];
  keys.setIncoming(added, { hash: hash('b'), preference: 2.5, priced: false });
  keys.moveStored(old, added);
  expect([keys.find('m', null), keys.isGone(old), keys.verdictOf(added)]).toEqual([-1, true, 'compare']);
  expect([keys.storedPathIdOf(added), keys.pathIdOf(added), keys.preferenceOf(added)]).toEqual([null, 'p', 2.5]);
  expect(keys.indexOf('m', null)).toBe(2);
  expect([keys.fingerprintOf(added), keys.hashOf(2), keys.hasText(added, 'b'.repeat(16))]).toEqual([
    hash('b'),
    '',
    true,
  ]);
});
