// TLS faults: every one closes the door with its exact reason, and there is no switch to ignore it.
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { type Certificate, makeCertificate } from '../../test/support/certificates.ts';
import { openHttp } from './http-client.ts';

const authority = makeCertificate({ name: 'Test CA', isAuthority: true });
const hosts = ['127.0.0.1'];
const good = makeCertificate({ name: 'pos', hosts, issuer: authority });
const stops: (() => void)[] = [];

afterAll(() => {
  for (const stop of stops) stop();
});

async function get(certificate: Certificate, more: ServerOptions = {}): Promise<string> {
  const server = createServer({ cert: certificate.cert, key: certificate.key, ...more }, (_request, response) => {
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const http = openHttp({
    allowPrivateHosts: true,
    connectSeconds: 5,
    totalSeconds: 10,
    maxBytes: 100,
    ca: authority.cert,
  });
  stops.push(() => {
    void http.close();
    server.close();
    server.closeAllConnections();
  });
  const answer = await http.get(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return answer.text(10);
}

describe('F26: TLS', () => {
  test('a certificate of a known authority for this host is accepted', async () => {
    expect(await get(good)).toBe('{}');
  });

  const faults: [string, Certificate, string][] = [
    ['expired', makeCertificate({ name: 'pos', hosts, issuer: authority, from: -9, until: -1 }), 'has expired'],
    ['not valid yet', makeCertificate({ name: 'pos', hosts, issuer: authority, from: 1, until: 9 }), 'not valid yet'],
    ['for another host', makeCertificate({ name: 'pos', hosts: ['pos.example'], issuer: authority }), 'another host'],
    ['without any host', makeCertificate({ name: '127.0.0.1', issuer: authority }), 'another host'],
    ['self-signed', makeCertificate({ name: 'pos', hosts }), 'self-signed'],
    [
      'of an unknown authority',
      makeCertificate({ name: 'pos', hosts, issuer: makeCertificate({ name: 'Other CA', isAuthority: true }) }),
      'not known here',
    ],
  ];
  test.each(faults)('a certificate %s is refused, and the error says so', async (_name, certificate, reason) => {
    await expect(get(certificate)).rejects.toMatchObject({
      code: 'tls_failed',
      retry: 'no',
      message: expect.stringContaining(reason),
    });
  });

  test('a server that offers only TLS 1.1 is refused', async () => {
    const old: ServerOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' };
    await expect(get(good, old)).rejects.toMatchObject({
      code: 'tls_failed',
      message: expect.stringContaining('TLS versions before 1.2'),
    });
  });

  test('plain HTTP where TLS was asked for is refused', async () => {
    const { createServer: createPlain } = await import('node:http');
    const server = createPlain((_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const http = openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 10, maxBytes: 100 });
    stops.push(() => {
      void http.close();
      server.close();
    });
    const run = http.get(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await expect(run).rejects.toMatchObject({
      code: 'tls_failed',
      message: expect.stringContaining('does not speak TLS'),
    });
  });
});
