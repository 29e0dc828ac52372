// JSON without loss: every number comes out as it went in.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRawNumber, numberFromSource, parseJson } from './json.ts';

describe('lossless JSON', () => {
  test('F33: any number keeps its source text, wherever it stands', () => {
    const number = fc
      .tuple(
        fc.boolean(),
        fc.stringMatching(/^(0|[1-9]\d{0,25})$/),
        fc.stringMatching(/^(\.\d{1,25})?$/),
        fc.stringMatching(/^([eE][+-]?\d{1,3})?$/),
      )
      .map(([isNegative, ...parts]) => `${isNegative ? '-' : ''}${parts.join('')}`);
    fc.assert(
      fc.property(number, (text) => {
        for (const json of [text, `[${text}]`, `{"a":${text},"b":"${text}"}`]) {
          expect(JSON.stringify(parseJson(json))).toBe(json);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    '12345678.12345678',
    '99999999.99999999',
    '0.0000001',
    '-0',
    '1.0',
    '5e-324',
    '1e400',
    '123456789012345678',
  ])('F33: %s is kept', (text) => {
    expect(JSON.stringify([parseJson(text)])).toBe(`[${text}]`);
  });

  test('numbers that a double carries as written are plain numbers', () => {
    for (const text of ['0', '1', '-1', '1.5', '3.19', '123456789012345', '0.1'])
      expect(parseJson(text)).toBe(Number(text));
    expect(isRawNumber(numberFromSource('1.50'))).toBe(true);
    expect(numberFromSource('1.5')).toBe(1.5);
  });

  test('malformed text is a SyntaxError on both paths', () => {
    for (const text of ['', '{', '[1.10,]', '{"a":9007199254740993', 'nope']) {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    }
  });
});
