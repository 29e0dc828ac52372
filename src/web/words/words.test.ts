// Both languages say the same things: equal keys, no empty word, no English left in German.
import { describe, expect, test } from 'vitest';
import { de } from './de.ts';
import { en } from './en.ts';

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
