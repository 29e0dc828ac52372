// The key file: one key a line, changed as a whole, closed to others.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKeyFile } from './open-key-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillsync-key-file-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const file = () => join(folder, 'encryption.key');

test('a new key is put first and the old ones stay, to decrypt; an old one is taken out', () => {
  const keys = openKeyFile(folder);
  const { active: first } = keys.read();
  keys.addKey();
  const { active: second, others } = keys.read();
  expect(second).not.toBe(first);
  expect(others).toEqual([first]);
  keys.addKey();
  expect(keys.read().others).toEqual([second, first]);
  keys.dropKey(second);
  expect(keys.read().others).toEqual([first]);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(readFileSync(file(), 'utf8')).toBe(`${keys.read().active}\n${first}\n`);
});

test('who has it open sees each change, and the same object as long as there is none', () => {
  const [one, other] = [openKeyFile(folder), openKeyFile(folder)];
  const before = one.read();
  expect(one.read()).toBe(before);
  other.addKey();
  expect(one.read()).toEqual(other.read());
  expect(one.read()).not.toBe(before);
});

test('what a process left that died before the new file had its name is never read, and goes', () => {
  const keys = openKeyFile(folder);
  const before = keys.read();
  writeFileSync(`${file()}.4711`, 'half a ke');
  expect(openKeyFile(folder).read()).toEqual(before);
  keys.addKey();
  expect(readdirSync(folder)).toEqual(['encryption.key']);
  expect(keys.read().others).toEqual([before.active]);
});

test('a line that is no key is refused by the name of the file, and the key is not repeated', () => {
  openKeyFile(folder);
  writeFileSync(file(), 'bm90IGEga2V5\n');
  expect(() => openKeyFile(folder)).toThrow(
    expect.objectContaining({
      code: 'encryption_key_invalid',
      message: `The key file ${file()} does not hold 32 bytes as base64 in each line.`,
    }),
  );
});
