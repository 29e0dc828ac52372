// The address of a body: independent of its pieces and of volatile members, sensitive to all else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openContentAddress } from './content-address.ts';

function addressOf(text: string, volatileFields: readonly string[], cuts: readonly number[] = []): string {
  const bytes = Buffer.from(text);
  const address = openContentAddress(volatileFields);
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  for (let i = 1; i < places.length; i++) address.update(bytes.subarray(places[i - 1], places[i]));
  return address.digest().toString('hex');
}

describe('the address of a body', () => {
  it('does not depend on the pieces in which the body came', () => {
    const json = fc
      .json({ maxDepth: 3 })
      .map((text) => `{"a":${text},"lastModified":${text},"b\\"":[1,{"lastModified":2}]}`);
    fc.assert(
      fc.property(json, fc.array(fc.nat(500)), (text, cuts) => {
        expect(addressOf(text, ['lastModified'], cuts)).toBe(addressOf(text, ['lastModified']));
      }),
      { seed: 1 },
    );
  });

  it('leaves out the value of a volatile member wherever it stands, whatever it is', () => {
    const address = (value: string) =>
      addressOf(`{"items":[1,2],"lastModified": ${value} ,"error":""}`, ['lastModified']);
    const values = ['"2025-01-01"', '"a,}\\"{"', '{"x":[1,{"y":"}"}]}', '[[],{}]', '17', 'null'];
    expect(new Set(values.map(address)).size).toBe(1);
    expect(addressOf('{"lastModified":1,"items":[]}', ['lastModified'])).toBe(
      addressOf('{"lastModified":222,"items":[]}', ['lastModified']),
    );
    expect(addressOf('{"items":[],"lastModified":1}', ['lastModified'])).toBe(
      addressOf('{"items":[],"lastModified":{"a":1}}', ['lastModified']),
    );
  });

  it('keeps every other difference: other members, the same name deeper down, and the name as a value', () => {
    const texts = [
      '{"items":[{"lastModified":1}],"lastModified":1}',
      '{"items":[{"lastModified":2}],"lastModified":1}',
      '{"items":["lastModified",1],"lastModified":1}',
      '{"items":["lastModified",2],"lastModified":1}',
      '{"note":"lastModified","items":1}',
      '{"note":"lastModified","items":2}',
    ];
    expect(new Set(texts.map((text) => addressOf(text, ['lastModified']))).size).toBe(texts.length);
  });

  it('takes bodies that are no JSON as they are', () => {
    expect(addressOf('<html>1</html>', ['lastModified'])).not.toBe(addressOf('<html>2</html>', ['lastModified']));
  });
});
