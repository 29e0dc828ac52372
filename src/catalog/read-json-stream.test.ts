// A document read in pieces gives what it holds; long because of the corpus of broken ones, which are all refused.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRawNumber, type Json, parseJson } from '../json.ts';
import { type JsonPart, type JsonStreamOptions, readJsonStream } from './read-json-stream.ts';

const excerpt = (text: string) => text.slice(0, 40);

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

async function read(
  body: string | Uint8Array,
  size = 65_536,
  options: Partial<JsonStreamOptions> = {},
): Promise<JsonPart[]> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const parts: JsonPart[] = [];
  const stream = readJsonStream(pieces(bytes, size), { arrays: ['items', 'more'], excerpt, ...options });
  for await (const batch of stream) parts.push(...batch);
  return parts;
}

/** The document that the parts came from. */
function assembled(parts: readonly JsonPart[]): Json {
  const document = new Map<string, Json>();
  for (const part of parts) {
    if (part.type === 'array') document.set(part.member, []);
    else if (part.type === 'member') document.set(part.member, part.value);
    else (document.get(part.member) as Json[]).push(part.value);
  }
  return Object.fromEntries(document);
}

async function codeOf(body: string | Uint8Array, size?: number): Promise<string> {
  return read(body, size).then(
    () => 'read',
    (error: { code: string }) => error.code,
  );
}

describe('a document in pieces', () => {
  test('F33, F35: is the same document whatever the pieces are, falsy leaves and all digits included', async () => {
    const leaf = fc.oneof(
      fc.constantFrom('0', '""', 'false', 'null', '[]', '{}', '-0', '1.10', '1e400', '9007199254740993', '0.0000001'),
      fc.stringMatching(/^-?[1-9]\d{0,30}(\.\d{1,30})?$/),
      fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
      fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
    );
    const spaces = fc.constantFrom('', ' ', '\n\t', '\r\n  ');
    const list = fc.array(leaf, { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(list, list, leaf, spaces, fc.integer({ min: 1, max: 50 }), async (...drawn) => {
        const [items, more, other, space, size] = drawn;
        const array = (values: string[]) => `[${space}${values.join(`${space},${space}`)}${space}]`;
        const text = `${space}{${space}"items"${space}:${space}${array(items)},"x\\"y":${other}${space},"more":${array(more)}}${space}`;
        const value = assembled(await read(text, size));
        expect(JSON.stringify(value)).toBe(JSON.stringify(parseJson(text)));
        const numbers = text.match(/(?<=[[,:\s])-?\d[\d.eE+-]*(?=[\],}\s])/g) ?? [];
        for (const number of numbers) expect(JSON.stringify(value)).toContain(number);
      }),
      { numRuns: 300 },
    );
  });

  test('F33: 10,000 random ids and decimals keep their source text', async () => {
    const digits = () =>
      Array.from({ length: 1 + Math.floor(Math.random() * 25) }, () => Math.floor(Math.random() * 10));
    const numbers = Array.from({ length: 10_000 }, (_, n) => {
      const whole = `${digits().join('')}`.replace(/^0+(?=\d)/, '');
      return n % 2 === 0 ? whole : `${n % 4 === 1 ? '-' : ''}${whole}.${digits().join('')}`;
    });
    const parts = await read(`{"items":[${numbers.join(',')}]}`);
    const texts = parts.flatMap((part) => (part.type === 'element' ? [numberText(part.value)] : []));
    expect(texts).toEqual(numbers);
  });

  test('elements carry their index, members their names, arrays announce themselves', async () => {
    expect(await read('{"a":[1],"items":[{"x":1},2],"more":null,"b":"é"}')).toEqual([
      { type: 'member', member: 'a', value: [1] },
      { type: 'array', member: 'items' },
      { type: 'element', member: 'items', index: 0, value: { x: 1 } },
      { type: 'element', member: 'items', index: 1, value: 2 },
      { type: 'member', member: 'more', value: null },
      { type: 'member', member: 'b', value: 'é' },
    ]);
  });

  test('a byte order mark is accepted, even in pieces of one byte', async () => {
    for (const size of [1, 2, 3, 4, 100])
      expect(assembled(await read('\ufeff{"items":[1]}', size))).toEqual({ items: [1] });
  });

  test('strings full of brackets, quotes and escapes end where they end', async () => {
    const tricky = ['}', ']', '"', '\\', '\\"', '{"', '[[[', '\\\\', '\u2028', '\\u0022', ',', ':'];
    for (const size of [1, 2, 3, 7]) {
      expect(assembled(await read(JSON.stringify({ items: tricky, more: [{ '}"]': tricky }] }), size))).toEqual({
        items: tricky,
        more: [{ '}"]': tricky }],
      });
    }
  });

  test('F36: keys such as __proto__ stay keys of their own', async () => {
    const parts = await read('{"items":[{"__proto__":{"polluted":1.10}}],"__proto__":{"x":1},"constructor":2}');
    const [, element] = parts;
    expect(element?.type === 'element' && Object.keys(element.value as object)).toEqual(['__proto__']);
    expect(parts.map((part) => part.member)).toEqual(['items', 'items', '__proto__', 'constructor']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('an element that cannot be read as it is', () => {
  test.each([101, 10_000, 100_000])('F36: %i levels deep is flagged, and the next one is read', async (levels) => {
    const deep = `{"id":"a","x":${'['.repeat(levels - 1)}1.10${']'.repeat(levels - 1)}}`;
    const parts = await read(`{"items":[${deep},{"id":"b"}]}`, 1_000);
    expect(parts.map((part) => (part.type === 'element' ? part.fault : part.type))).toEqual([
      'array',
      'too_deep',
      undefined,
    ]);
  });

  test('F36: 100 levels deep is read', async () => {
    const [, part] = await read(`{"items":[${'['.repeat(100)}${']'.repeat(100)}]}`);
    expect(part).not.toHaveProperty('fault');
  });

  test('F23: larger than the limit is flagged with its beginning, and the next one is read', async () => {
    const large = JSON.stringify({ id: 1, text: 'x'.repeat(50_000) });
    for (const size of [1_000, 200_000]) {
      const parts = await read(`{"items":[${large},{"id":2}]}`, size, { maxElementBytes: 10_000 });
      expect(parts[1]).toMatchObject({ fault: 'too_large', value: expect.stringContaining('{"id":1') });
      expect(parts[2]).toEqual({ type: 'element', member: 'items', index: 1, value: { id: 2 } });
    }
    await expect(read(`{"other":${large}}`, 1_000, { maxElementBytes: 10_000 })).rejects.toMatchObject({
      code: 'body_too_large',
    });
  });

  test('F23: one string of 200 MB is never held', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    async function* endless() {
      yield Buffer.from('{"items":["');
      for (let n = 0; n < 200; n++) yield megabyte;
      yield Buffer.from('"]}');
    }
    const before = process.memoryUsage().rss;
    const parts: JsonPart[] = [];
    for await (const batch of readJsonStream(endless(), { arrays: ['items'], excerpt })) parts.push(...batch);
    expect(parts).toHaveLength(2);
    expect(parts[1]).toMatchObject({ fault: 'too_large' });
    expect(process.memoryUsage().rss - before).toBeLessThan(120 * 1024 * 1024);
  });

  test('not UTF-8 is flagged, U+FFFD that was sent as such is not', async () => {
    const bytes = Buffer.from('{"items":[{"id":"caf\xe9"},{"id":"\xef\xbf\xbd"}]}', 'latin1');
    const [, first, second] = await read(bytes);
    expect(first).toMatchObject({ fault: 'not_utf8', value: { id: 'caf\ufffd' } });
    expect(second).toEqual({ type: 'element', member: 'items', index: 1, value: { id: '\ufffd' } });
  });
});

describe('F24: a document that ends early', () => {
  test('is an error at every single offset, however it is cut', async () => {
    const bytes = Buffer.from('{"items":[{"id":"é\\"x","n":1.50},{"b":[true,null]}],"error":"","more":[],"n":12}');
    for (let at = 0; at < bytes.length; at++) {
      for (const size of [1, 1_000]) {
        const code = await codeOf(bytes.subarray(0, at), size);
        expect([at, code]).toEqual([at, at === 0 ? 'body_empty' : 'body_truncated']);
      }
    }
    expect(await codeOf(bytes)).toBe('read');
  });
});

describe('F25: a body that is no such document', () => {
  const utf16 = (text: string) => Buffer.from(text, 'utf16le');
  const document = '{"items":[1]}';
  const corpus: [string, string | Uint8Array][] = [
    ...['', ' ', '\n', '\r\n\t ', '\ufeff', '\ufeff  '].map((text): [string, string] => ['body_empty', text]),
    ...[
      utf16(document),
      Buffer.concat([Buffer.from([0xff, 0xfe]), utf16(document)]),
      Buffer.concat([Buffer.from([0xfe, 0xff]), utf16(document).swap16()]),
      utf16(document).swap16(),
      Buffer.from([0, 0, 0, 0x7b]),
      Buffer.from([0x7b, 0, 0, 0]),
    ].map((bytes): [string, Uint8Array] => ['body_not_utf8', bytes]),
    ...['[]', '[{"items":[]}]', ' [', '"text"', '0', '-1', '12.5', 'null', 'true', 'false'].map(
      (text): [string, string] => ['body_wrong_shape', text],
    ),
    ...[
      '<!doctype html><html></html>',
      '<html>',
      '  <?xml version="1.0"?><items/>',
      '<',
      'Not found',
      'Unauthorized',
      'error: no such location',
      'OK',
      'undefined',
      'NaN',
      "{'items':[]}",
      '{items:[]}',
      '{"items":[1,]}',
      '{"items":[,1]}',
      '{"items":[,]}',
      '{"items":[1,,2]}',
      '{"items":[1 2]}',
      '{"items":[1;2]}',
      '{"items":[}',
      '{"items":[{]}',
      '{"items":[{"a":1]]}',
      '{"items":[{"a"}]}',
      '{"items":[{"a":}]}',
      '{"items":[{a:1}]}',
      '{"items":[{"a":1,}]}',
      '{"items":[{"a":01}]}',
      '{"items":[{"a":.5}]}',
      '{"items":[{"a":+5}]}',
      '{"items":[{"a":5.}]}',
      '{"items":[{"a":0x5}]}',
      '{"items":[{"a":NaN}]}',
      '{"items":[{"a":Infinity}]}',
      '{"items":[{"a":undefined}]}',
      '{"items":[{"a":True}]}',
      '{"items":[{"a":"x\ny"}]}',
      '{"items":[{"a":"x\ty"}]}',
      '{"items":[{"a":"\\x41"}]}',
      '{"items":[{"a":"\\u12"}]}',
      '{"items":[truefalse]}',
      '{"items":[nul]}',
      '{"items":[1-]}',
      '{"items":[--1]}',
      '{"items":["a" "b"]}',
      '{"items":[]]}',
      '{"items":[]}}',
      '{"items":[]};',
      '{"items":[]}{"items":[]}',
      '{"items":[]}\n{"items":[]}',
      '{"items":[]} trailing',
      '{"items":[]}\u00a0',
      '{"items":[]}<!-- cached -->',
      '{"items" []}',
      '{"items"=[]}',
      '{"items":[],}',
      '{,"items":[]}',
      '{"items":[] "more":[]}',
      '{"items":[];"more":[]}',
      '{"items":}',
      '{"items":,"more":[]}',
      '{"items"}',
      '{"items",}',
      '{1:2}',
      '{null:1}',
      '{{}}',
      '{[]}',
      '{"items":[1],"items":[2]}',
      '{"error":"","error":"x"}',
      '{"items":[1],"\\u0069tems":[2]}',
      '/* comment */ {"items":[]}',
      '// comment\n{"items":[]}',
      '{"items":[/* none */]}',
      ')]}\',\n{"items":[]}',
      'callback({"items":[]})',
      'for(;;);{"items":[]}',
      'data: {"items":[]}',
      'HTTP/1.1 200 OK\r\n\r\n{"items":[]}',
      'id,name\n1,Tea',
      '---\nitems: []',
      '\u0001{"items":[]}',
      '\u200b{"items":[]}',
      'ï»¿{"items":[]}',
      '%PDF-1.7',
      'PK\u0003\u0004',
      '\u001f\u008b',
    ].map((text): [string, string] => ['body_not_json', text]),
  ];

  test('the corpus has a hundred of them', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(100);
  });

  test.each(corpus)('%s: %j', async (code, body) => {
    expect(await codeOf(body)).toBe(code);
    expect(await codeOf(body, 1)).toBe(code);
  });

  test('the error says what came and where it breaks', async () => {
    await expect(read('<title>Sign in</title>')).rejects.toMatchObject({
      message: 'The answer of the POS is not JSON. Received: <title>Sign in</title>',
      step: 'format',
      retry: 'no',
    });
    await expect(read('{"items":[{"id":1},{"id":}]}')).rejects.toMatchObject({
      message: expect.stringContaining('it breaks at element 2 of "items"'),
    });
  });
});

function numberText(value: Json): string {
  return isRawNumber(value) ? value.rawJSON : String(value);
}
