// A look into passing pages: the bytes stay as they are, and what is no page of Square, or never ends, is an error.
import { expect, onTestFinished, test } from 'vitest';
import { openHttp } from '../../../net/http-client.ts';
import { startFakePos } from '../../fake-pos.ts';
import { fetchCatalog } from '../fetch.ts';
import { scanPage } from './scan-page.ts';

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const scan = (text: string, size = 1_000) =>
  scanPage(pieces(text, size), (shown) => shown.replaceAll('hush', '[redacted]'));

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(body)).toString('utf8');
}

test('every byte passes, in pieces of any size, and cursor, time and objects are known at the end', async () => {
  const text =
    '{"objects":[{"type":"ITEM","id":"Café"},{"id":"no type"}],"cursor":"c","latest_time":"2025-06-01T00:00:00Z"}\n';
  for (const size of [1, 7, 1_000]) {
    const page = scan(text, size);
    expect(() => page.found()).toThrow('before this one was read');
    expect(await textOf(page.body)).toBe(text);
    expect(page.found()).toMatchObject({ cursor: 'c', latestTime: '2025-06-01T00:00:00Z', objects: [{ id: 'Café' }] });
  }
  const last = scan('{"cursor":"","latest_time":"soon"}');
  await textOf(last.body);
  expect(last.found()).toEqual({ cursor: null, latestTime: null, objects: [] });
});

test.each([
  ['<html>hush</html>', 'body_not_json'],
  ['{"objects":[{"type":"ITEM"', 'body_truncated'],
  ['', 'body_empty'],
  ['{"errors":[{"category":"API_ERROR","code":"INTERNAL_SERVER_ERROR","detail":"hush"}]}', 'upstream_error_body'],
])('%s is an error without a secret', async (text, code) => {
  const error = await textOf(scan(text).body).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ code });
  expect(String(error)).not.toContain('hush');
});

test('pages whose cursor comes again would never end, and are refused', async () => {
  const merchant = { merchant: { id: 'M', country: 'US' } };
  const pos = await startFakePos({
    handle: ({ url }) => ({ status: 200, body: url.pathname.endsWith('/me') ? merchant : { cursor: 'again' } }),
    refusal: () => ({ status: 429 }),
  });
  const http = openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 1_000_000 });
  onTestFinished(async () => {
    await http.close();
    await pos.stop();
  });
  const settings = { params: { base_url: pos.url, merchant_id: 'M' }, secrets: { token: 'accepted' } };
  const readAll = async () => {
    const fetching = fetchCatalog({ settings, http, signal: new AbortController().signal, now: new Date() });
    for await (const { body } of fetching) await textOf(body);
  };
  await expect(readAll()).rejects.toMatchObject({ code: 'upstream_no_catalog' });
  expect(pos.requests).toHaveLength(3);
});
