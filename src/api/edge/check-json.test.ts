// Tests of the look at JSON text: what two parsers could read in two ways is read by none.
import { describe, expect, test } from 'vitest';
import { readBody } from '../functions/read-body.ts';

const rules = { maxDepth: 64, uniqueTo: 64 };

async function read(body: string | Uint8Array<ArrayBuffer>, limit: object = { rules }): Promise<unknown> {
  const request = new Request('http://localhost', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  return await readBody(request, { maxBody: 1024 * 1024, tooLargeHint: '', ...limit });
}

async function codeOf(body: string | Uint8Array<ArrayBuffer>, limit?: object): Promise<string> {
  try {
    await read(body, limit);
    return 'read';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('S12: a body', () => {
  test('that names a field twice is refused, however the name is written and however deep it stands', async () => {
    for (const text of [
      '{"a":1,"a":2}',
      '{"a":1,"\\u0061":2}',
      '{"a":1,"b":{"c":[1,{"d":1,"e":"}","d":2}]}}',
      '{"a\\"":1,"a\\"":2}',
      '{"\\\\":1,"\\\\":2}',
      '{"":1,"":2}',
      '{"__proto__":1,"__proto__":2}',
      '{ "a" : 1 ,\n"b" : "," , "a" : 1 }',
      '[{"a":{},"a":{}}]',
      '{"\\ud83d\\ude00":1,"😀":2}',
    ]) {
      expect(await codeOf(text), text).toBe('body_key_repeated');
    }
  });

  test('that names each field of an object once is read, whatever its texts look like', async () => {
    for (const text of [
      '{"a":"a","b":["a","a","a"],"c":{"a":1},"d":[{"a":1},{"a":2}]}',
      '{"a":"\\",\\"a\\":1","b":"{\\"b\\":1}"}',
      '{"a":1,"A":2,"a ":3,"á":4,"a\u0301":5}',
      '["a","a",{"a":["a",{"a":"a"}]}]',
      '"a"',
      '{"a\\\\":1,"a\\\\\\\\":2}',
      '{"constructor":1,"toString":2,"hasOwnProperty":3}',
    ]) {
      expect(await codeOf(text), text).toBe('read');
      expect(await read(text)).toEqual(JSON.parse(text));
    }
  });

  test('that only a lenient parser takes is taken by none of ours', async () => {
    for (const text of [
      '',
      ' ',
      '{"a":1,}',
      '[1,]',
      '{a:1}',
      "{'a':1}",
      '{"a":NaN}',
      '{"a":Infinity}',
      '{"a":01}',
      '{"a":.5}',
      '{"a":5.}',
      '{"a":+1}',
      '{"a":0x1}',
      '{"a":1}/* */',
      '// \n{}',
      '{"a":1}{"b":2}',
      '{"a":"\n"}',
      '{"a":"\t"}',
      '{"a":"\\x41"}',
      '{"a":"\\u00"}',
      '{"a":tru}',
      '{"a":TRUE}',
      '{"a" 1}',
      '{"a":1 "b":2}',
      '\u00a0{}',
      '{"a":1}\u0000',
      '{"a":"',
      '['.repeat(70),
    ]) {
      expect(await codeOf(text), JSON.stringify(text)).toBe('body_not_json');
    }
    for (const bytes of [
      [0xff, 0xfe, 0x7b, 0, 0x7d, 0],
      [0x22, 0xc0, 0xaf, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xff, 0x22],
    ]) {
      expect(await codeOf(Uint8Array.from(bytes)), String(bytes)).toBe('body_not_json');
    }
  });

  test('that is nested deeper than 64 levels is refused, and one of 64 is read', async () => {
    const nested = (levels: number) => '[{"a":'.repeat(levels / 2) + 1 + '}]'.repeat(levels / 2);
    expect(await codeOf(nested(64))).toBe('read');
    expect(await codeOf(nested(66))).toBe('body_too_deep');
    expect(await codeOf(`{"a":"${'['.repeat(1_000)}"}`)).toBe('read');
    expect(await codeOf(nested(100_000))).toBe('body_too_deep');
  });

  test('of an edge function names the fields of its two outer levels once; what stands in an item is data', async () => {
    expect(await codeOf('{"config_id":"a","config_id":"b"}', {})).toBe('body_key_repeated');
    expect(await codeOf('{"formatted_data":{"products":[],"products":[]}}', {})).toBe('body_key_repeated');
    expect(await codeOf('{"formatted_data":{"products":[{"id":1,"id":2}]}}', {})).toBe('read');
  });
});
