// What an answer says when something goes wrong inside: a code, a sentence and an id; never a stack, SQL, a host or a path.
import { beforeAll, describe, expect, test } from 'vitest';
import { TillsyncError } from '../../src/errors.ts';
import { openLog } from '../../src/log.ts';
import { freshDatabase } from '../support/database.ts';
import { depsOver } from '../support/deps-over.ts';
import { type EdgeServer, edgeServerOver, openEdgeServer } from '../support/http/edge-server.ts';

let opened: EdgeServer;
beforeAll(async () => {
  opened = await openEdgeServer();
});

const inside =
  'select secret from tillsync_api_keys at /var/lib/postgresql/18 on db.internal.example:5432 password=hunter2';
const leaks = [
  /\bat .+:\d+:\d+/,
  /\/(tmp|home|usr|var|opt|root|src|app|node_modules)\//,
  /\.(ts|js|mjs)\b/,
  /postgres(ql)?:\/\//,
  /\bselect\b.+\bfrom\b|\binsert into\b|\bdelete from\b|\bupdate\b.+\bset\b/i,
  /tillsync_api_keys|pg_catalog|integration_products/,
  /internal\.example|127\.0\.0\.1|localhost|:5432/,
  /hunter2/,
  /SQLSTATE|\b(22|23|40|42|53|54|55|57|08|XX)[0-9A-Z]{3}\b/,
  /TypeError|RangeError|SyntaxError|ECONN|ENOENT|undefined/,
];

const faces = ['GET /api/v1/runs', 'POST /functions/v1/save-integration-data', 'GET /metrics', 'GET /api/docs'];

/** Asks every face while finding out who calls goes wrong in this way; what each answered. */
async function answersTo(
  fail: () => Promise<never>,
): Promise<{ face: string; status: number; text: string; log: string }[]> {
  const answers = [];
  for (const face of faces) {
    const lines: string[] = [];
    const deps = { ...opened.deps, log: openLog('info', { write: (line) => void lines.push(line) }) };
    const server = edgeServerOver(deps, opened.key, { authenticate: fail, rateLimit: false });
    const response = await server.callWithKey(face, face.startsWith('POST') ? { body: '{}' } : {});
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-type')).toMatch(/^application\/(problem\+)?json/);
    answers.push({ face, status: response.status, text: await response.text(), log: lines.join('') });
  }
  return answers;
}

function expectNoLeak(text: string, what: string): void {
  for (const leak of leaks) expect(text, `${what}: ${leak}`).not.toMatch(leak);
}

describe('S43: an error', () => {
  test('that is a bug of ours is told as a reference, and stands in the log with its stack', async () => {
    const bugs: (() => never)[] = [
      () => {
        throw new TypeError(`undefined is not ${inside}`);
      },
      () => {
        throw new Error(inside, { cause: new RangeError(inside) });
      },
      () => {
        throw Object.assign(new Error(inside), { code: 'ENOENT', path: '/var/lib/secret' });
      },
      () => {
        throw new AggregateError([new Error(inside)], inside);
      },
    ];
    for (const bug of bugs) {
      for (const { face, status, text, log } of await answersTo(async () => bug())) {
        expect([500, face]).toEqual([status, face]);
        expectNoLeak(text, face);
        const reference = /reference ([\w-]{8,})/.exec(text)?.[1] ?? 'none';
        expect(log, face).toContain(reference);
        expect(log, face).toMatch(/"stack":"[^"]+at /);
      }
    }
  });

  test('of the database, of every class, is a sentence; its own words stay in the log', async () => {
    const states =
      '08006 22003 22021 22P02 22P05 23502 23503 23505 23514 21000 25006 25P03 26000 28000 28P01 34000 3D000 40001 40P01 42501 42601 42703 42P01 42P10 53100 53200 53300 54000 54001 55000 55P03 57014 57P01 57P03 58030 F0000 P0001 XX000 XX001'.split(
        ' ',
      );
    for (const state of states) {
      const raise = `do $$ begin raise exception using errcode = '${state}', message = '${inside}', detail = '${inside}', hint = '${inside}'; end $$`;
      const fail = async (): Promise<never> => {
        await opened.deps.database.query(raise);
        throw new Error('it was not raised');
      };
      for (const { face, status, text, log } of await answersTo(fail)) {
        expect(status, `${state} ${face}`).toBeGreaterThanOrEqual(400);
        expectNoLeak(text, `${state} ${face} ${text}`);
        expect(log.length).toBeGreaterThan(0);
      }
    }
  });

  test('of real statements and of a database that is gone is a sentence, too', async () => {
    const { database } = await freshDatabase();
    const query =
      (text: string, values: unknown[] = []) =>
      async (): Promise<never> => {
        await database.query(text, values);
        throw new Error('it did not fail');
      };
    const statements = [
      query('select * from nowhere_at_all'),
      query('select nothing from stores'),
      query('selec 1'),
      query("select 'a'::int"),
      query('select 1/0'),
      query('select $1::bigint', ['99999999999999999999']),
      query("insert into integration_products (external_id) values ('a')"),
    ];
    for (const fail of statements) {
      for (const { face, text } of await answersTo(fail)) expectNoLeak(text, `${face} ${text}`);
    }
    await database.close();
    for (const { face, status, text } of await answersTo(query('select 1'))) {
      expect(status, face).toBeGreaterThanOrEqual(500);
      expectNoLeak(text, face);
    }
    const server = edgeServerOver({ ...(await depsOver(database)), url: '' }, opened.key, {
      authenticate: async () => ({
        kind: 'key',
        id: '1',
        name: 'a',
        grants: [{ access: 'admin', level: 'all', levelId: null }],
      }),
      listensOnLoopback: true,
    });
    for (const path of [
      'GET /readyz',
      'GET /metrics',
      'GET /api/v1/runs',
      'GET /api/v1/items',
      'POST /hooks/square/1',
    ]) {
      const response = await server.callWithKey(path, path.startsWith('POST') ? { body: '{}' } : {});
      expect(response.status, path).toBeLessThan(504);
      if (path !== 'GET /metrics') expectNoLeak(await response.text(), path);
    }
  });

  test('for a person keeps its sentence, code and fix, and its cause stays inside', async () => {
    const fail = async (): Promise<never> => {
      throw new TillsyncError('The till is closed.', {
        code: 'till_closed',
        step: 'save',
        hint: 'Open it.',
        facts: { statement: inside },
        cause: new Error(inside),
      });
    };
    for (const { text } of await answersTo(fail)) {
      expect(text).toContain('The till is closed.');
      expect(text).toContain('Open it.');
      expectNoLeak(text, text);
    }
  });
});
