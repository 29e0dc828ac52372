// Option values: pairs, whole numbers, and secrets that never stand in a flag.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TillsyncError } from '../errors.ts';
import { collect, pairs, readInput, secrets, wholeNumber } from './parse-options.ts';

test('a pair is cut at its first =, and the value is kept byte by byte', () => {
  expect(pairs('--param', ['a=1', 'b=x=y ', 'c='])).toEqual({ a: '1', b: 'x=y ', c: '' });
  expect(collect('b=2', ['a=1'])).toEqual(['a=1', 'b=2']);
});

test('a pair without a name is refused without showing it, since it may be a secret', () => {
  for (const text of ['hunter2', '=hunter2']) {
    expect(() => pairs('--secret', [text])).toThrow(TillsyncError);
    expect(() => pairs('--secret', [text])).not.toThrow(/hunter2/);
  }
});

test('a secret comes from a file without its line end, and is refused in the flag itself', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'secret-')), 'key');
  await writeFile(file, ' s3cret \r\n');
  expect(await secrets([`api_key=@${file}`])).toEqual({ api_key: ' s3cret ' });
  const refused = await secrets(['api_key=s3cret']).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'secret_in_flag', exitCode: 2 });
  expect(String(refused)).not.toContain('s3cret');
});

test('only one secret can come from stdin, and that is said before anything is read', async () => {
  await expect(secrets(['a=-', 'b=-'])).rejects.toMatchObject({ code: 'secret_twice_from_stdin' });
});

test('a file that is not there is named', async () => {
  await expect(readInput('/nowhere/else')).rejects.toThrow(
    'The file /nowhere/else cannot be read: there is no such file.',
  );
});

test('whole numbers are whole, in range, and nothing else', () => {
  const port = wholeNumber(0, 65535);
  expect(['0', '4600', '65535'].map(port)).toEqual([0, 4600, 65535]);
  for (const text of ['-1', '65536', '1.5', '1e3', '', ' 1', '0x10']) expect(() => port(text), text).toThrow('whole');
});
