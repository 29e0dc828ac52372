// A POS that repeats the secrets that it was sent in whatever it answers, in every form that programs make of a text.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One way in which a POS answers; `text` holds the secret in every form. */
export interface EchoCase {
  name: string;
  answer(response: ServerResponse, text: string, secret: string): void;
}

export interface CanaryPos {
  url: string;
  /** How it answers from now on; it goes on with the last one. */
  answers(cases: readonly EchoCase['answer'][], secret: string): void;
  stop(): void;
}

/** Every form of a secret, made here and not by what is tested. */
export function formsOf(secret: string): string[] {
  const url = encodeURIComponent(secret);
  const json = JSON.stringify(secret);
  const html = secret
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  const bytes = Buffer.from(secret);
  return [
    ...[secret, url, encodeURIComponent(url), url.replaceAll('%20', '+'), json, JSON.stringify(json)],
    ...[html, json.replaceAll('/', '\\/'), bytes.toString('base64'), bytes.toString('base64url')],
    ...['x', 'xy', 'user:'].map((before) => Buffer.from(`${before}${secret}!`).toString('base64')),
    ...[bytes.toString('hex'), `Bearer ${secret}`, `https://pos.example/?key=${url}&x=1`, `{"token": ${json}}`],
  ];
}

/** Starts it on loopback. */
export async function startCanaryPos(): Promise<CanaryPos> {
  let queue: EchoCase['answer'][] = [];
  let [secret, text] = ['', ''];
  const server = createServer((_request, response) => {
    const answer = queue.length > 1 ? queue.shift() : queue[0];
    if (answer === undefined) response.end('{}');
    else answer(response, text, secret);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers(cases, echoed) {
      queue = [...cases];
      secret = echoed;
      text = formsOf(echoed).join(' ');
    },
    stop: () => void server.close(),
  };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Writes a body in pieces so small that every form is cut. */
function inPieces(response: ServerResponse, body: string): void {
  const bytes = Buffer.from(body);
  let at = 0;
  const more = () => {
    if (at >= bytes.length) {
      response.end();
      return;
    }
    response.write(bytes.subarray(at, at + 997));
    at += 997;
    setImmediate(more);
  };
  more();
}

/** A whole catalog with the text in names, ids, paths, keys, unknown fields and in items that are rejected. */
export function catalogOf(text: string, price: number): object {
  const prices = { priceType: 1, prices: [{ price }], id: 0 };
  const item = (id: unknown, more: object = {}) => ({ pathId: '5-7', id, name: text, itemType: 1, prices, ...more });
  const nested = JSON.stringify({ deep: [JSON.stringify({ text })] });
  return {
    menuItems: [
      ...[item(1), item(2, { [text]: 1, nested, list: [{ text }] }), item(3, { menuCategory: { id: 1, name: text } })],
      ...[item(`4 ${text}`), item(5, { pathId: text }), item(null), { name: text }, item(6, { prices: text })],
    ],
    modifiers: [item(900, { modifierGroup: { id: 6, name: text } })],
    discounts: [
      { id: 400, name: text, discountAmount: '2.50' },
      { id: 401, name: 'plain', discountAmount: text },
    ],
  };
}

export const refusals: readonly EchoCase[] = [
  { name: '403 with text', answer: (response, text) => void response.writeHead(403).end(text) },
  {
    name: '401 with JSON, a challenge and a cookie',
    answer(response, text, secret) {
      const url = encodeURIComponent(secret);
      response.setHeader('www-authenticate', `Bearer realm="${url}"`);
      response.setHeader('set-cookie', `session=${url}`);
      json(response, 401, { error: text, [text]: text });
    },
  },
  {
    name: '400 with HTML and a status text',
    answer(response, text, secret) {
      response.writeHead(400, encodeURIComponent(secret), { 'content-type': 'text/html' });
      response.end(`<html><title>${text}</title></html>`);
    },
  },
  {
    name: 'a redirect to a path',
    answer: (response, _text, secret) =>
      void response.writeHead(302, { location: `/login?k=${encodeURIComponent(secret)}` }).end(),
  },
  {
    name: 'a redirect to a host',
    answer: (response, _text, secret) =>
      void response
        .writeHead(302, { location: `https://${/^[\w-]+$/.test(secret) ? secret : 'other'}.example/` })
        .end(),
  },
];

export const nonsense: readonly EchoCase[] = [
  { name: 'a login page', answer: (response, text) => void response.end(`<html>${text}`) },
  { name: 'text', answer: (response, text) => void response.end(`nope ${text}`) },
  { name: 'an error in JSON', answer: (response, text) => json(response, 200, { error: `bad credentials ${text}` }) },
  { name: 'a wrong shape', answer: (response, text) => json(response, 200, { menuItems: text }) },
  { name: 'an unknown member', answer: (response, text) => json(response, 200, { [text]: 1 }) },
  {
    name: 'a member twice',
    answer: (response, text) => void response.end(`{${JSON.stringify(text)}:1,${JSON.stringify(text)}:2}`),
  },
  { name: 'JSON that breaks', answer: (response, text) => void response.end(`{"menuItems":[1,2,${text}`) },
];

/** Catalogs: whole, then changed, then almost empty. */
export const catalogs: readonly EchoCase[] = [
  {
    name: 'a catalog in small pieces, with headers',
    answer(response, text, secret) {
      const url = encodeURIComponent(secret);
      const headers = { 'content-type': `application/json; x="${url}"`, etag: `"${url}"`, 'last-modified': url };
      response.writeHead(200, headers);
      inPieces(response, JSON.stringify(catalogOf(text, 5)));
    },
  },
  { name: 'other prices', answer: (response, text) => json(response, 200, catalogOf(text, 5.25)) },
  {
    name: 'almost nothing',
    answer: (response, text) => json(response, 200, { menuItems: [], modifiers: [], discounts: [], note: text }),
  },
];
