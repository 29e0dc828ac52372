// A pretend web server that has a seeded catalog as one CSV file, with an ETag, behind a token.
import { hash } from 'node:crypto';
import { itemKey, type Kind } from '../../catalog/item.ts';
import type { FakeSize, StartFake } from '../connector-fake.ts';
import { type FakePosAnswer, type FakePosRequest, startFakePos } from '../fake-pos.ts';
import { seededRandom } from '../seeded-random.ts';

const password = 'only-for-the-fake';

/** As the contract of connectors asks for it. */
export const startFake: StartFake = async (size) => {
  const rows = makeRows(size);
  const text = `kind;id;path;name;price;amount\r\n${rows.map((row) => `${row.line}\r\n`).join('')}`;
  const etag = `"${hash('sha256', text, 'hex').slice(0, 24)}"`;
  const pos = await startFakePos({
    handle: (request) => answerOf(request, { text, etag }),
    refusal: () => ({ status: 429, headers: { 'retry-after': '1' } }),
  });
  return {
    url: pos.url,
    settings: {
      params: { name: '17', url: `${pos.url}/menu.csv`, auth: 'bearer', encoding: 'utf-8', kind: 'products' },
      secrets: { token: password },
    },
    answer: pos.answer,
    requests: pos.requests,
    expectedKeys: () => rows.map(({ key }) => key),
    stop: pos.stop,
  };
};

function answerOf({ method, url, headers }: FakePosRequest, file: { text: string; etag: string }): FakePosAnswer {
  if (url.pathname !== '/menu.csv') return { status: 404 };
  if (method !== 'GET') return { status: 405 };
  if (headers.authorization !== `Bearer ${password}`) return { status: 401 };
  if (headers['if-none-match'] === file.etag) return { status: 304 };
  return { status: 200, headers: { 'content-type': 'text/csv', etag: file.etag }, body: file.text };
}

function makeRows({ products, modifiers, discounts, seed = 1 }: FakeSize): { key: string; line: string }[] {
  const random = seededRandom(seed);
  const amount = () => `${Math.floor(random() * 30)},${Math.floor(random() * 90) + 10}`;
  const row = (kind: Kind, id: string, rest: { path: string; price: string; amount: string }) => ({
    key: `${kind} ${itemKey(kind, id, rest.path === '' ? null : rest.path)}`,
    line: `${kind.slice(0, -1)};${id};${rest.path};"Crème ""${id}""; large";${rest.price};${rest.amount}`,
  });
  return [
    ...range(products, (n) => row('products', `P${n}`, { path: '', price: amount(), amount: '' })),
    ...range(modifiers, (n) => row('modifiers', `M${n}`, { path: `P${n % 7}`, price: amount(), amount: '' })),
    ...range(discounts, (n) => row('discounts', `D${n}`, { path: '', price: '', amount: amount() })),
  ];
}

function range<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => make(n));
}
