// The audit log of people: each of their deeds over HTTP is written with who, from which request, and without a secret.
import { expect, test } from 'vitest';
import { makeFirstAdminLink } from '../../src/access/people/links/make-link.ts';
import { openPasswords } from '../../src/access/people/passwords/open-passwords.ts';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import { cli, codeAt, password } from '../people/open-people.ts';
import { apiClient } from '../support/api-client.ts';
import { openEngine } from '../support/engine.ts';
import { isOfPeople, routeActions } from './audited-deeds.ts';

test('S44: every deed of people writes its entry, and none holds a password, a code, a link or a token', async () => {
  const deps = await openEngine();
  const app = createV1App(deps, {
    adminKey: null,
    corsOrigins: [],
    authenticate: async () => null,
    passwords: openPasswords({ cost: { logN: 4, r: 1, p: 1 } }),
  });
  const seen = new Set<string>();
  const secrets = new Set<string>([password]);

  /** A browser that keeps its cookie; every deed is held against the table. */
  function browser() {
    const api = apiClient(app, null);
    let cookie: string | null = null;
    return async (route: string, body?: unknown, id = '') => {
      const headers: Record<string, string> = cookie === null ? {} : { cookie };
      const answer = await api.call(route.replace('{id}', id), { body, headers });
      expect(answer.status, `${route}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
      for (const set of answer.headers.getSetCookie()) {
        const [pair = ''] = set.split(';');
        if (!/session=./.test(pair)) continue;
        cookie = pair;
        secrets.add(pair.split('=')[1] as string);
      }
      if (route.startsWith('GET')) return answer.body;
      const { rows } = await deps.database.query<{ action: string; actor: string }>(
        'select action, actor from integration_audit_log where request_id = $1',
        [answer.headers.get('x-request-id')],
      );
      const action = routeActions[route];
      if (action === null) expect(rows, route).toEqual([]);
      else
        expect(
          rows.map((row) => row.action),
          route,
        ).toContain(action);
      for (const { actor } of rows) expect(actor, route).toMatch(/^user:/);
      seen.add(route);
      return answer.body;
    };
  }

  const ada = browser();
  const first = await makeFirstAdminLink({ database: deps.database }, cli);
  const token = first?.token as string;
  await ada('POST /api/v1/links/look', { token });
  await ada('POST /api/v1/links/use', { token, password, name: 'Ada', email: 'ada@example.com' });
  const { secret } = await ada('POST /api/v1/me/second-factor');
  const code = (seconds: number) => codeAt(secret, new Date(Date.now() + seconds * 1000));
  const { recovery_codes: codes } = await ada('POST /api/v1/me/second-factor/confirm', { code: code(0) });
  for (const one of [token, secret, ...codes]) secrets.add(one);

  const linkOf = ({ link, url }: { link?: { url: string }; url?: string }) => {
    const made = (link?.url ?? url ?? '').split('#')[1] as string;
    secrets.add(made);
    return made;
  };
  const everywhere = { level: 'all', level_id: null };
  const added = await ada('POST /api/v1/users', {
    email: 'bob@example.com',
    name: 'Bob',
    roles: [{ role: 'viewer', ...everywhere }],
  });
  const { id } = added.user;
  const bob = browser();
  await bob('POST /api/v1/links/use', { token: linkOf(added), password });
  await ada('PATCH /api/v1/users/{id}', { name: 'Robert' }, id);
  await ada('PUT /api/v1/users/{id}/roles', { roles: [{ role: 'operator', ...everywhere }] }, id);
  const other = browser();
  await other('POST /api/v1/session', { email: 'bob@example.com', password });
  const { data } = await bob('GET /api/v1/me/sessions');
  const theirs = data.find(({ current }: { current: boolean }) => !current);
  await bob('DELETE /api/v1/me/sessions/{id}', undefined, theirs.id);
  await other('POST /api/v1/session', { email: 'bob@example.com', password });
  await bob('DELETE /api/v1/me/sessions');
  await bob('PATCH /api/v1/me', { name: 'Bob again' });
  const changed = 'another four plain words';
  secrets.add(changed);
  await bob('POST /api/v1/me/password', { password, new_password: changed });
  await bob('DELETE /api/v1/session');
  linkOf(await ada('POST /api/v1/users/{id}/link', undefined, id));
  await bob('POST /api/v1/session', { email: 'bob@example.com', password: changed });
  const enrolled = await bob('POST /api/v1/me/second-factor');
  await bob('POST /api/v1/me/second-factor/confirm', { code: codeAt(enrolled.secret, new Date()) });
  await bob('POST /api/v1/me/recovery-codes');
  await ada('DELETE /api/v1/users/{id}/second-factor', undefined, id);
  await bob('POST /api/v1/session', { email: 'bob@example.com', password: changed });
  await ada('DELETE /api/v1/users/{id}/sessions', undefined, id);
  await ada('DELETE /api/v1/users/{id}', undefined, id);

  await ada('POST /api/v1/session/proof', { password, code: codes[0] });
  const tab = browser();
  await tab('POST /api/v1/session', { email: 'ada@example.com', password });
  await tab('POST /api/v1/session/second-factor', { code: codes[1] });
  await tab('DELETE /api/v1/me/second-factor');

  expect([...seen].sort()).toEqual(Object.keys(routeActions).filter(isOfPeople).sort());
  const { rows } = await deps.database.query<{ text: string }>('select a::text as text from integration_audit_log a');
  for (const { text } of rows) for (const hidden of secrets) expect(text).not.toContain(hidden);
});
