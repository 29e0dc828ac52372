// The settings of a Qu config: the address they lead to, the headers they make, and what is refused.
import { describe, expect, test } from 'vitest';
import { TillsyncError } from '../../errors.ts';
import { identityOf } from '../identity.ts';
import { connector } from './index.ts';
import {
  adoptedBaseUrl,
  authHeaders,
  baseUrl,
  catalogUrl,
  readSettings,
  requiredSecrets,
  secretTexts,
  settings,
} from './settings.ts';

const identity = { brand: 'acme', establishment: '17' };
const params = { ...identity, base_url: 'https://pos.example' };
const now = new Date('2025-10-30T23:59:58.900Z');

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof TillsyncError) return error.code;
    throw error;
  }
  return 'fine';
}

describe('the address', () => {
  test('O13: date and time are the same moment in UTC, whatever zone this process lives in', () => {
    const url = catalogUrl(params, now);
    expect(url.href).toBe('https://pos.example/integration?id=17&concept=acme&date=2025-10-30&time=23:59:58');
  });

  test.each([
    ['America/Los_Angeles', '2025-10-30', '16:59:58'],
    ['Asia/Tokyo', '2025-10-31', '08:59:58'],
    ['Pacific/Kiritimati', '2025-10-31', '13:59:58'],
    ['Asia/Kathmandu', '2025-10-31', '05:44:58'],
    ['UTC', '2025-10-30', '23:59:58'],
  ])('O13: in %s date and time are both those of that zone', (time_zone, date, time) => {
    const { searchParams } = catalogUrl({ ...params, time_zone }, now);
    expect([searchParams.get('date'), searchParams.get('time')]).toEqual([date, time]);
  });

  test('O13: in every minute around midnight and around both clock changes date and time name the same moment', () => {
    for (const [from, time_zone, offsets] of [
      ['2025-03-09T08:00:00Z', 'America/Chicago', [-6, -5]],
      ['2025-11-02T05:00:00Z', 'America/Chicago', [-6, -5]],
      ['2025-10-30T22:00:00Z', 'UTC', [0]],
    ] as const) {
      for (let minute = 0; minute < 180; minute++) {
        const at = new Date(Date.parse(from) + minute * 60_000);
        const { searchParams } = catalogUrl({ ...params, time_zone }, at);
        const wall = Date.parse(`${searchParams.get('date')}T${searchParams.get('time')}Z`);
        expect(offsets).toContain((wall - at.getTime()) / 3_600_000);
      }
    }
  });

  test('midnight is 00:00:00 of the new day', () => {
    expect(catalogUrl(params, new Date('2025-10-31T00:00:00Z')).search).toContain('date=2025-10-31&time=00:00:00');
  });

  test('as_of is sent as it stands', () => {
    const url = catalogUrl({ ...params, as_of: '2025-12-24T06:30:00', time_zone: 'Asia/Tokyo' }, now);
    expect(url.search).toBe('?id=17&concept=acme&date=2025-12-24&time=06:30:00');
  });

  test.each([
    ['https://pos.example/', '/integration'],
    ['https://pos.example/v1', '/v1/integration'],
    ['https://pos.example/v1/', '/v1/integration'],
    ['https://pos.example/v1/integration', '/v1/integration'],
    ['https://pos.example/v1/integration/', '/v1/integration'],
    ['http://pos.example:8080//', '/integration'],
  ])('a base URL of %s leads to %s', (base_url, path) => {
    expect(catalogUrl({ ...params, base_url }, now).pathname).toBe(path);
  });

  test('wand_domain stands for the base URL of the original, and base_url wins', () => {
    const adopted = { ...identity, wand_domain: 'api.wand.example' };
    expect(catalogUrl(adopted, now).origin).toBe('https://qubeyond-api.wand.example');
    expect(catalogUrl({ ...adopted, base_url: 'https://pos.example' }, now).origin).toBe('https://pos.example');
    expect(identityOf(connector, adopted)?.origin).toBe('https://qubeyond-api.wand.example');
  });

  const tricky = [
    '../../admin',
    '..%2f..',
    '@evil.example',
    'x@evil.example/',
    '?id=2',
    '&id=2&concept=other',
    '#fragment',
    '1;2',
    'a b',
    'a+b',
    '%00',
    '\r\nHost: evil.example',
    '\nX-Injected: 1',
    'https://evil.example/',
    '//evil.example',
    '\\\\evil.example',
    '{wand_domain}',
    'Zürich 東京 😀',
    "' or 1=1 --",
    '<script>',
  ];
  test.each(tricky)('O19, S06: %j in brand or establishment stays a value', (value) => {
    for (const name of ['brand', 'establishment'] as const) {
      const url = catalogUrl({ ...params, [name]: value }, now);
      expect([url.origin, url.pathname, url.hash, url.username]).toEqual([
        'https://pos.example',
        '/integration',
        '',
        '',
      ]);
      expect([...url.searchParams.keys()]).toEqual(['id', 'concept', 'date', 'time']);
      expect(url.searchParams.get(name === 'brand' ? 'concept' : 'id')).toBe(value);
      expect(url.href).not.toMatch(/[\r\n\s]/);
    }
  });

  test.each([...tricky, '', 'a/b', 'a:b', 'a.example:99999999', '-a', 'a-', 'user:pw@h', 'a?b', 'a#b', 17, null])(
    'O19: a wand_domain of %j that is no host name leads nowhere',
    (wand_domain) => {
      expect(adoptedBaseUrl({ wand_domain })).toBeNull();
      expect(codeOf(() => baseUrl({ wand_domain }))).toBe('base_url_invalid');
    },
  );

  test.each([
    undefined,
    null,
    '',
    7,
    'pos.example',
    'ftp://pos.example',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://',
    'https://user:pw@pos.example',
    'https://pos.example?x=1',
    'https://pos.example/#x',
  ])('a base_url of %j is refused and makes no identity', (base_url) => {
    expect(codeOf(() => baseUrl({ base_url }))).toBe('base_url_invalid');
    expect(identityOf(connector, { ...params, base_url })).toBeNull();
  });
});

describe('settings', () => {
  test('unknown ones are refused when set, and ignored when run', () => {
    expect(settings.safeParse({ ...params, bran: 'typo' }).success).toBe(false);
    expect(readSettings({ ...params, modified_date: 'left over' })).toMatchObject({ ...identity, time_zone: 'UTC' });
  });

  test('new configs leave nothing out, adopted ones what the original left out', () => {
    expect(readSettings(params)).toMatchObject({ exclude_categories: [], auth: 'none' });
    expect(connector.adoptedDefaults).toEqual({ exclude_categories: ['OLO', '3PD', '3PO', 'All Items'] });
  });

  test('numbers are taken as text', () => {
    expect(readSettings({ ...params, establishment: 17 }).establishment).toBe('17');
  });

  test.each([
    [{ brand: undefined }, 'brand'],
    [{ establishment: '' }, 'establishment'],
    [{ time_zone: 'Mars/Olympus' }, 'time_zone'],
    [{ time_zone: '' }, 'time_zone'],
    [{ as_of: '2025-02-30T00:00:00' }, 'as_of'],
    [{ as_of: '2025-02-03T25:00:00' }, 'as_of'],
    [{ as_of: '2025-02-03' }, 'as_of'],
    [{ as_of: '2025-02-03T00:00:00Z' }, 'as_of'],
    [{ currency: 'usd' }, 'currency'],
    [{ currency: '$' }, 'currency'],
    [{ exclude_categories: 'OLO' }, 'exclude_categories'],
    [{ exclude_categories: [''] }, 'exclude_categories'],
    [{ auth: 'oauth' }, 'auth'],
  ])('%j is refused by name', (change, field) => {
    expect(() => readSettings({ ...params, ...change })).toThrow(new RegExp(`setting ${field}`));
  });
});

describe('authentication', () => {
  const secrets = {
    api_key: 'k-1',
    token: 't-1',
    username: 'ana',
    password: 'pä:ss',
    headers_json: '{"X-Store-Key":"s-1","X-Two":"2"}',
  };
  test.each([
    ['none', {}, []],
    ['api_key', { 'X-API-Key': 'k-1' }, ['api_key']],
    ['bearer', { Authorization: 'Bearer t-1' }, ['token']],
    ['basic', { Authorization: `Basic ${Buffer.from('ana:pä:ss').toString('base64')}` }, ['username', 'password']],
    ['headers', { 'X-Store-Key': 's-1', 'X-Two': '2' }, ['headers_json']],
  ])('%s makes %j', (auth, headers, needed) => {
    expect(authHeaders({ params: { ...params, auth }, secrets })).toEqual(headers);
    expect(requiredSecrets({ auth })).toEqual(needed);
    for (const name of needed) {
      const without = { ...secrets, [name]: '' };
      expect(codeOf(() => authHeaders({ params: { ...params, auth }, secrets: without }))).toBe('secret_missing');
    }
  });

  test('every text that is sent is known as secret, and settings without headers have only what is stored', () => {
    const secrets = { headers_json: '{"X-Shop":"plain value"}', username: 'u', password: 'p' };
    const stored = Object.values(secrets);
    const sent = { headers: 'plain value', basic: `Basic ${Buffer.from('u:p').toString('base64')}` };
    for (const [auth, value] of Object.entries(sent)) {
      expect(secretTexts({ params: { ...params, auth }, secrets })).toEqual([...stored, value]);
    }
    expect(secretTexts({ params: { ...params, auth: 'bearer' }, secrets })).toEqual(stored);
    expect(secretTexts({ params: {}, secrets: { headers_json: 'not json' } })).toEqual(['not json']);
  });

  test('without any params nothing is needed', () => {
    expect(requiredSecrets({})).toEqual([]);
    expect(requiredSecrets({ auth: 'nonsense' })).toEqual([]);
  });

  test.each(['not json', '[]', '"x"', 'null', '{"X":1}', '{"X":["a"]}', '{"X":{"y":"z"}}'])(
    'headers_json of %s is refused without showing it',
    (headers_json) => {
      const run = () => authHeaders({ params: { ...params, auth: 'headers' }, secrets: { headers_json } });
      expect(run).toThrow(/not a JSON object of texts/);
    },
  );

  test.each(['Host', 'Content-Length', 'Transfer-Encoding', 'Connection', 'X\r\nY', 'X Y'])(
    'O19, S08: the custom header %j is refused',
    (name) => {
      const headers_json = JSON.stringify({ [name]: 'x' });
      expect(codeOf(() => authHeaders({ params: { ...params, auth: 'headers' }, secrets: { headers_json } }))).toBe(
        'header_refused',
      );
    },
  );

  test('S08: a line break in any secret is refused before a request', () => {
    for (const auth of ['api_key', 'bearer']) {
      const broken = { api_key: 'a\r\nHost: x', token: 'a\nb' };
      expect(codeOf(() => authHeaders({ params: { ...params, auth }, secrets: broken }))).toBe('header_refused');
    }
  });
});
