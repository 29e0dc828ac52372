// Which passwords are taken and which are refused, as a table of cases.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkPassword } from './check-password.ts';

const words = ['ada.lovelace@analytical.example', 'Ada Lovelace'];

describe('S24: a password', () => {
  it.each([
    'four plain words here',
    'k2#vMq9!',
    'xxxcorrect horse battery staple',
    `${'long-'.repeat(24)}enough!!`,
    'пароль из слов',
    '密码是四个普通的词',
    '  spaces at both ends  ',
    '🐢🐢🦊🐙🐝🐸🦉🐳',
    'nul \0 and tab \t too',
    'ada walks home along the canal',
    'T1llsync is not all of it, honestly',
  ])('%j is taken', (password) => {
    expect(() => checkPassword(password, words)).not.toThrow();
  });

  it.each([
    ['', 'has 0 of at least 8'],
    ['k2#vMq9', 'has 7 of at least 8'],
    ['🐢🐢🦊🐙🐝🐸🦉', 'has 7 of at least 8'],
    ['x y'.repeat(43), 'more than 128'],
    ['half \ud83d here', 'half of a character'],
    ['password', 'guessers try first'],
    ['PassWord', 'guessers try first'],
    ['Password123!', 'guessers try first'],
    ['p4ssw0rd', 'guessers try first'],
    ['trustno1', 'guessers try first'],
    ['!!sunshine2026', 'guessers try first'],
    ['aaaaaaaaaaaa', 'series or a repetition'],
    ['abcabcabcabc', 'series or a repetition'],
    ['23456789', 'series or a repetition'],
    ['hgfedcba', 'series or a repetition'],
    ['lkjhgfdsa', 'series or a repetition'],
    ['tillsync1', 'little more than "tillsync"'],
    ['TILLSYNC-2026', 'little more than "tillsync"'],
    ['lovelace99', 'little more than "lovelace"'],
    ['ada.lovelace@analytical.example', 'little more than "ada.lovelace@analytical.example"'],
    ['Ada Lovelace!', 'little more than "ada lovelace"'],
    ['analytical1843', 'little more than "analytical"'],
  ])('%j is refused, because it %s', (password, why) => {
    expect(() => checkPassword(password, words)).toThrow(
      expect.objectContaining({ code: 'password_unfit', message: expect.stringContaining(why) }),
    );
  });

  it('is none of more than 3,000 that guessers try first', () => {
    const list = readFileSync(new URL('common-passwords.txt', import.meta.url), 'utf8')
      .trim()
      .split('\n');
    expect(list.length).toBeGreaterThanOrEqual(3000);
    const taken = list.filter((common) => {
      try {
        checkPassword(common, []);
        return true;
      } catch {
        return false;
      }
    });
    expect(taken).toEqual([]);
  });
});
