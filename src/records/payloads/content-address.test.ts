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

  it('leaves out the value of a volatile member wherever it stands, when it is a single one', () => {
    const address = (value: string) =>
      addressOf(`{"items":[1,2],"lastModified": ${value} ,"error":""}`, ['lastModified']);
    const values = ['"2025-01-01"', '"a,}\\"{"', '17', '-1.5e3', 'true', 'null', `"${'x'.repeat(900)}"`];
    expect(new Set(values.map(address)).size).toBe(1);
    expect(addressOf('{"lastModified":1,"items":[]}', ['lastModified'])).toBe(
      addressOf('{"lastModified":222,"items":[]}', ['lastModified']),
    );
    expect(addressOf('{"items":[],"lastModified":1}', ['lastModified'])).toBe(
      addressOf('{"items":[],"lastModified":"a"\n}', ['lastModified']),
    );
  });

  it('gives a body that is broken at a volatile member another address than any whole one', () => {
    const good = '{"items":[1],"lastModified":1}';
    const broken = ['NaN', '', ' ', '"a" "b"', '01', '"\t"', '"a', ':1', '1:2', '\0', '[1]', '{"a":1}', '[1', '1}']
      .map((value) => `{"items":[1],"lastModified":${value}}`)
      .concat('{"items":[1],"lastModified":1', '{"items":[1],"lastModified":', '{"items":[1],"lastModified"}');
    const addresses = [good, ...broken].map((text) => addressOf(text, ['lastModified']));
    expect(new Set(addresses).size).toBe(addresses.length);
    const notUtf8 = openContentAddress(['lastModified']);
    notUtf8.update(Buffer.concat([Buffer.from('{"items":[1],"lastModified":"'), Buffer.of(0xff), Buffer.from('"}')]));
    expect(addresses).not.toContain(notUtf8.digest().toString('hex'));
  });

  it('gives equal addresses only to bodies that are both JSON, or equal', () => {
    const part = fc.constantFrom('"lastModified"', ':', ',', '{', '}', '[', ']', '"a"', '1', 'null', ' ', '"', '\\');
    const texts = fc.array(part, { maxLength: 7 }).map((parts) => `{"lastModified":${parts.join('')}}`);
    const isJson = (text: string) => {
      try {
        return JSON.parse(text) !== undefined;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const areEqual = addressOf(a, ['lastModified']) === addressOf(b, ['lastModified']);
        expect(areEqual && a !== b && isJson(a) !== isJson(b)).toBe(false);
        expect(addressOf(a, ['lastModified']) === addressOf('{"lastModified":1}', ['lastModified']) && !isJson(a)).toBe(
          false,
        );
      }),
      { seed: 2, numRuns: 5_000 },
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

  it('does not depend on the pieces where a volatile value is cut, broken or too long either', () => {
    for (const value of ['"2025-01-01"', 'NaN', '[1,2]', `"${'x'.repeat(1_000)}"`, '"open', '']) {
      const text = `{"lastModified":${value},"items":[1]}`;
      const everywhere = Array.from({ length: text.length }, (_, index) => index);
      expect(addressOf(text, ['lastModified'], everywhere)).toBe(addressOf(text, ['lastModified']));
    }
  });

  it('takes bodies that are no JSON as they are', () => {
    expect(addressOf('<html>1</html>', ['lastModified'])).not.toBe(addressOf('<html>2</html>', ['lastModified']));
  });
});
