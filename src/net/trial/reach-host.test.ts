// How far the way to a host goes, against a TLS server with certificates made here.
import { createServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCertificate } from '../../../test/support/certificates.ts';
import { reachHosts } from './reach-host.ts';

const authority = makeCertificate({ name: 'Test CA', isAuthority: true });
const own = makeCertificate({ name: '127.0.0.1', hosts: ['127.0.0.1'], issuer: authority });
const server = createServer({ cert: own.cert, key: own.key });
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterAll(() => server.close());

const options = { allowPrivateHosts: true, connectSeconds: 2, totalSeconds: 2, maxBytes: 1_000 };
const { signal } = new AbortController();

test('a connection says its protocol and until when the certificate is valid', async () => {
  const { tls, validUntil } = await reachHosts({ ...options, ca: authority.cert }).connect(url, signal);
  expect(tls).toBe('TLSv1.3');
  expect(validUntil?.getTime()).toBeGreaterThan(Date.now());
});

test('a certificate of a stranger is no connection', async () => {
  await expect(reachHosts(options).connect(url, signal)).rejects.toMatchObject({ code: 'tls_failed' });
});

test('a name is refused as soon as one of its addresses is', async () => {
  const lookup = (_host: string, _options: unknown, done: (error: null, found: object[]) => void) =>
    done(null, [
      { address: '8.8.8.8', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ]);
  const strict = reachHosts({ ...options, allowPrivateHosts: false, lookup: lookup as never });
  await expect(strict.findAddresses('https://pos.example')).rejects.toMatchObject({ code: 'address_refused' });
  const lax = reachHosts({ ...options, lookup: lookup as never });
  expect(await lax.findAddresses('https://pos.example')).toEqual(['8.8.8.8', '10.0.0.1']);
});

test('nothing is connected for a caller who has left', async () => {
  await expect(reachHosts(options).connect(url, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
});
