// One request against real servers, long because they answer well, badly, slowly, too much, cut off, or not at all.
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type HttpClient, type HttpOptions, openHttp } from './http-client.ts';

const options: HttpOptions = { allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 1_000_000 };
const clients: HttpClient[] = [];
const servers: (Server | TcpServer)[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  for (const socket of sockets) socket.destroy();
});
afterAll(() => {
  for (const server of servers) server.close();
});

function client(changes: Partial<HttpOptions> = {}): HttpClient {
  const opened = openHttp({ ...options, ...changes });
  clients.push(opened);
  return opened;
}

async function listening(server: Server | TcpServer): Promise<string> {
  servers.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    // A peer that goes away is what these tests are about.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function web(answer: (response: ServerResponse, url: string) => void): Promise<string> {
  return listening(createServer((request, response) => answer(response, request.url ?? '')));
}

/** Answers the first bytes of every connection with exactly these bytes, then does as told. */
function raw(bytes: string | Buffer, then: 'end' | 'reset' | 'wait'): Promise<string> {
  return listening(
    createTcpServer((socket) => {
      socket.once('data', () => {
        const after = () => {
          if (then === 'end') socket.end();
          if (then === 'reset') socket.resetAndDestroy();
        };
        if (bytes.length === 0) after();
        else socket.write(bytes, after);
      });
    }),
  );
}

async function read(url: string, changes: Partial<HttpOptions> = {}): Promise<string> {
  const answer = await client(changes).get(url);
  const parts: Uint8Array[] = [];
  for await (const part of answer.body) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

describe('a good answer', () => {
  test('arrives with status, headers and body, and the request carries ours', async () => {
    let seen: unknown;
    const url = await listening(
      createServer((request, response) => {
        seen = request.headers;
        response.writeHead(200, { 'X-Generation': ['a', 'b'] });
        response.end('{"é":1}');
      }),
    );
    const answer = await client({ userAgent: 'test/1' }).get(url, { headers: { 'X-API-Key': 'k' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-generation')).toBe('a, b');
    expect(answer.headers.get('constructor')).toBeNull();
    expect(await answer.text(100)).toBe('{"é":1}');
    expect(seen).toMatchObject({ 'x-api-key': 'k', 'user-agent': 'test/1', 'accept-encoding': 'gzip, br' });
  });

  test.each([
    ['gzip', gzipSync('{"a":1}')],
    ['br', brotliCompressSync('{"a":1}')],
    ['identity', Buffer.from('{"a":1}')],
  ])('in %s is decompressed', async (encoding, body) => {
    const url = await web((response) => response.writeHead(200, { 'content-encoding': encoding }).end(body));
    expect(await read(url)).toBe('{"a":1}');
  });

  test('in an encoding that was not asked for is refused', async () => {
    const url = await web((response) => response.writeHead(200, { 'content-encoding': 'constructor' }).end('x'));
    await expect(read(url)).rejects.toMatchObject({ code: 'upstream_truncated' });
  });

  test('that nobody reads gives its connection back', async () => {
    const url = await web((response) => response.end('x'.repeat(100_000)));
    const http = client();
    (await http.get(url)).discard();
    expect(await (await http.get(url)).text(100_000)).toHaveLength(100_000);
  });
});

describe('a POST', () => {
  async function echo(): Promise<{
    url: string;
    seen: { type: string | undefined; text: string; method: string | undefined }[];
  }> {
    const seen: { type: string | undefined; text: string; method: string | undefined }[] = [];
    const url = await listening(
      createServer(async (request, response) => {
        const parts: Buffer[] = [];
        for await (const part of request) parts.push(part as Buffer);
        const text = Buffer.concat(parts).toString('utf8');
        seen.push({ type: request.headers['content-type'], text, method: request.method });
        response.writeHead(request.url === '/no' ? 400 : 200).end(`got ${text}`);
      }),
    );
    return { url, seen };
  }

  test('sends form fields or a JSON document, once', async () => {
    const { url, seen } = await echo();
    await (await client().post(url, { form: { grant_type: 'refresh_token', refresh_token: 'a b&c' } })).text(1_000);
    await (await client().post(url, { json: { clientId: 'é', n: 1 } })).text(1_000);
    expect(seen).toEqual([
      {
        method: 'POST',
        type: 'application/x-www-form-urlencoded',
        text: 'grant_type=refresh_token&refresh_token=a+b%26c',
      },
      { method: 'POST', type: 'application/json', text: '{"clientId":"é","n":1}' },
    ]);
  });

  test('that is refused shows nothing of what it sent', async () => {
    const { url } = await echo();
    for (const body of [{ form: { secret: 'canary pony' } }, { json: { secret: 'canary pony' } }]) {
      const error = await client()
        .post(`${url}/no`, body)
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'upstream_status' });
      expect(`${(error as Error).message} ${JSON.stringify(error)}`).not.toMatch(/canary|pony/);
    }
  });
});

describe('O14: an answer that takes too long', () => {
  const quick = { totalSeconds: 0.3 };

  test('F22: no headers at all: the total time ends it', async () => {
    const url = await raw('', 'wait');
    await expect(read(url, quick)).rejects.toMatchObject({
      code: 'upstream_timeout',
      message: expect.stringContaining('0.3 s'),
      retry: { afterSeconds: 300 },
    });
  });

  test('F22: headers, then silence', async () => {
    const url = await raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', 'wait');
    await expect(read(url, quick)).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  test('F22: no headers within their own time, which is less than the total', async () => {
    const url = await raw('', 'wait');
    await expect(read(url, { headerSeconds: 0.2 })).rejects.toMatchObject({
      code: 'upstream_timeout',
      message: expect.stringContaining('did not begin to answer within 0.2 s'),
    });
  });

  test('F22: a request may ask for a shorter total than the client has', async () => {
    const url = await raw('', 'wait');
    await expect(client().get(url, { totalSeconds: 0.2 })).rejects.toMatchObject({
      message: expect.stringContaining('within 0.2 s'),
    });
  });

  test('F22: a byte now and then for ever, which no gap between bytes would catch', async () => {
    const url = await web((response) => {
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    });
    await expect(read(url, { ...quick, idleSeconds: 60 })).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  test('F22: a gap in the body longer than the idle time', async () => {
    const url = await raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', 'wait');
    await expect(read(url, { idleSeconds: 0.2 })).rejects.toMatchObject({
      code: 'upstream_timeout',
      message: expect.stringContaining('sent nothing for 0.2 s'),
    });
  });

  test('F22: a hundred of them beside twenty healthy ones keep nobody waiting', async () => {
    const slow = await raw('', 'wait');
    const healthy = await web((response) => response.end('{}'));
    const http = client({ totalSeconds: 3 });
    const stuck = Array.from({ length: 100 }, () => http.get(slow).catch((error: { code: string }) => error.code));
    const done = await Promise.all(Array.from({ length: 20 }, async () => (await http.get(healthy)).text(10)));
    expect(done).toEqual(Array.from({ length: 20 }, () => '{}'));
    expect(new Set(await Promise.all(stuck))).toEqual(new Set(['upstream_timeout']));
  });

  test("the caller's abort ends the wait for headers and for the body, with the caller's reason", async () => {
    const reason = new Error('cancelled by ana');
    for (const bytes of ['', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc']) {
      const controller = new AbortController();
      const url = await raw(bytes, 'wait');
      const run = (async () => {
        const answer = await client().get(url, { signal: controller.signal });
        for await (const part of answer.body) if (part.length > 0) controller.abort(reason);
      })();
      if (bytes === '') setImmediate(() => controller.abort(reason));
      await expect(run).rejects.toBe(reason);
    }
    await expect(client().get('http://127.0.0.1:9/', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('O14: an answer that is too large', () => {
  test('F23: is given up at the limit, with and without a length', async () => {
    const big = 'x'.repeat(3_000_000);
    const withLength = await web((response) => response.writeHead(200, { 'content-length': big.length }).end(big));
    const chunked = await web((response) => {
      response.write(big);
      response.end(big);
    });
    for (const url of [withLength, chunked]) {
      await expect(read(url)).rejects.toMatchObject({ code: 'upstream_too_large', retry: 'no' });
    }
  });

  test.each([
    ['gzip', gzipSync(Buffer.alloc(200_000_000, ' '))],
    ['br', brotliCompressSync(Buffer.alloc(100_000_000, ' '))],
  ])('F23: a %s bomb ends at the limit of inflated bytes, not at its end', async (encoding, bomb) => {
    expect(bomb.length).toBeLessThan(options.maxBytes);
    const url = await web((response) => response.writeHead(200, { 'content-encoding': encoding }).end(bomb));
    let seen = 0;
    const run = (async () => {
      for await (const part of (await client().get(url)).body) seen += part.length;
    })();
    await expect(run).rejects.toMatchObject({ code: 'upstream_too_large' });
    expect(seen).toBeLessThanOrEqual(options.maxBytes);
  });

  test('F23: compressed bytes that inflate to nothing are counted on the wire', async () => {
    // An empty gzip member: 20 bytes that inflate to none.
    const empty = gzipSync('');
    const url = await web((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(Buffer.concat(Array.from({ length: 5_000 }, () => empty)));
    });
    await expect(read(url, { maxBytes: 50_000 })).rejects.toMatchObject({ code: 'upstream_too_large' });
  });

  test('F23: what follows a compressed body is counted on the wire, too', async () => {
    const url = await web((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(Buffer.concat([gzipSync('{}'), gzipSync(''), Buffer.alloc(3_000_000, 'x')]));
    });
    await expect(read(url)).rejects.toMatchObject({ step: 'fetch' });
  });

  test('headers without end are refused', async () => {
    const url = await raw(`HTTP/1.1 200 OK\r\n${'X-Long: y\r\n'.repeat(100_000)}`, 'wait');
    await expect(read(url)).rejects.toMatchObject({ step: 'fetch' });
  });

  test('text() has a limit of its own', async () => {
    const url = await web((response) => response.end('x'.repeat(1_000)));
    await expect((await client().get(url)).text(999)).rejects.toMatchObject({ code: 'upstream_too_large' });
  });
});

describe('F24: an answer that is cut off', () => {
  const body = JSON.stringify({ menuItems: Array.from({ length: 200 }, (_, id) => ({ id, name: `Crème ${id}` })) });
  const offsets = Array.from({ length: 60 }, (_, n) => Math.floor((n * Buffer.byteLength(body)) / 60));

  test('with a Content-Length is an error at every offset', async () => {
    const bytes = Buffer.from(body);
    for (const at of offsets) {
      const head = `HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`;
      const url = await raw(Buffer.concat([Buffer.from(head), bytes.subarray(0, at)]), at % 2 === 0 ? 'end' : 'reset');
      await expect(read(url), `cut at ${at}`).rejects.toMatchObject({ retry: 'later', step: 'fetch' });
    }
  });

  test('in chunks without the last chunk is an error at every offset', async () => {
    const bytes = Buffer.from(body);
    for (const at of offsets) {
      const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
      const chunk = Buffer.concat([Buffer.from(`${at.toString(16)}\r\n`), bytes.subarray(0, at), Buffer.from('\r\n')]);
      const url = await raw(Buffer.concat([Buffer.from(head), at === 0 ? Buffer.alloc(0) : chunk]), 'end');
      await expect(read(url), `cut at ${at}`).rejects.toMatchObject({ code: 'upstream_truncated', retry: 'later' });
    }
  });

  test('inside a compressed body is an error at every offset, even with a clean end', async () => {
    const packed = gzipSync(body);
    for (let at = 0; at < packed.length; at += Math.ceil(packed.length / 40)) {
      const part = packed.subarray(0, at);
      const url = await web((response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(part));
      const outcome = await read(url).catch((error: { code: string }) => error.code);
      expect([at, outcome]).toEqual([at, 'upstream_truncated']);
    }
  });

  test('a damaged compressed body is an error', async () => {
    const packed = gzipSync(body);
    packed.fill(0xff, 40, 60);
    const url = await web((response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed));
    await expect(read(url)).rejects.toMatchObject({
      code: 'upstream_truncated',
      message: expect.stringContaining('damaged'),
    });
  });
});

describe('F27: a POS that cannot be reached', () => {
  test('a closed port', async () => {
    const server = createTcpServer();
    const url = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    await expect(read(url)).rejects.toMatchObject({ code: 'upstream_unreachable', retry: 'later' });
  });

  test.each(['ENOTFOUND', 'EAI_AGAIN'])('a name that does not resolve (%s)', async (code) => {
    const lookup: HttpOptions['lookup'] = (_name, _options, callback) =>
      callback(Object.assign(new Error('dns'), { code }), '', 0);
    await expect(read('https://pos.example/', { lookup })).rejects.toMatchObject({
      code: 'upstream_unreachable',
      retry: 'later',
      message: 'The name of the POS at https://pos.example could not be resolved.',
    });
  });

  test.each([0, 1, 9, 20, 40])('a connection that is reset after %i bytes of the headers', async (bytes) => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';
    const url = await raw(head.slice(0, bytes), 'reset');
    await expect(read(url)).rejects.toMatchObject({ code: 'upstream_unreachable', retry: 'later' });
  });

  test('something that does not speak HTTP', async () => {
    const url = await raw('SSH-2.0-OpenSSH_9.6\r\n', 'end');
    await expect(read(url)).rejects.toMatchObject({ code: 'upstream_unreachable' });
  });

  test('a connection that is never accepted', async () => {
    const lookup: HttpOptions['lookup'] = () => undefined;
    await expect(read('http://pos.example/', { lookup, connectSeconds: 0.2 })).rejects.toMatchObject({
      code: 'upstream_timeout',
    });
  });
});

describe('O14, F28: redirects', () => {
  const targets = [
    'http://127.0.0.1:9/x',
    'https://pos.example/',
    '/other',
    '//evil.example/',
    'http://169.254.169.254/',
  ];

  test.each([301, 302, 303, 307, 308])('HTTP %i is not followed, and no credential leaves', async (status) => {
    for (const location of targets) {
      const asked: string[] = [];
      const url = await web((response, path) => {
        asked.push(path);
        response.writeHead(status, { location }).end();
      });
      const run = client().get(`${url}/start`, { headers: { 'X-API-Key': 'k', Authorization: 'Bearer t' } });
      await expect(run).rejects.toMatchObject({ code: 'redirect_refused', retry: 'no' });
      expect(asked).toEqual(['/start']);
    }
  });

  test('S07: another origin that is named never hears from us', async () => {
    const heard: string[] = [];
    const other = await web((response, path) => {
      heard.push(path);
      response.end('{}');
    });
    const url = await web((response) => response.writeHead(307, { location: `${other}/steal` }).end());
    await expect(client().get(url, { headers: { Cookie: 'a=b' } })).rejects.toMatchObject({
      message: expect.stringContaining(other),
    });
    expect(heard).toEqual([]);
  });
});

describe('other statuses', () => {
  const cases: [number, Record<string, string>, string, unknown][] = [
    [400, {}, 'upstream_status', 'no'],
    [401, {}, 'upstream_auth', 'no'],
    [403, {}, 'upstream_auth', 'no'],
    [404, {}, 'upstream_status', 'no'],
    [408, {}, 'upstream_status', 'later'],
    [429, {}, 'upstream_rate_limited', 'later'],
    [429, { 'retry-after': '7' }, 'upstream_rate_limited', { afterSeconds: 7 }],
    [429, { 'x-ratelimit-reset': '12' }, 'upstream_rate_limited', { afterSeconds: 12 }],
    [429, { 'x-retry-after': '5', 'ratelimit-reset': '12' }, 'upstream_rate_limited', { afterSeconds: 5 }],
    [500, {}, 'upstream_status', 'later'],
    // Sent with every answer of some POS: it says nothing about when a fault ends.
    [503, { 'x-ratelimit-reset': '900' }, 'upstream_status', 'later'],
    [503, { 'retry-after': '30' }, 'upstream_status', { afterSeconds: 30 }],
  ];
  test.each(cases)('F18: HTTP %i with %j is %s, retry %j', async (...[status, headers, code, retry]) => {
    const url = await web((response) => response.writeHead(status, headers).end('no'));
    await expect(read(url)).rejects.toMatchObject({ code, retry, step: 'fetch' });
  });

  test('O16: their text is not in the message, and a secret that it echoes is not even in the facts', async () => {
    const url = await web((response) => response.writeHead(400).end('at db.js:17 key canary-9d1c is wrong'));
    const error = await client()
      .get(url, { headers: { 'X-API-Key': 'canary-9d1c' } })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ facts: { excerpt: 'at db.js:17 key [redacted] is wrong' } });
    expect(`${(error as Error).message} ${JSON.stringify(error)}`).not.toContain('canary-9d1c');
    expect((error as Error).message).not.toContain('db.js');
  });

  test('an endless error page is not waited for', async () => {
    const url = await web((response) => {
      response.writeHead(500);
      response.write('x'.repeat(2_000_000));
    });
    await expect(read(url)).rejects.toMatchObject({ code: 'upstream_status', facts: { excerpt: '' } });
  });
});

describe('O19: where a request may go', () => {
  test('loopback is refused before a connection is made, by address and by name', async () => {
    let connections = 0;
    const server = createTcpServer(() => connections++);
    const { port } = new URL(await listening(server));
    const lookup: HttpOptions['lookup'] = (_name, _options, callback) =>
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    for (const host of ['127.0.0.1', 'pos.example', '2130706433', '[::ffff:127.0.0.1]']) {
      const run = read(`http://${host}:${port}/`, { allowPrivateHosts: false, lookup });
      await expect(run).rejects.toMatchObject({ code: 'address_refused', retry: 'no' });
    }
    expect(connections).toBe(0);
  });

  test('S08: framing headers are refused before a connection is made', async () => {
    const url = await web((response) => response.end('{}'));
    await expect(client().get(url, { headers: { Host: 'evil.example' } })).rejects.toMatchObject({
      code: 'header_refused',
    });
  });
});
