// The CSV parser: RFC 4180, pieces of any size, lines counted, and what is no CSV.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CsvReader, type CsvRecord } from './csv-reader.ts';
import { columnNames, sniffDelimiter } from './csv-rows.ts';

function read(text: string | Uint8Array, size = 1_000_000, delimiter = ','): CsvRecord[] {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const reader = new CsvReader(delimiter);
  const records: CsvRecord[] = [];
  for (let at = 0; at < bytes.length; at += size) records.push(...reader.read(bytes.subarray(at, at + size)));
  return [...records, ...reader.finish()];
}

const fieldsOf = (text: string, delimiter = ',') => read(text, 1_000_000, delimiter).map(({ fields }) => fields);

describe('a CSV file', () => {
  test('gives back any fields that were written by RFC 4180, in pieces of any size', () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '"', ',', '\n', '\r', ' ', '0'), maxLength: 6 });
    const written = fc.record({
      rows: fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
      lineEnd: fc.constantFrom('\r\n', '\n', '\r'),
      size: fc.integer({ min: 1, max: 9 }),
      endsWithLine: fc.boolean(),
    });
    fc.assert(
      fc.property(written, ({ rows, lineEnd, size, endsWithLine }) => {
        const lines = rows.map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(','));
        const text = lines.join(lineEnd) + (endsWithLine ? lineEnd : '');
        expect(read(text, size).map(({ fields }) => fields)).toEqual(rows);
      }),
      { numRuns: 150 },
    );
  });

  test('needs no quotes, and a quote inside a field is a character', () => {
    expect(fieldsOf('a,b\r\nPizza 12",\r\n,"x"\n')).toEqual([
      ['a', 'b'],
      ['Pizza 12"', ''],
      ['', 'x'],
    ]);
    expect(fieldsOf('a;b\n1,5;"c;d"', ';')).toEqual([
      ['a', 'b'],
      ['1,5', 'c;d'],
    ]);
  });

  test('leaves empty lines out and says on which line of the file a record begins', () => {
    const records = read('a,b\r\n\r\n"x\ny\r\nz",1\rlast,2', 1);
    expect(records.map(({ line, fields }) => [line, fields[0]])).toEqual([
      [1, 'a'],
      [3, 'x\ny\r\nz'],
      [6, 'last'],
    ]);
  });

  test('marks text behind a closing quote and bytes that are not UTF-8, and goes on with the next line', () => {
    const bytes = Buffer.concat([Buffer.from('"a"b,c\nok,'), Buffer.from([0xe9]), Buffer.from('\n\ufffd,d\n')]);
    expect(read(bytes, 3).map(({ fault }) => fault)).toEqual(['text_behind_quote', 'not_utf8', null]);
  });

  test('that ends inside quotes is refused with the line on which they open', () => {
    expect(() => read('a,b\n"x\ny",1\n2,"never\nclosed,3\n')).toThrow('the quote that opens in line 4 is never closed');
    const endless = new CsvReader(',');
    endless.read(Buffer.from('a,"'));
    const piece = Buffer.alloc(600_000, 'x');
    endless.read(piece);
    expect(() => endless.read(piece)).toThrow('line 1');
  });
});

describe('the delimiter', () => {
  test.each([
    ['id,name\n1,"a;b"\n', ','],
    ['id;price;note\n1;2,50;a, b\n2;3,50;c, d, e\n', ';'],
    ['id\tname\n1\tx, y\n', '\t'],
    ['id|name\n1|x\n', '|'],
    ['id;name;price', ';'],
    ['id\n1\n', ','],
  ])('of %j is %j', (text, delimiter) => {
    expect(sniffDelimiter(Buffer.from(text))).toBe(delimiter);
  });
});

test('columns without a name or with one that came before get one of their own', () => {
  expect(columnNames([' id ', '', 'price', 'price', '__proto__'])).toEqual([
    'id',
    'column 2',
    'price',
    'price (2)',
    'column 5',
  ]);
});
