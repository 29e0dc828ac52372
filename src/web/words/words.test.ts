// Both languages say the same things: equal keys, no empty word, no English left in German.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { de } from './de.ts';
import { en } from './en.ts';
import { findingWords } from './system/finding-words.ts';
import { warningWords } from './system/warning-words.ts';

/** Path → text; what takes numbers or names is called with some. */
function flat(words: object, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(words)) {
    const at = path === '' ? name : `${path}.${name}`;
    if (typeof value === 'function') found.set(at, String(value(2, 3, 4)));
    else if (typeof value === 'object') for (const [below, text] of flat(value, at)) found.set(below, text);
    else found.set(at, String(value));
  }
  return found;
}

describe('the words of the web UI', () => {
  const [english, german] = [flat(en), flat(de)];

  test('have the same keys in both languages', () => {
    expect([...german.keys()]).toEqual([...english.keys()]);
    expect(english.size).toBeGreaterThan(300);
  });

  test('are nowhere empty, and sentences differ between the languages', () => {
    expect([...english, ...german].filter(([, text]) => text.trim() === '')).toEqual([]);
    const same = [...english].filter(([at, text]) => text.includes(' ') && text.length > 12 && german.get(at) === text);
    expect(same).toEqual([]);
  });
});

describe('what the server says in sentences', () => {
  const source = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
  const codesIn = (text: string, pattern: RegExp) => [
    ...new Set([...text.matchAll(pattern)].map(([, code = '']) => code)),
  ];

  test('is told in German for every code of a warning, with its names and numbers', () => {
    const own = codesIn(source('sync/system/find-warnings.ts'), /(?:urgent|worth)\(\s*'(\w+)'/g);
    const settings = codesIn(source('config.ts'), /odd\('(setting_\w+)'/g);
    const schema = codesIn(source('db/migrate/migration-journal.ts'), /code: '(\w+)'/g);
    expect(own.length).toBeGreaterThan(12);
    expect([settings.length, schema.length]).toEqual([3, 4]);
    for (const code of [...own, ...settings, ...schema]) {
      const warning = { code, message: `The ${code}.`, hint: 'A hint.', facts: {} };
      expect(warningWords.en(warning)).toEqual([warning.message, warning.hint]);
      for (const text of warningWords.de(warning)) expect([warning.message, warning.hint]).not.toContain(text);
    }
    const known = {
      code: 'worker_version',
      message: 'no',
      hint: 'no',
      facts: { worker: 'till-2', other: '2', version: '1' },
    };
    expect(warningWords.de(known)[0]).toBe('Der Worker till-2 ist tillsync 2, dieser Server ist 1.');
    const unknown = { code: 'of_tomorrow', message: 'New.', hint: 'Look.', facts: {} };
    expect(warningWords.de(unknown)).toEqual(['New.', 'Look.']);
  });

  test('is told in German for every rule of the schema doctor', () => {
    const rules = codesIn(source('db/verify/finding.ts'), /^ {2}\| '(\w+)'/gm);
    expect(rules.length).toBeGreaterThan(30);
    for (const rule of rules)
      expect([rule, findingWords.de({ rule, table: 't' })]).toEqual([rule, expect.stringContaining('(t).')]);
    expect([
      findingWords.de({ rule: 'of_tomorrow', table: null }),
      findingWords.en({ rule: 'x', table: null }),
    ]).toEqual([null, null]);
  });
});
