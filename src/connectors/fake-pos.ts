// The HTTP side of a pretend POS: a server on loopback that records requests, answers as its vendor would, and fails when told.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ConnectorFake, FakeFault } from './connector-fake.ts';

export interface FakePosRequest {
  method: string;
  /** Path and query on the pretend host. */
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface FakePosAnswer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, anything else as JSON; absent = no body. */
  body?: unknown;
}

export interface FakePosOptions {
  /** Answers a request as the vendor would, 4xx included. */
  handle(request: FakePosRequest): FakePosAnswer;
  /** Requests for tokens: never recorded, never answered with a fault. Default: none is. */
  isToken?(request: FakePosRequest): boolean;
  /** The vendor's own 429, which asks for a wait of 1 to 2 seconds. */
  refusal(): FakePosAnswer;
  /** Default: any free port. */
  port?: number;
}

export type FakePos = Pick<ConnectorFake, 'url' | 'answer' | 'stop'> & {
  /** Every request but those for tokens, oldest first. */
  readonly requests: readonly {
    method: string;
    url: string;
    headers: Readonly<Record<string, string>>;
    body: string;
  }[];
};

/** Starts it on 127.0.0.1. */
export async function startFakePos(options: FakePosOptions): Promise<FakePos> {
  let current: { fault: FakeFault; left: number } | null = null;
  const requests: { method: string; url: string; headers: Readonly<Record<string, string>>; body: string }[] = [];
  const server = createServer((incoming, response) => {
    void answerOne(incoming, response).catch((error: Error) => {
      if (!response.headersSent) send(response, { status: 500, body: { error: error.message } });
      else response.destroy();
    });
  });

  async function answerOne(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming);
    if (options.isToken?.(request)) return send(response, options.handle(request));
    const { method, url, headers, body } = request;
    requests.push({ method, url: `${url.pathname}${url.search}`, headers, body });
    const fault = current?.fault ?? null;
    if (current !== null && --current.left <= 0) current = null;
    if (fault === 'hang') return;
    if (fault === '429') return send(response, options.refusal());
    const answer = options.handle(request);
    if (fault === null || answer.status !== 200) return send(response, answer);
    const bytes = Buffer.from(textOf(answer.body));
    response.writeHead(200, { ...typed(answer), 'content-length': bytes.length });
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => {
      if (fault === 'truncated') response.destroy();
    });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer(fault, times = Number.POSITIVE_INFINITY) {
      current = { fault, left: times };
    },
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(incoming: IncomingMessage): Promise<FakePosRequest> {
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  return { method: incoming.method ?? '', url, headers, body: await text(incoming) };
}

function send(response: ServerResponse, answer: FakePosAnswer): void {
  response.writeHead(answer.status, typed(answer));
  response.end(answer.body === undefined ? undefined : textOf(answer.body));
}

function typed(answer: FakePosAnswer): Record<string, string> {
  return { ...(answer.body === undefined ? {} : { 'content-type': 'application/json' }), ...answer.headers };
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body ?? null);
}
