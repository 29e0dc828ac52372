// A pretend POS that can be asked for changes only, over real HTTP, and the connector that does: cursors, tombstones, a probe.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { itemFromFormatted } from '../../src/catalog/formatted-item.ts';
import { type Formatted, type Kind, kinds } from '../../src/catalog/item.ts';
import { isObject } from '../../src/catalog/raw-fields.ts';
import type {
  Connector,
  DocumentProof,
  FetchContext,
  FetchEnd,
  FetchedPage,
  WebhookRequest,
  WebhookVerdict,
} from '../../src/connectors/connector.ts';
import { type Json, parseJson } from '../../src/json.ts';
import { isHmacSha256 } from '../../src/net/webhook-signature.ts';

/** One item as the POS holds it; its raw form is a save body's. */
export interface TillItem {
  kind: Kind;
  id: string;
  path: string | null;
  price: string;
}

interface Entry {
  item: TillItem;
  version: number;
  gone: boolean;
}

export interface TillPos {
  url: string;
  /** Sets an item. `late` = it gets its version now, but readers see it only after the next read. */
  put(item: TillItem, late?: boolean): void;
  /** Takes an item away; `silent` = without a tombstone, as some POS do. */
  drop(item: Pick<TillItem, 'kind' | 'id' | 'path'>, silent?: boolean): void;
  readonly items: readonly TillItem[];
  /** Paths and queries that were asked for, oldest first. */
  readonly asked: string[];
  /** Called before a request is answered. */
  onRequest: (() => void | Promise<void>) | null;
  /** The next answer to a read of items breaks off after its first page. */
  loseNext(): void;
  stop(): Promise<void>;
}

const pageSize = 5;
/** Versions that a delta is asked for before the cursor: what the POS commits late comes then. */
const overlap = 10;

const nameOf = ({ kind, id, path }: Pick<TillItem, 'kind' | 'id' | 'path'>) =>
  JSON.stringify([kind, id, kind === 'modifiers' ? path : null]);

/** Starts it on 127.0.0.1: GET /version, the probe, and GET /items?since=<version>&page=<n> (since 0 = all, without tombstones). */
export async function startTillPos(): Promise<TillPos> {
  const entries = new Map<string, Entry>();
  let late: Entry[] = [];
  let version = 1;
  let published = 0;
  let lost = false;
  const publish = () => {
    if (late.length > 0) published += 1;
    for (const entry of late.splice(0)) entries.set(nameOf(entry.item), entry);
  };
  const state = () => `${version}.${published}`;
  const read = (url: URL): object => {
    if (url.pathname === '/version') return { state: state() };
    const [since, page] = ['since', 'page'].map((name) => Number(url.searchParams.get(name)));
    const found = [...entries.values()].filter((one) => (since === 0 ? !one.gone : one.version >= (since ?? 0)));
    const part = found.slice((page ?? 0) * pageSize, ((page ?? 0) + 1) * pageSize);
    const isLast = part.length + (page ?? 0) * pageSize === found.length;
    const document = {
      items: part.filter(({ gone }) => !gone).map(({ item }) => item),
      removed: part.filter(({ gone }) => gone).map(({ item }) => item),
      next: isLast || lost ? null : (page ?? 0) + 1,
      whole: isLast,
      version,
      state: state(),
    };
    if (isLast) publish();
    return document;
  };
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    void Promise.resolve(pos.onRequest?.()).then(() => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(read(new URL(request.url ?? '/', 'http://127.0.0.1'))));
      if (lost && request.url !== '/version') lost = false;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const pos: TillPos = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    put(item, isLate = false) {
      version += 1;
      late = late.filter((one) => nameOf(one.item) !== nameOf(item));
      if (isLate) late.push({ item, version, gone: false });
      else entries.set(nameOf(item), { item, version, gone: false });
    },
    drop(named, silent = false) {
      version += 1;
      late = late.filter((one) => nameOf(one.item) !== nameOf(named));
      const entry = entries.get(nameOf(named));
      if (entry === undefined) return;
      if (silent) entries.delete(nameOf(named));
      else entries.set(nameOf(named), { ...entry, version, gone: true });
    },
    get items() {
      publish();
      return [...entries.values()].filter(({ gone }) => !gone).map(({ item }) => item);
    },
    asked,
    onRequest: null,
    loseNext() {
      lost = true;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return pos;
}

interface Answer {
  next: number | null;
  whole: boolean;
  /** The newest version: where the next delta begins. */
  version: number;
  /** What readers can see. */
  state: string;
}

async function ask({ http, settings, signal }: FetchContext, path: string): Promise<{ text: string; answer: Answer }> {
  const text = await (await http.get(`${String(settings.params.base_url)}${path}`, { signal })).text(1_000_000);
  return { text, answer: parseJson(text) as unknown as Answer };
}

async function* fetchItems(context: FetchContext): AsyncGenerator<FetchedPage, FetchEnd, void> {
  const { cursor, probe } = context.since ?? {};
  if (probe !== undefined) {
    const { answer } = await ask(context, '/version');
    if (answer.state === probe) return { complete: true, unchanged: true };
  }
  const since = typeof cursor === 'number' ? Math.max(1, cursor - overlap) : 0;
  const delta = since === 0 ? {} : { delta: true as const };
  let first: Answer | null = null;
  for (let page: number | null = 0; page !== null; ) {
    const { text, answer } = await ask(context, `/items?since=${since}&page=${page}`);
    first ??= answer;
    yield { body: bytesOf(text), meta: {} };
    if (answer.next === null && !answer.whole) return { complete: false, reason: 'a page was lost', ...delta };
    page = answer.next;
  }
  // What was true when the read began: what changed meanwhile comes again.
  return { complete: true, ...delta, remember: { cursor: first?.version ?? null, probe: first?.state ?? null } };
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(text);
}

function* formatText(document: Json): Generator<Formatted, DocumentProof, void> {
  const { items, removed } = document as unknown as { items: TillItem[]; removed: TillItem[] };
  for (const { kind, id, path, price } of items) {
    yield itemFromFormatted(kind, {
      id,
      path_id: path,
      name: `item ${id}`,
      [kind === 'discounts' ? 'discountAmount' : 'price']: price,
    });
  }
  for (const { kind, id, path } of removed) {
    yield { type: 'removed', kind, externalId: id, pathId: kind === 'modifiers' ? path : null };
  }
  return { complete: isObject(document), kindsPresent: kinds };
}

/** A webhook as its POS signs it: address, time and body with HMAC-SHA256 in hex. */
export function signedHook(url: string, of: { secret: string; at: Date; body: string }): Request {
  const time = of.at.toISOString();
  const signature = createHmac('sha256', of.secret).update(url).update(time).update(of.body).digest('hex');
  return new Request(url, {
    method: 'POST',
    body: of.body,
    headers: { 'x-till-time': time, 'x-till-signature': signature },
  });
}

function verifyHook({ headers, rawBody, url, secrets }: WebhookRequest): WebhookVerdict {
  const time = headers.get('x-till-time') ?? '';
  const signature = headers.get('x-till-signature');
  const parts = [url, time, rawBody];
  if (!isHmacSha256({ parts, secret: secrets.signature_key ?? '', encoding: 'hex', signature })) {
    return { ok: false, reason: 'signature' };
  }
  const { event, shop } = parseJson(Buffer.from(rawBody).toString('utf8')) as unknown as Record<string, string>;
  if (event === undefined) return { ok: false, reason: 'malformed' };
  return { ok: true, id: event, at: new Date(time), identities: shop === undefined ? [] : [{ shop }] };
}

/** Remembers a cursor and a version, and takes webhooks. */
export const tillConnector: Connector = {
  id: 'till',
  title: 'Till',
  version: 1,
  settings: z.strictObject({ base_url: z.string(), shop: z.string(), note: z.string().optional() }),
  identity: ['shop'],
  secretFields: [],
  origin: (params) => new URL(String(params.base_url)).origin,
  volatileFields: [],
  incremental: { cursor: 'version', probe: 'state' },
  webhookSecrets: ['signature_key'],
  verifyWebhook: verifyHook,
  removal: 'absence',
  fetch: fetchItems,
  async *format(body) {
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    const formatted = formatText(parseJson(Buffer.concat(parts).toString('utf8')));
    const found: Formatted[] = [];
    let next = formatted.next();
    for (; !next.done; next = formatted.next()) found.push(next.value);
    yield found;
    return next.value;
  },
  formatDocument: formatText,
};
