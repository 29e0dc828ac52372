// Paths of recipes: what they read, what they refuse, and that they keep every digit and stay within their steps.
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../../json.ts';
import { parsePath } from './parse-path.ts';
import { PathFault } from './path-fault.ts';
import { readPath } from './read-path.ts';
import { Work } from './work.ts';

const document = parseJson(`{
  "id": 90071992547409931, "zero": 0, "no": false, "empty": "", "nothing": null, "a b": "spaced", "price": 1.50,
  "items": [{"id": 1, "price": 0.00, "tags": ["x", "y"]}, {"id": 2, "price": 3, "tags": []}, {"id": 3}],
  "table": {"7": {"name": "seven"}, "8": {"name": "eight"}},
  "__proto__": "own"
}`);

function read(path: string, scope = {}) {
  const value = readPath(parsePath(path), { current: document, scope: { document, ...scope }, work: new Work() });
  return JSON.parse(JSON.stringify(value));
}

describe('a path', () => {
  test.each([
    ['items[0].id', 1],
    ['items[-1].id', 3],
    ['items[9].id', null],
    ['items[*].id', [1, 2, 3]],
    ['items[*].tags[]', ['x', 'y']],
    ['items[].tags', [['x', 'y'], []]],
    ['items[].tags[0]', ['x']],
    ['items[?id == `2`].price', [3]],
    ['items[?price != `0`] | [0].id', 2],
    ['(items[?price == `9`] | [0].id) || items[0].id', 1],
    ['table.*.name', ['seven', 'eight']],
    ['table."7".name', 'seven'],
    ['"a b"', 'spaced'],
    ['zero || id', 0],
    ['empty || nothing || `7`', 7],
    ['no || price', 1.5],
    ['no', false],
    ['!no && id != nothing', true],
    ["'it\\'s' == 'it\\'s'", true],
    ['items[0].price == zero', true],
    ['price == `1.500`', true],
    ['id == `90071992547409930`', false],
    ['items == items', true],
    ['$row.id', 'above'],
    ['$row.missing', null],
    ['$document.zero', 0],
    ['@.zero', 0],
    ['zero.deeper[0]', null],
    ['toString', null],
    ['__proto__', 'own'],
  ])('%s is read', (path, expected) => {
    expect(read(path, { row: { id: 'above' } })).toEqual(expected);
  });

  test('keeps the digits of numbers that a double cannot carry', () => {
    const at = (path: string) =>
      JSON.stringify(readPath(parsePath(path), { current: document, scope: {}, work: new Work() }));
    expect([at('id'), at('price'), at('nothing || id')]).toEqual(['90071992547409931', '1.50', '90071992547409931']);
  });

  test.each([
    ['', 'a name is missing at character 1'],
    ['a.', 'a name after the point is missing at character 3'],
    ['a[x]', 'a number, * or ? after the [ is missing at character 3'],
    ['a[0', 'a ] is missing at character 4'],
    ['(a', 'a ) is missing at character 3'],
    ['a b', 'something follows that does not belong there at character 3'],
    ['length(a)', 'something follows that does not belong there at character 7'],
    ['a & b', '"&" does not belong there at character 3'],
    ['`{`', 'what is quoted is no JSON at character 1'],
    ['!'.repeat(100), 'it is nested deeper than 40 levels at character 41'],
    ['a'.repeat(501), 'it is longer than 500 characters'],
  ])('%s is refused with its place', (path, problem) => {
    expect(() => parsePath(path)).toThrow(new PathFault(problem));
  });

  test('F40: ends after its steps, however much the document holds', () => {
    const wide = { a: Array.from({ length: 1_000 }, () => ({ b: [1] })) };
    const work = new Work({ steps: 500, items: 1 });
    expect(() => readPath(parsePath('a[*].b[*]'), { current: wide, scope: {}, work })).toThrow(
      'The recipe makes more than 500 steps of one page of the POS.',
    );
  });
});
