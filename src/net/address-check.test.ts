// Which addresses are refused: every private, local and reserved form, names that lead there, and answers that change.
import type { LookupFunction } from 'node:net';
import { describe, expect, test } from 'vitest';
import { TillsyncError } from '../errors.ts';
import { checkedLookup, checkUrl, isRefusedAddress } from './address-check.ts';

const strict = { allowPrivateHosts: false };

const refusedHosts = [
  // loopback, in every form that WHATWG URL understands
  '127.0.0.1',
  '127.0.0.2',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0x7f.0x0.0x0.0x1',
  '017700000001',
  '0177.0.0.1',
  '0177.0.0.01',
  '127.0.0.1.',
  '１２７.０.０.１',
  '127。0。0。1',
  '%31%32%37.0.0.1',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'pos.localhost',
  'ⓛocalhost',
  // this network, private, carrier, link-local, metadata
  '0.0.0.0',
  '0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.255',
  '012.0.0.1',
  '0xa.0.0.1',
  '167772161',
  '100.64.0.1',
  '100.127.255.255',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '0251.0376.0251.0376',
  '169.254.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.1',
  '3232235521',
  // protocol assignments, documentation, benchmarks, 6to4 relays, multicast, reserved, broadcast
  '192.0.0.1',
  '192.0.0.170',
  '192.0.2.1',
  '192.88.99.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  // IPv6: unspecified, loopback, mapped, compatible, translated, 6to4, Teredo, local, documentation, multicast
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[0000:0000:0000:0000:0000:0000:0000:0001]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:10.0.0.1]',
  '[::ffff:8.8.8.8]',
  '[::ffff:0:127.0.0.1]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a00:1]',
  '[64:ff9b:1::a00:1]',
  '[2002:7f00:1::]',
  '[2002:a00:1::1]',
  '[2001::1]',
  '[2001:0:7f00:1::]',
  '[2001:10::1]',
  '[2001:20::1]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[100::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[fdff:ffff::1]',
  '[fe80::1]',
  '[febf::1]',
  '[fec0::1]',
  '[ff02::1]',
  '[ff0e::1]',
  '[5f00::1]',
  '[4000::1]',
];

const otherUrls = [
  'file:///etc/passwd',
  'ftp://pos.example/',
  'gopher://pos.example/',
  'data:application/json,{}',
  'javascript:alert(1)',
  'unix:/var/run/docker.sock',
  'http+unix://%2Fvar%2Frun%2Fdocker.sock/x',
  'ws://pos.example/',
  'https://user@pos.example/',
  'https://user:password@pos.example/',
  'https://pos.example@127.0.0.1/',
  'https://127.0.0.1:443@pos.example/',
  'https://pos.example:22/',
  'https://pos.example:25/',
  'https://pos.example:6000/',
  'https://pos.example:10080/',
  'https://[fe80::1%25eth0]/',
  'https://[::1/',
  'https://1.2.3.4.5/',
  'https://256.256.256.256/',
  'https:///',
  'not a url',
  '//pos.example/',
  '',
];

const allowed = [
  'https://pos.example/',
  'http://pos.example:8080/path?x=1',
  'https://8.8.8.8/',
  'https://100.63.255.255/',
  'https://100.128.0.1/',
  'https://172.15.255.255/',
  'https://172.32.0.1/',
  'https://192.167.255.255/',
  'https://192.169.0.1/',
  'https://169.253.255.255/',
  'https://[2606:4700::1111]/',
  'https://[2001:4860:4860::8888]/',
  'https://[2a00:1450::1]/',
  'https://localhost.example/',
];

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof TillsyncError) return error.code;
    throw error;
  }
  return 'allowed';
}

/** One address in the other forms that a URL takes it in: decimal, hexadecimal, octal, and inside IPv6. */
function formsOf(address: string): string[] {
  const bytes = address.split('.').map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const whole = ((a * 256 + b) * 256 + c) * 256 + d;
  const high = (a * 256 + b).toString(16);
  const low = (c * 256 + d).toString(16);
  return [
    String(whole),
    `0x${whole.toString(16)}`,
    bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
    `${a}.${b}.${c * 256 + d}`,
    `[::ffff:${address}]`,
    `[::ffff:${high}:${low}]`,
    `[64:ff9b::${high}:${low}]`,
    `[2002:${high}:${low}::1]`,
  ];
}
const everyForm = [
  '10.1.2.3',
  '172.20.30.40',
  '192.168.1.10',
  '169.254.169.254',
  '100.100.100.200',
  '198.18.0.1',
  '0.1.2.3',
]
  .flatMap(formsOf)
  .filter((host) => !refusedHosts.includes(host));

describe('the address check', () => {
  test('has more vectors than the 150 that are asked for', () => {
    expect(new Set([...refusedHosts, ...everyForm, ...otherUrls]).size).toBeGreaterThanOrEqual(150);
  });

  test('refuses private addresses in every form that a URL takes them in', () => {
    for (const host of everyForm) {
      expect([host, codeOf(() => checkUrl(`https://${host}/`, strict))]).toEqual([host, 'address_refused']);
    }
  });

  test.each(refusedHosts)('refuses https://%s/ and its http and port forms', (host) => {
    for (const url of [`https://${host}/`, `http://${host}/`, `https://${host}:8443/integration?id=1`]) {
      expect([url, codeOf(() => checkUrl(url, strict))]).toEqual([url, 'address_refused']);
    }
  });

  test.each(otherUrls)('refuses %j', (url) => {
    expect(codeOf(() => checkUrl(url, strict))).toBe('address_refused');
  });

  test.each(allowed)('lets %s pass', (url) => {
    expect(checkUrl(url, strict).href).toBe(new URL(url).href);
  });

  test('with private hosts allowed only what nobody can answer stays refused', () => {
    const open = { allowPrivateHosts: true };
    for (const host of ['127.0.0.1', 'localhost', '10.1.2.3', '169.254.169.254', '[::1]', '[fd00::1]']) {
      expect([host, codeOf(() => checkUrl(`http://${host}/`, open))]).toEqual([host, 'allowed']);
    }
    for (const host of ['0.0.0.0', '224.0.0.1', '255.255.255.255', '[::]', '[ff02::1]']) {
      expect([host, codeOf(() => checkUrl(`http://${host}/`, open))]).toEqual([host, 'address_refused']);
    }
  });

  test('the error names the address and the switch, and never a password in the URL', () => {
    const error = caught(() => checkUrl('https://admin:hunter2@pos.example/', strict));
    expect(error.message).toContain('pos.example');
    expect(error.message).not.toContain('hunter2');
    expect(caught(() => checkUrl('https://10.0.0.7/', strict)).hint).toContain('TILLSYNC_ALLOW_PRIVATE_HOSTS=1');
  });
});

describe('a name', () => {
  test('is refused when any one of its addresses is', async () => {
    const addresses = ['93.184.216.34', '2606:4700::1111', '10.0.0.1'];
    await expect(
      resolve(
        lookupOf(() => addresses),
        true,
      ),
    ).rejects.toMatchObject({ code: 'address_refused' });
    await expect(
      resolve(
        lookupOf(() => addresses.slice(0, 2)),
        true,
      ),
    ).resolves.toHaveLength(2);
  });

  test('that is rebound between two look-ups is refused the second time, and the socket gets what was checked', async () => {
    const answers = [['93.184.216.34'], ['127.0.0.1']];
    const lookup = lookupOf(() => answers.shift() ?? []);
    await expect(resolve(lookup, false)).resolves.toBe('93.184.216.34');
    await expect(resolve(lookup, false)).rejects.toMatchObject({
      code: 'address_refused',
      message: expect.stringContaining('pos.example (127.0.0.1)'),
    });
  });

  test('without any address is an error, not a connection to nowhere', async () => {
    await expect(
      resolve(
        lookupOf(() => []),
        true,
      ),
    ).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  test.each(['::ffff:127.0.0.1', '::1', 'fe80::1', '64:ff9b::7f00:1'])(
    'that leads to %s is refused',
    async (address) => {
      expect(isRefusedAddress(address, false)).toBe(true);
      await expect(
        resolve(
          lookupOf(() => [address]),
          true,
        ),
      ).rejects.toMatchObject({ code: 'address_refused' });
    },
  );
});

function caught(work: () => unknown): TillsyncError {
  try {
    work();
  } catch (error) {
    if (error instanceof TillsyncError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function lookupOf(answer: () => string[]): LookupFunction {
  return (_name, _options, callback) =>
    callback(
      null,
      answer().map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
}

function resolve(lookup: LookupFunction, all: boolean): Promise<unknown> {
  const checked = checkedLookup({ ...strict, lookup });
  return new Promise((done, failed) => {
    checked('pos.example', { all }, (error, address) => (error ? failed(error) : done(address)));
  });
}
