// A pretend POS with access tokens: each refresh token works once, and a second use is refused for good.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the token endpoint does with the next request: as it should, or one of its faults. */
export type TokenAnswer = 'issue' | '429' | '500' | 'lose' | 'hang' | 'html';

export interface FakeOAuth {
  url: string;
  /** Requests for a token, by the refresh token that they brought. */
  asked: string[];
  /** Requests for the catalog, by the access token that they brought. */
  fetched: string[];
  /** How the token endpoint answers from now on. */
  answer(next: TokenAnswer): void;
  /** A refresh token as somebody gets it who connects the POS. */
  connect(): string;
  /** All access tokens end now. */
  expireAll(): void;
  /** Answers everything that hangs, as told; default as it should. */
  release(as?: TokenAnswer): void;
  stop(): Promise<void>;
}

export async function startFakeOAuth(catalog: unknown): Promise<FakeOAuth> {
  const refreshTokens = new Set<string>();
  const accessTokens = new Set<string>();
  const hanging: (() => void)[] = [];
  let answer: TokenAnswer = 'issue';
  let count = 0;
  const asked: string[] = [];
  const fetched: string[] = [];

  const reply = (response: ServerResponse, refreshToken: string) => {
    if (answer === '429') return response.writeHead(429, { 'x-ratelimit-reset': '200' }).end();
    if (answer === '500') return json(response, 500, {});
    if (answer === 'html') return response.end('<html>Log in</html>');
    if (!refreshTokens.delete(refreshToken)) return json(response, 400, { error: 'invalid_grant' });
    count++;
    refreshTokens.add(`refresh-${count}`);
    accessTokens.add(`access-${count}`);
    if (answer === 'lose') return response.destroy();
    return json(response, 200, {
      access_token: `access-${count}`,
      refresh_token: `refresh-${count}`,
      expires_in: 3600,
    });
  };
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      const refreshToken = new URLSearchParams(await textOf(request)).get('refresh_token') ?? '';
      asked.push(refreshToken);
      if (answer === 'hang') hanging.push(() => reply(response, refreshToken));
      else reply(response, refreshToken);
      return;
    }
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    fetched.push(token);
    if (accessTokens.has(token)) json(response, 200, catalog);
    else json(response, 401, {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    fetched,
    answer: (next) => {
      answer = next;
    },
    connect() {
      count++;
      refreshTokens.add(`grant-${count}`);
      return `grant-${count}`;
    },
    expireAll: () => accessTokens.clear(),
    release(as = 'issue') {
      answer = as;
      for (const go of hanging.splice(0)) go();
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
