// 50,000 documents with something wrong in them through the formatting of every connector: no crash, no hang, no value that was not there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkItem } from '../catalog/check-item.ts';
import { fingerprint } from '../catalog/fingerprint.ts';
import type { Formatted } from '../catalog/item.ts';
import { TillsyncError } from '../errors.ts';
import { type Json, parseJson } from '../json.ts';
import type { Connector } from './connector.ts';
import { loadConnectors } from './load-connectors.ts';
import { seededRandom } from './seeded-random.ts';

const documents = 50_000;
const all = await loadConnectors();

/** Each JSON fixture with the connector that reads it; of recipes the one that its folder tries. */
const subjects = (
  await Promise.all(
    readdirSync(import.meta.dirname, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => {
        const folder = join(import.meta.dirname, name);
        const own: { connector?: Connector } = all.has(name) ? {} : await import(join(folder, 'fake.ts'));
        const connector = own.connector ?? all.get(name);
        if (connector === undefined) throw new Error(`no connector ${name}`);
        const fixtures = readdirSync(join(folder, 'fixtures')).filter((file) => file.endsWith('.json'));
        return fixtures.map((file) => {
          const text = readFileSync(join(folder, 'fixtures', file), 'utf8');
          return { connector, name: `${name}/${file}`, text, places: placesOf(text) };
        });
      }),
  )
).flat();

// What real answers have held, and what nobody expects; as JSON text, so that numbers keep their digits.
const oddities = [
  ...[
    'null',
    'true',
    '[]',
    '{}',
    '""',
    '"x"',
    '[[[]]]',
    '{"a":{"a":{}}}',
    '[null]',
    '"\\u0000"',
    '"\\ud800"',
    '" 12.50 "',
  ],
  ...[
    '0',
    '-0',
    '-1',
    '1e2',
    '1E-7',
    '1e400',
    '0.1',
    '12.345678901234567890',
    '9007199254740993',
    '"1,234"',
    '"$5.00"',
    '"NaN"',
  ],
  ...[
    '"__proto__"',
    '"constructor"',
    '"2026-13-45T99:99:99Z"',
    '"١٢"',
    `"${'9'.repeat(400)}"`,
    `"${'x'.repeat(3_000)}"`,
    '{"__proto__":{"id":1}}',
  ],
];

/** Where values stand. */
function placesOf(text: string): RegExpExecArray[] {
  // Names of members are matched too, or their closing quote would pass for an opening one.
  const tokens = text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|-?\d+(?:\.\d+)?|true|false|null|\[[^[\]{}]*\]/g);
  return [...tokens].filter(([, isName]) => isName === undefined);
}

/** The text with one to three of its values replaced, doubled, moved or taken away. */
function damaged(text: string, places: readonly RegExpExecArray[], random: () => number): string {
  const anyPlace = () => places[Math.floor(random() * places.length)];
  const chosen = Array.from({ length: 1 + Math.floor(random() * 3) }, anyPlace).filter((place) => place !== undefined);
  let made = text;
  let end = text.length;
  // From the last to the first: what stands before a change does not move.
  for (const place of chosen.sort((one, other) => other.index - one.index)) {
    const after = place.index + place[0].length;
    if (after > end) continue;
    const odd = random() < 0.7 ? oddities[Math.floor(random() * oddities.length)] : anyPlace()?.[0];
    made = made.slice(0, place.index) + odd + made.slice(after);
    end = place.index;
  }
  return made;
}

/** The digits that a number is made of, without its point, its exponent and the zeros around it. */
const digitsOf = (value: string) =>
  value
    .replace(/e.*$/i, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+|0+$/g, '');

const numbersOf = (text: string) =>
  new Set([...text.matchAll(/[\d.,eE+-]*\d[\d.,eE+-]*/g)].map(([number]) => digitsOf(number)));

function onlyOnce<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function formatted(connector: Connector, document: Json): { found: Formatted[]; refused: TillsyncError | null } {
  const found: Formatted[] = [];
  try {
    for (const each of connector.formatDocument(document, { params: {}, earlier: new Map() })) found.push(each);
  } catch (error) {
    if (!(error instanceof TillsyncError)) throw error;
    return { found, refused: error };
  }
  return { found, refused: null };
}

test(`each of ${documents.toLocaleString('en-US')} of them gives items that can be saved, rejects with a reason, or one sentence`, () => {
  const random = seededRandom(20_261);
  const seen = { formatted: 0, items: 0, rejects: 0, refused: 0, noJson: 0 };
  for (let n = 0; seen.formatted < documents; n++) {
    const { connector, name, text, places } = subjects[n % subjects.length] as (typeof subjects)[number];
    // What is large takes as long as ten others: it has its turn each eighth time.
    if (text.length > 20_000 && Math.floor(n / subjects.length) % 8 !== 0) continue;
    const broken = damaged(text, places, random);
    let document: Json;
    try {
      document = parseJson(broken);
    } catch {
      seen.noJson += 1;
      continue;
    }
    seen.formatted += 1;
    const where = () => `${name}, document ${n}: ${broken.slice(0, 2_000)}`;
    let outcome: ReturnType<typeof formatted>;
    try {
      outcome = formatted(connector, document);
    } catch (error) {
      throw new Error(where(), { cause: error });
    }
    if (outcome.refused !== null) seen.refused += 1;
    const digitsThere = onlyOnce(() => numbersOf(broken));
    for (const each of outcome.found) {
      if (each.type === 'reject') {
        seen.rejects += 1;
        if (each.reject.reason === '' || each.reject.message === '')
          expect.fail(`a reject without a reason: ${where()}`);
      }
      if (each.type !== 'item') continue;
      seen.items += 1;
      const { item } = each;
      const checked = checkItem(item);
      if (!('item' in checked) || checked.item.externalId !== item.externalId)
        expect.fail(`an item that cannot be saved: ${where()}`);
      fingerprint(item);
      for (const money of [item.price, item.discountAmount, item.discountPercent]) {
        if (money === null) continue;
        if (!/^-?\d+(\.\d+)?$/.test(money)) expect.fail(`${money} is no amount: ${where()}`);
        if (broken.includes(money) || digitsOf(money) === '') continue;
        if (!digitsThere().has(digitsOf(money))) expect.fail(`${money} is not in the document: ${where()}`);
      }
    }
  }
  expect(seen.items).toBeGreaterThan(documents / 2);
  expect(seen.rejects).toBeGreaterThan(documents / 50);
  process.stdout.write(`damaged documents: ${JSON.stringify(seen)}\n`);
});
