// People through /api/v1, as a browser with a cookie: from the first link to the last session.
import { beforeAll, describe, expect, test } from 'vitest';
import { authenticateKey } from '../../src/access/authenticate-key.ts';
import { createKey } from '../../src/access/create-key.ts';
import { makeFirstAdminLink } from '../../src/access/people/links/make-link.ts';
import { openPasswords } from '../../src/access/people/passwords/open-passwords.ts';
import { loopbackCookieName, secureCookieName } from '../../src/api/edge/session-cookie.ts';
import type { ApiApp } from '../../src/api/v1/api-given.ts';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import type { Deps } from '../../src/sync/deps.ts';
import {
  type ApiAnswer,
  type ApiCall,
  type ApiClient,
  apiClient,
  declaredRoutes,
  peoplePaths,
} from '../support/api-client.ts';
import { openEngine } from '../support/engine.ts';
import { cli, codeAt, password } from './open-people.ts';

let deps: Deps & { url: string };
let app: ApiApp;
let api: ApiClient;
let withKey: ApiClient;

/** A browser: it keeps the cookie of the last answer. */
interface Browser {
  call(request: string, given?: ApiCall): Promise<ApiAnswer>;
  cookie: string | null;
}

function browser(): Browser {
  const own: Browser = {
    cookie: null,
    async call(request, given = {}) {
      const cookie = own.cookie === null ? {} : { cookie: own.cookie };
      const answer = await api.call(request, { ...given, headers: { ...cookie, ...given.headers } });
      for (const set of answer.headers.getSetCookie()) {
        const [pair = ''] = set.split(';');
        if (pair.startsWith(`${loopbackCookieName}=`)) own.cookie = pair.endsWith('=') ? null : pair;
      }
      return answer;
    },
  };
  return own;
}

beforeAll(async () => {
  deps = await openEngine();
  app = createV1App(deps, {
    adminKey: null,
    corsOrigins: [],
    authenticate: (candidate) => authenticateKey(deps.database, candidate),
    passwords: openPasswords({ cost: { logN: 4, r: 1, p: 1 } }),
  });
  api = apiClient(app, null);
  const { key } = await createKey(deps.database, { name: 'robot', createdBy: 'test', access: 'admin' });
  withKey = apiClient(app, key);
});

const ada = browser();
let secret: string;
const code = (seconds = 0) => codeAt(secret, new Date(Date.now() + seconds * 1000));
/** What stands behind the # of a link. */
const tokenOf = (url: string) => url.split('#')[1] as string;

describe('people over HTTP', () => {
  test('the first admin comes in by a link, must set up a second factor, and then may do everything', async () => {
    const link = await makeFirstAdminLink({ database: deps.database }, cli);
    const token = link?.token as string;
    expect(await ada.call('POST /api/v1/links/look', { body: { token } })).toMatchObject({
      status: 200,
      body: { purpose: 'first_admin', email: null, name: null },
    });
    const used = await ada.call('POST /api/v1/links/use', {
      body: { token, password, name: 'Ada Lovelace', email: 'ada@example.com' },
    });
    expect(used).toMatchObject({ status: 200, body: { needs: 'enrolment', user: { email: 'ada@example.com' } } });
    expect(used.headers.getSetCookie()[0]).toMatch(
      /^tillsync-session=[\w-]{43}; Path=\/; Max-Age=60\d{4}; HttpOnly; SameSite=Strict/,
    );
    expect(JSON.stringify(used.body)).not.toContain((ada.cookie as string).split('=')[1]);
    for (const refused of ['GET /api/v1/users', 'GET /api/v1/runs', 'GET /api/v1/me/sessions', 'GET /api/v1/keys']) {
      expect(await ada.call(refused), refused).toMatchObject({ status: 403, body: { code: 'enrolment_needed' } });
    }
    const enrolment = await ada.call('POST /api/v1/me/second-factor');
    expect(enrolment.body.uri).toContain('otpauth://totp/tillsync:ada');
    secret = enrolment.body.secret;
    const wrong = await ada.call('POST /api/v1/me/second-factor/confirm', { body: { code: '000000' } });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'second_factor_refused' } });
    const confirmed = await ada.call('POST /api/v1/me/second-factor/confirm', { body: { code: code() } });
    expect(confirmed).toMatchObject({ status: 200, body: { needs: null, recovery_codes: { length: 10 } } });
    expect(await ada.call('GET /api/v1/runs')).toMatchObject({ status: 200 });
    expect((await ada.call('GET /api/v1/users')).body.data).toHaveLength(1);
  });

  test('an admin adds a user, who chooses a password by the link and sees what their role allows', async () => {
    const added = await ada.call('POST /api/v1/users', {
      body: { email: 'bob@example.com', name: 'Bob', roles: [{ role: 'viewer', level: 'all', level_id: null }] },
    });
    expect(added).toMatchObject({ status: 201, body: { link: { purpose: 'invitation' } } });
    expect(added.body.link.url).toMatch(/^http:\/\/localhost\/link#[\w-]{43}$/);
    const { id } = added.body.user;
    const bob = browser();
    const token = tokenOf(added.body.link.url);
    expect((await bob.call('POST /api/v1/links/look', { body: { token } })).body).toMatchObject({ name: 'Bob' });
    const use = { body: { token, password } };
    expect(await bob.call('POST /api/v1/links/use', use)).toMatchObject({ status: 200, body: { needs: null } });
    expect(await browser().call('POST /api/v1/links/use', use)).toMatchObject({
      status: 404,
      body: { code: 'link_invalid' },
    });
    expect(await bob.call('GET /api/v1/session')).toMatchObject({ body: { needs: null, user: { id, name: 'Bob' } } });
    expect(await bob.call('GET /api/v1/runs')).toMatchObject({ status: 200 });
    for (const refused of ['GET /api/v1/users', `GET /api/v1/users/${id}`, 'GET /api/v1/keys']) {
      expect(await bob.call(refused), refused).toMatchObject({ status: 403, body: { code: 'access_denied' } });
    }
    const roles = { roles: [{ role: 'admin', level: 'all', level_id: null }] };
    expect(await bob.call(`PUT /api/v1/users/${id}/roles`, { body: roles })).toMatchObject({ status: 403 });
    // S20: what an admin takes is gone with the next request.
    expect(await ada.call(`PUT /api/v1/users/${id}/roles`, { body: { roles: [] } })).toMatchObject({ status: 200 });
    expect(await bob.call('GET /api/v1/runs')).toMatchObject({ status: 403, body: { code: 'access_denied' } });
  });

  test('somebody changes name, e-mail and password, and ends sessions; an old cookie is worth nothing', async () => {
    const added = await ada.call('POST /api/v1/users', { body: { email: 'eve@example.com', name: 'Eve', roles: [] } });
    const [eve, other] = [browser(), browser()];
    await eve.call('POST /api/v1/links/use', { body: { token: tokenOf(added.body.link.url), password } });
    const credentials = { email: 'eve@example.com', password };
    expect(await other.call('POST /api/v1/session', { body: credentials })).toMatchObject({ status: 200 });
    const listed = await eve.call('GET /api/v1/me/sessions');
    expect(listed.body.data.map(({ current }: { current: boolean }) => current).sort()).toEqual([false, true]);
    const theirs = listed.body.data.find(({ current }: { current: boolean }) => !current);
    expect((await eve.call(`DELETE /api/v1/me/sessions/${theirs.id}`)).body).toEqual({ ended: 1 });
    expect(await other.call('GET /api/v1/session')).toMatchObject({ status: 401, body: { code: 'not_signed_in' } });
    await other.call('POST /api/v1/session', { body: credentials });
    expect((await eve.call('DELETE /api/v1/me/sessions')).body).toEqual({ ended: 1 });
    expect(await eve.call('PATCH /api/v1/me', { body: { name: 'Eve N.' } })).toMatchObject({
      body: { name: 'Eve N.' },
    });
    expect(await eve.call('PATCH /api/v1/me', { body: { email: 'eve.n@example.com' } })).toMatchObject({ status: 200 });
    const before = eve.cookie as string;
    const newPassword = 'quite different plain words';
    const changed = await eve.call('POST /api/v1/me/password', { body: { password, new_password: newPassword } });
    expect(changed).toMatchObject({ status: 200, body: { user: { email: 'eve.n@example.com' } } });
    expect(eve.cookie).not.toBe(before);
    expect(await api.call('GET /api/v1/session', { headers: { cookie: before } })).toMatchObject({ status: 401 });
    const out = await eve.call('DELETE /api/v1/session');
    expect(out.headers.get('clear-site-data')).toBe('"cache", "storage"');
    expect(eve.cookie).toBeNull();
    const back = { email: 'EVE.N@example.com', password: newPassword };
    expect(await eve.call('POST /api/v1/session', { body: back })).toMatchObject({ status: 200 });
    const earlier = eve.cookie as string;
    await eve.call('POST /api/v1/session', { body: back });
    // The session that the browser had is replaced, not left behind.
    expect(await api.call('GET /api/v1/session', { headers: { cookie: earlier } })).toMatchObject({ status: 401 });
  });

  test('S29: a proof that is too old is asked for anew, and given by password and code', async () => {
    const { rows } = await deps.database.query<{ id: string }>(
      `select id from integration_users where email = 'ada@example.com'`,
    );
    await deps.database.query(
      `update integration_sessions set proved_at = now() - interval '11 minutes' where user_id = $1`,
      [rows[0]?.id],
    );
    const user = { email: 'late@example.com', name: 'Late', roles: [] };
    for (const [request, body] of [
      ['POST /api/v1/users', user],
      [`POST /api/v1/users/${rows[0]?.id}/link`, undefined],
      [`PUT /api/v1/users/${rows[0]?.id}/roles`, { roles: [] }],
      [`PATCH /api/v1/users/${rows[0]?.id}`, { disabled: true }],
      [`DELETE /api/v1/users/${rows[0]?.id}`, undefined],
      [`DELETE /api/v1/users/${rows[0]?.id}/second-factor`, undefined],
      ['PATCH /api/v1/me', { email: 'else@example.com' }],
      ['POST /api/v1/me/recovery-codes', undefined],
      ['POST /api/v1/me/second-factor', undefined],
      ['DELETE /api/v1/me/second-factor', undefined],
      // A key would go on when the session is over, and could do all of the above.
      ['POST /api/v1/keys', { name: 'x', access: 'admin' }],
      [`POST /api/v1/keys/${rows[0]?.id}/rotate`, {}],
    ] as const) {
      const refused = await ada.call(request, body === undefined ? {} : { body });
      expect(refused, request).toMatchObject({ status: 403, body: { code: 'proof_needed' } });
    }
    expect(await ada.call('PATCH /api/v1/me', { body: { name: 'Ada L.' } })).toMatchObject({ status: 200 });
    const proof = await ada.call('POST /api/v1/session/proof', { body: { password, code: code(30) } });
    expect(proof).toMatchObject({ status: 200, body: { needs: null } });
    expect(await ada.call('POST /api/v1/users', { body: user })).toMatchObject({ status: 201 });
  });

  test('an admin renames, disables, deletes and helps out; the last admin stays', async () => {
    const { body } = await ada.call('POST /api/v1/users', { body: { email: 'c@example.com', name: 'C', roles: [] } });
    const { id } = body.user;
    const one = `/api/v1/users/${id}`;
    expect(await ada.call(`PATCH ${one}`, { body: { name: 'Carl', email: 'carl@example.com' } })).toMatchObject({
      body: { name: 'Carl', email: 'carl@example.com' },
    });
    expect(await ada.call(`PATCH ${one}`, { body: { email: 'ADA@example.com' } })).toMatchObject({
      status: 409,
      body: { code: 'email_taken' },
    });
    // The link went to the old address.
    const carl = browser();
    const old = { token: tokenOf(body.link.url), password };
    expect(await carl.call('POST /api/v1/links/use', { body: old })).toMatchObject({ status: 404 });
    const link = await ada.call(`POST ${one}/link`);
    expect(link).toMatchObject({ status: 201, body: { purpose: 'invitation' } });
    await carl.call('POST /api/v1/links/use', { body: { token: tokenOf(link.body.url), password } });
    await carl.call('POST /api/v1/me/second-factor');
    expect(await ada.call(`DELETE ${one}/second-factor`)).toMatchObject({ body: { code: 'second_factor_absent' } });
    const enrolment = await carl.call('POST /api/v1/me/second-factor');
    const first = codeAt(enrolment.body.secret, new Date());
    await carl.call('POST /api/v1/me/second-factor/confirm', { body: { code: first } });
    expect((await carl.call('POST /api/v1/me/recovery-codes')).body.recovery_codes).toHaveLength(10);
    expect(await ada.call(`DELETE ${one}/second-factor`)).toMatchObject({ body: { has_second_factor: false } });
    expect(await carl.call('GET /api/v1/session')).toMatchObject({ status: 401 });
    await carl.call('POST /api/v1/session', { body: { email: 'carl@example.com', password } });
    expect((await ada.call(`DELETE ${one}/sessions`)).body).toEqual({ ended: 1 });
    expect(await ada.call(`PATCH ${one}`, { body: { disabled: true } })).toMatchObject({ body: { disabled: true } });
    expect(await ada.call(`POST ${one}/link`)).toMatchObject({ status: 409, body: { code: 'user_disabled' } });
    expect(await ada.call(`GET ${one}`)).toMatchObject({ body: { disabled: true } });
    expect(await ada.call(`DELETE ${one}`)).toMatchObject({ body: { id } });
    expect(await ada.call(`GET ${one}`)).toMatchObject({ status: 404, body: { code: 'user_unknown' } });
    const me = (await ada.call('GET /api/v1/session')).body.user.id;
    for (const [request, change] of [
      [`PUT /api/v1/users/${me}/roles`, { roles: [] }],
      [`PATCH /api/v1/users/${me}`, { disabled: true }],
      [`DELETE /api/v1/users/${me}`, undefined],
    ] as const) {
      const refused = await ada.call(request, change === undefined ? {} : { body: change });
      expect(refused, request).toMatchObject({ status: 409, body: { code: 'last_admin' } });
    }
  });

  test('the second factor is taken with the password or after it, and taken away by its owner', async () => {
    const credentials = { email: 'ada@example.com', password };
    const tab = browser();
    const wrong = await tab.call('POST /api/v1/session', { body: { ...credentials, code: '000000' } });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'second_factor_refused' } });
    expect(tab.cookie).toBeNull();
    expect((await tab.call('POST /api/v1/session', { body: credentials })).body.needs).toBe('second_factor');
    for (const refused of ['GET /api/v1/users', 'GET /api/v1/me/sessions', 'POST /api/v1/me/second-factor']) {
      expect(await tab.call(refused), refused).toMatchObject({ status: 403, body: { code: 'second_factor_needed' } });
    }
    const { body } = await ada.call('POST /api/v1/me/recovery-codes');
    const [one, two] = body.recovery_codes;
    expect(await tab.call('POST /api/v1/session/second-factor', { body: { code: one } })).toMatchObject({
      body: { needs: null },
    });
    const other = browser();
    const both = await other.call('POST /api/v1/session', { body: { ...credentials, code: two } });
    expect(both.body.needs).toBeNull();
    expect((await other.call('DELETE /api/v1/me/second-factor')).body).toEqual({ removed: true });
    expect((await other.call('GET /api/v1/session')).body.needs).toBe('enrolment');
    expect(await ada.call('GET /api/v1/session')).toMatchObject({ status: 401 });
  });

  test('a key administers users, but has no account of its own; and a cookie beside a key does not count', async () => {
    expect(await withKey.call('GET /api/v1/users?limit=1')).toMatchObject({ status: 200 });
    expect(await withKey.call('GET /api/v1/session')).toMatchObject({ status: 403, body: { code: 'person_needed' } });
    expect(await withKey.call('PATCH /api/v1/me', { body: { name: 'Robot' } })).toMatchObject({ status: 403 });
    const tab = browser();
    await tab.call('POST /api/v1/session', { body: { email: 'ada@example.com', password } });
    const headers = { cookie: tab.cookie as string, authorization: 'Bearer ts_none' };
    expect(await api.call('GET /api/v1/session', { headers })).toMatchObject({ body: { code: 'api_key_invalid' } });
  });

  test('S26: strangers are told the same, whoever they guess at', async () => {
    const answers = [];
    for (const email of ['ada@example.com', 'nobody@example.com']) {
      const { status, body } = await browser().call('POST /api/v1/session', { body: { email, password: 'wrong one' } });
      answers.push({ status, body: { ...body, instance: '' } });
    }
    expect(answers[0]).toMatchObject({ status: 401, body: { code: 'sign_in_refused' } });
    expect(answers[1]).toEqual(answers[0]);
  });

  test('S30: no session is opened over plain http from another machine, and no password looked at', async () => {
    const request = new Request('http://till.example/api/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'ada@example.com', password }),
    });
    const env = { incoming: { socket: { remoteAddress: '203.0.113.9' } } };
    const response = await app.fetch(request, env);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'sign_in_needs_tls' });
  });

  test('S30: over TLS the cookie is bound to this host, and nothing of the token is in the answer or its address', async () => {
    const response = await app.fetch(
      new Request('https://till.example/api/v1/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'ada@example.com', password }),
      }),
    );
    const [cookie = ''] = response.headers.getSetCookie();
    expect(cookie).toMatch(
      new RegExp(`^${secureCookieName}=[\\w-]{43}; Path=/; Max-Age=\\d+; HttpOnly; SameSite=Strict; Secure$`),
    );
    expect(await response.text()).not.toContain(cookie.split(/[=;]/)[1]);
  });

  test('every JSON answer of these routes was seen by this story', () => {
    const answers = declaredRoutes(app)
      .filter(({ path }) => peoplePaths.test(path))
      .flatMap(({ method, path, responses }) =>
        Object.keys(responses)
          .filter((status) => status !== 'default')
          .map((status) => `${method} ${path} ${status}`),
      );
    expect(answers.length).toBeGreaterThan(24);
    expect(answers.filter((answer) => !api.seen.has(answer) && !withKey.seen.has(answer))).toEqual([]);
  });
});
