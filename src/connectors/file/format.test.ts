// Files of each form as items: the mapping, what is set aside and where, encodings, and memory that does not grow.
import { describe, expect, test } from 'vitest';
import type { Formatted } from '../../catalog/item.ts';
import { parseJson } from '../../json.ts';
import type { DocumentProof } from '../connector.ts';
import { format, formatDocument } from './format.ts';
import { previewFile } from './preview.ts';

interface Result {
  formatted: Formatted[];
  proof: DocumentProof;
}

async function* pieces(bytes: Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string | Uint8Array, params: Record<string, unknown> = {}): Promise<Result> {
  const formatted: Formatted[] = [];
  const stream = format(pieces(Buffer.from(text)), { params });
  for (;;) {
    const next = await stream.next();
    if (next.done) return { formatted, proof: next.value };
    formatted.push(...next.value);
  }
}

/** `<kind> <id> …` of items, `! <kind> <id> <message>` of rejects. */
function lines({ formatted }: Result): string[] {
  return formatted.map((each) => {
    if (each.type === 'reject') return `! ${each.reject.kind} ${each.reject.externalId} ${each.reject.message}`;
    if (each.type !== 'item') return each.type;
    const { kind, externalId, pathId, name, price, discountAmount, discountPercent, isAvailable } = each.item;
    return [kind, externalId, pathId, name, price ?? discountAmount ?? discountPercent, isAvailable].join(' ');
  });
}

describe('a file that means harm', () => {
  test('byte by byte takes no longer for its rows than in one piece: nothing is read again with each byte', async () => {
    const row = (n: number) => `${n},"${'x,"",\n'.repeat(30_000)}"\n`;
    const long = `{"id":1,"name":"${'x'.repeat(400_000)}"}\n{"id":2}\n`;
    for (const [form, text] of [['csv', `id,name\n${row(1)}${row(2)}`] as const, ['ndjson', long] as const]) {
      const stream = format(pieces(Buffer.from(text), 1), { params: { format: form } });
      const ids: string[] = [];
      for (let next = await stream.next(); !next.done; next = await stream.next()) {
        for (const each of next.value) if (each.type === 'item') ids.push(each.item.externalId);
      }
      expect(ids).toEqual(['1', '2']);
    }
  });

  test.each([
    '[{"id":1}],"x":1',
    '[{"id":1}],"products":[{"id":2}]',
    '[{"id":1}],"rows":[{"id":2}]',
    '[{"id":1}]]',
    '[1]{}',
  ])('%s is no list: what follows its end is refused', async (text) => {
    await expect(read(text)).rejects.toMatchObject({ name: 'TillsyncError' });
  });
});

describe('a CSV file', () => {
  test('is read by the names of its columns; one column can say the kind', async () => {
    const result = await read(
      'Kind;Item ID;Path;Title;Price;In Stock\nproduct;007;;Tea;2,50;yes\nModifier;m1;007;Milk;0;no\ndiscount;d1;;Staff;1,00;\n',
    );
    expect(lines(result)).toEqual([
      'products 007  Tea 2.5 true',
      'modifiers m1 007 Milk 0 false',
      'discounts d1  Staff 1 ',
    ]);
    expect(result.proof).toEqual({ complete: true, kindsPresent: ['products', 'modifiers', 'discounts'] });
  });

  test('keeps every value of the row as it stands there, and ids byte for byte', async () => {
    const { formatted } = await read('id,name,extra\n 7 ,Tea , x\n');
    expect(formatted[0]).toMatchObject({ item: { externalId: ' 7 ', data: { id: ' 7 ', name: 'Tea ', extra: ' x' } } });
  });

  test('sets bad rows aside with their line, and with their key where it could be read', async () => {
    const result = await read(
      'id,name,price\n1,Tea,2.00\n2,Cake,"1,234"\n,Nameless,3\n4,"two\nlines",x\n5,too,1,many\n6,few\n7,ok,1\n',
    );
    expect(lines(result)).toEqual([
      'products 1  Tea 2 ',
      '! products 2 line 3: The column “price”: "1,234" can be 1234 or 1.234; say which with the setting decimal.',
      '! products null line 4: The column “id” is empty.',
      '! products 4 line 5: The column “price”: "x" is not an amount.',
      '! products null line 7: The row has 4 fields where the header has 3.',
      '! products null line 8: The row has 2 fields where the header has 3.',
      'products 7  ok 1 ',
    ]);
  });

  test('in which a row does not say what it is removes nothing', async () => {
    const result = await read('kind,id\nproduct,1\nmodifer,2\n');
    expect(lines(result)[1]).toBe('! products null line 3: "modifer" is none of product, modifier and discount.');
    expect(result.proof).toMatchObject({ complete: false, reason: 'of 1 rows it is not known what they are' });
  });

  test('of one kind speaks of that kind, also without a row', async () => {
    const { proof } = await read('id,name\n', { kind: 'modifiers' });
    expect(proof).toEqual({ complete: true, kindsPresent: ['modifiers'] });
  });

  test('that lacks a column of the mapping is refused as a whole, and so is one without an id', async () => {
    const columns = { external_id: 'id', price: 'Preis' };
    await expect(read('id,price\n1,2\n', { columns })).rejects.toMatchObject({
      code: 'file_columns_missing',
      message: 'The file has no column “Preis” (price). The file has: “id”, “price”.',
    });
    await expect(read('foo,bar\n1,2\n')).rejects.toMatchObject({ code: 'file_columns_missing' });
  });

  test('may be UTF-16 or begin with a byte order mark; Windows-1252 is read when the config says so', async () => {
    const text = 'id,name\n1,Café €\n';
    const le = Buffer.from(`\ufeff${text}`, 'utf16le');
    const be = Buffer.from(le).swap16();
    const windows = Buffer.concat([Buffer.from('id,name\n1,Caf'), Buffer.from([0xe9, 0x20, 0x80, 0x0a])]);
    for (const bytes of [`\ufeff${text}`, le, be]) {
      expect(lines(await read(Buffer.from(bytes as string)))).toEqual(['products 1  Café €  ']);
    }
    expect(lines(await read(windows, { encoding: 'windows-1252' }))).toEqual(['products 1  Café €  ']);
    expect(lines(await read(windows))[0]).toContain('line 2: The row holds bytes that are not UTF-8');
  });

  test('can say its delimiter in a first line', async () => {
    expect(lines(await read('sep=;\nid;name\n1;a,b,c\n'))).toEqual(['products 1  a,b,c  ']);
  });
});

describe('a JSON file', () => {
  test('may be a list, or an object with the kinds; digits are kept, members inside members named by their path', async () => {
    const list = '[{"id": 9007199254740993, "name": "Tea", "price": {"amount": 2.10}}, 7]';
    const columns = { external_id: 'id', name: 'name', price: 'price.amount' };
    const result = await read(list, { columns });
    expect(lines(result)).toEqual([
      'products 9007199254740993  Tea 2.1 ',
      '! products null element 2: The row is not a JSON object.',
    ]);
    const document = [...formatDocument(parseJson(list), { params: { columns } })];
    expect(document).toEqual(result.formatted);
    const object = await read('{"modifiers": [], "discounts": [{"id": "d", "amount": 1}], "other": 1}');
    expect(lines(object)).toEqual(['discounts d   1 ']);
    expect(object.proof).toEqual({ complete: true, kindsPresent: ['modifiers', 'discounts'] });
  });

  test.each([
    ['{"a": 1}', 'file_malformed'],
    ['{"products": 5}', 'file_malformed'],
    ['[{"id": 1}', 'body_truncated'],
    ['[{"id": 1},, {"id": 2}]', 'body_not_json'],
    ['<!doctype html><p>Log in', 'file_malformed'],
    ['\u0000\u0000\u0000\u0000', 'file_malformed'],
    ['', 'file_malformed'],
  ])('that is %j is refused with %s', async (text, code) => {
    await expect(read(text)).rejects.toMatchObject({ code, message: expect.not.stringContaining('POS') });
  });
});

describe('an NDJSON file', () => {
  test('has one item per line; a bad line is set aside, and a last one that breaks off is no whole file', async () => {
    const result = await read(
      '{"kind":"product","sku":"1","name":"Tea"}\n\n{"sku":\n{"sku":"2","title":"Pie"}\n{"sku":"3"',
    );
    expect(lines(result)).toEqual([
      'products 1  Tea  ',
      '! products null line 3: The line is not JSON.',
      'products 2  Pie  ',
      '! products null line 5: The line is not JSON.',
    ]);
    expect(result.proof).toMatchObject({ complete: false, reason: 'line 5, the last one, breaks off' });
  });
});

test('200,000 rows are formatted with at most the rows of a few pieces between reading and yielding', async () => {
  const rows = 200_000;
  let made = 0;
  let formatted = 0;
  let most = 0;
  async function* body() {
    yield Buffer.from('id,name,price\n');
    for (let from = 0; from < rows; from += 500) {
      let text = '';
      for (let n = from; n < from + 500; n++) text += `item-${n},"Name, ${n}",${n % 90}.25\n`;
      made += 500;
      most = Math.max(most, made - formatted);
      yield Buffer.from(text);
    }
  }
  for await (const batch of format(body(), { params: {} })) formatted += batch.length;
  expect(formatted).toBe(rows);
  // The first 64 KiB wait until the delimiter is known: 2,200 rows.
  expect(most).toBeLessThan(5_000);
});

describe('a preview', () => {
  const preview = (text: string, params = {}, map = {}) => previewFile(pieces(Buffer.from(text)), { params, map });

  test('shows each column with samples and what it is read as, and gives the mapping to remember', async () => {
    const found = await preview('SKU,Preis,Foo\na,1.50,x\nb,x,x\n', {}, { name: 'Foo' });
    expect(found).toMatchObject({
      form: 'csv',
      columns: [
        { name: 'SKU', field: 'external_id', samples: ['a', 'b'] },
        { name: 'Preis', field: 'price', samples: ['1.50', 'x'] },
        { name: 'Foo', field: 'name', samples: ['x'] },
      ],
      first: [{ type: 'item' }, { type: 'reject' }],
      params: { columns: { external_id: 'SKU', price: 'Preis', name: 'Foo' } },
    });
  });

  test('takes a column named type for the kind where every value is one', async () => {
    const kinds = await preview('id,type\n1,product\n2,modifier\n');
    expect(kinds.params).toEqual({ columns: { external_id: 'id', kind: 'type' } });
    const types = await preview('id,type\n1,food\n2,product\n');
    expect(types.params).toEqual({ columns: { external_id: 'id', item_type: 'type' } });
  });

  test('keeps what the config remembers, and takes a field away that is mapped to nothing', async () => {
    const columns = { external_id: 'sku', price: 'price' };
    const found = await preview('id,sku,price\n1,a,2\n', { columns }, { price: '' });
    expect(found.params).toEqual({ columns: { external_id: 'sku' } });
    const json = { external_id: 'id', price: 'price', currency: 'cur' };
    await expect(preview('[{"id": 1, "price": 2}]', { columns: json })).resolves.toMatchObject({ form: 'json' });
    await expect(preview('[{"id": 1, "cost": 2}]', { columns: json })).rejects.toMatchObject({
      code: 'file_columns_missing',
    });
    await expect(preview('[{"foo": 1}]')).rejects.toMatchObject({ code: 'file_columns_missing' });
    await expect(preview('id\n1\n', {}, { prise: 'id' })).rejects.toMatchObject({ code: 'map_unknown' });
  });
});
