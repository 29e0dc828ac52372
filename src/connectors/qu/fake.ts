// A pretend Qu POS: a real HTTP server on loopback with a seeded catalog that can be edited and made to misbehave.
import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { itemKey } from '../../catalog/item.ts';
import type { StartFake } from '../connector-fake.ts';
import { type FakeAnswer, sendAnswer } from './fake-answers.ts';
import { type CatalogSize, expectationOf, type FakeCatalog, type FakeCounts, makeCatalog } from './fake-catalog.ts';
import { runCommand } from './fake-control.ts';

export interface FakeQuOptions extends CatalogSize {
  /** Default: any free port. */
  port?: number;
  /** Sends an ETag of its catalog, and 304 to a request that names it. */
  etags?: boolean;
}

export interface FakeRequest {
  method: string;
  /** Path and query as they came. */
  url: string;
  headers: Readonly<Record<string, string>>;
}

export interface FakeQu {
  /** For the config's base_url, e.g. 'http://127.0.0.1:41234'. */
  url: string;
  /** The catalog as it will be answered next; may be edited in place. */
  readonly catalog: FakeCatalog;
  /** What a correct sync of the catalog counts as it is now. */
  expectation(): Record<'products' | 'modifiers' | 'discounts', FakeCounts>;
  setCatalog(catalog: FakeCatalog): void;
  edit(change: (catalog: FakeCatalog) => void): void;
  /** Answers so from now on, or for the next `times` requests. 'catalog' is the normal answer. */
  answer(answer: FakeAnswer, times?: number): void;
  /** Every request so far, oldest first. */
  readonly requests: readonly FakeRequest[];
  stop(): Promise<void>;
}

/** As the contract of connectors asks for it. */
export const startFake: StartFake = async (size) => {
  const pos = await startFakeQu({ repeated: 3, ...size });
  return {
    url: pos.url,
    settings: { params: { brand: '17', establishment: '17', base_url: pos.url }, secrets: {} },
    answer: pos.answer,
    requests: pos.requests,
    expectedKeys: () => keysOf(pos.catalog),
    stop: pos.stop,
  };
};

function keysOf({ menuItems, modifiers, discounts }: FakeCatalog): string[] {
  const keys = [
    ...menuItems.map(({ pathId }) => `products ${itemKey('products', String(pathId), String(pathId))}`),
    ...modifiers.map(({ pathId }) => `modifiers ${itemKey('modifiers', String(pathId), String(pathId))}`),
    ...discounts.map(({ id }) => `discounts ${itemKey('discounts', String(id), null)}`),
  ];
  return [...new Set(keys)];
}

/**
 * Starts it on 127.0.0.1. It answers GET …/integration?id=&concept=&date=&time=, takes commands as POST /control (see
 * fake-control.ts), and answers 4xx to all else.
 */
export async function startFakeQu(options: FakeQuOptions = {}): Promise<FakeQu> {
  let catalog = makeCatalog(options);
  let current: { answer: FakeAnswer; left: number } = { answer: 'catalog', left: Number.POSITIVE_INFINITY };
  const requests: FakeRequest[] = [];
  const answer = (next: FakeAnswer, times = Number.POSITIVE_INFINITY) => {
    current = { answer: next, left: times };
  };
  const server = createServer((request, response) => {
    if (request.method === 'POST' && request.url === '/control') {
      runCommand(request, { catalog, answer }).then((result) => sendResult(response, result), sendFault(response));
      return;
    }
    requests.push(recorded(request));
    const now = current.answer;
    current.left--;
    if (current.left <= 0) answer('catalog');
    if (options.etags && now === 'catalog' && sendEtag(request, response, catalog)) return;
    respond(request, response, { answer: now, catalog });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get catalog() {
      return catalog;
    },
    expectation: () => expectationOf(catalog),
    setCatalog(next) {
      catalog = next;
    },
    edit(change) {
      change(catalog);
    },
    answer,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Sets the catalog's ETag; true = the caller has that catalog already, and was told so. */
function sendEtag(request: IncomingMessage, response: ServerResponse, catalog: FakeCatalog): boolean {
  const etag = `W/"${hash('sha256', JSON.stringify(catalog), 'hex').slice(0, 24)}"`;
  response.setHeader('etag', etag);
  if (request.headers['if-none-match'] !== etag) return false;
  response.writeHead(304);
  response.end();
  return true;
}

function sendResult(response: ServerResponse, result: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(result));
}

function sendFault(response: ServerResponse): (error: Error) => void {
  return (error) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: error.message }));
  };
}

function recorded(request: IncomingMessage): FakeRequest {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return { method: request.method ?? '', url: request.url ?? '', headers: Object.fromEntries(headers) };
}

const places = [17, 18].map((id) => ({
  id,
  name: `Main St ${id}`,
  address: { address1: `${id} Main St`, city: 'Springfield', stateCode: 'OR', postalCode: '97477', countryCode: 'US' },
  phone: '',
}));

interface Reply {
  answer: FakeAnswer;
  catalog: FakeCatalog;
}

function respond(request: IncomingMessage, response: ServerResponse, { answer, catalog }: Reply): void {
  if (new URL(request.url ?? '/', 'http://127.0.0.1').searchParams.get('locations') === 'true') {
    sendResult(response, places);
    return;
  }
  const refusal = refusalOf(request);
  if (refusal === null) {
    sendAnswer(response, answer, catalog);
    return;
  }
  response.writeHead(refusal.status, { 'content-type': 'text/plain' });
  response.end(refusal.text);
}

function refusalOf(request: IncomingMessage): { status: number; text: string } | null {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (!url.pathname.endsWith('/integration')) return { status: 404, text: 'no such path' };
  if (request.method !== 'GET') return { status: 405, text: 'GET only' };
  const missing = ['id', 'concept', 'date', 'time'].find((name) => !url.searchParams.get(name));
  return missing === undefined ? null : { status: 400, text: `missing ${missing}` };
}
