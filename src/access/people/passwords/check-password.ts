// What a password must be: long enough, and none that guessers try first.
import { readFileSync } from 'node:fs';
import { inputError, type TillsyncError } from '../../../errors.ts';

/** Characters, not bytes. */
export const passwordLength = { least: 8, advised: 15, most: 128 } as const;

/**
 * Throws TillsyncError password_unfit unless this may be the password of somebody with these words (e-mail, name). Any
 * character counts, also spaces; nothing is trimmed, folded or normalised.
 */
export function checkPassword(password: string, words: readonly string[]): void {
  const length = [...password].length;
  if (length < passwordLength.least) {
    throw unfit(`has ${length} of at least ${passwordLength.least} characters`);
  }
  if (length > passwordLength.most) throw unfit(`has more than ${passwordLength.most} characters`);
  if (!password.isWellFormed()) throw unfit('holds half of a character');
  const folded = password.toLowerCase();
  if (isCommon(folded)) throw unfit('is one of those that guessers try first');
  if (isSeries(folded)) throw unfit('is a series or a repetition');
  const own = ownWord(folded, words);
  if (own !== null) throw unfit(`is little more than "${own}"`);
}

function unfit(why: string): TillsyncError {
  return inputError(
    'password_unfit',
    `The password ${why}.`,
    `Take ${passwordLength.advised} or more characters, e.g. four words that have nothing to do with each other.`,
  );
}

let common: ReadonlySet<string> | undefined;

// The list itself, and what people make of it to please a rule: Password1!, p4ssw0rd.
function isCommon(folded: string): boolean {
  common ??= new Set(
    readFileSync(new URL('common-passwords.txt', import.meta.url), 'utf8')
      .trim()
      .split('\n'),
  );
  const bare = folded.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const letters = [...folded].map((character) => leet[character] ?? character).join('');
  const bareLetters = letters.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  return [folded, bare, letters, bareLetters].some((form) => common?.has(form) === true);
}

const leet: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's' };

const rows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'qwertzuiop', 'yxcvbnm', 'azertyuiop'];

// 'aaaaaaaa', 'abcabcabc', '12345678', 'fedcba98', 'asdfghjkl'.
function isSeries(folded: string): boolean {
  if (/^(.{1,4})\1+.{0,3}$/su.test(folded)) return true;
  const codes = [...folded].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, i) => code - (codes[i] ?? 0));
  // One break, as from 9 to 0.
  for (const step of [1, -1]) if (steps.filter((one) => one !== step).length <= 1) return true;
  const backwards = [...folded].reverse().join('');
  return rows.some((row) => row.includes(folded) || row.includes(backwards));
}

/** The word that makes up so much of it that the rest would be no password. */
function ownWord(folded: string, words: readonly string[]): string | null {
  const parts = ['tillsync', ...words].flatMap((word) => [word, ...word.split(/[^\p{L}\p{N}]+/u)]);
  const known = [...new Set(parts.map((part) => part.toLowerCase()))].filter((part) => part.length >= 3);
  known.sort((one, other) => other.length - one.length);
  let rest = folded;
  let found: string | null = null;
  for (const word of known) {
    if (!rest.includes(word)) continue;
    found ??= word;
    rest = rest.replaceAll(word, '');
  }
  return found !== null && [...rest].length < passwordLength.least ? found : null;
}
