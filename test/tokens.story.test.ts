// Access tokens through the whole engine, against a POS whose refresh tokens work once: renewed by one of all workers.
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeCatalog } from '../src/connectors/qu/fake-catalog.ts';
import type { Database } from '../src/db/database.ts';
import { openHttp } from '../src/net/http-client.ts';
import type { Deps } from '../src/sync/deps.ts';
import { resolveConfig } from '../src/sync/resolve-config.ts';
import { addConfig, setConfig } from '../src/sync/set-config.ts';
import { openFetch } from '../src/sync/upstream/open-fetch.ts';
import { openVault } from '../src/vault/open-vault.ts';
import { openAgain } from './support/database.ts';
import { openEngine, syncNow } from './support/engine.ts';
import { type FakeOAuth, startFakeOAuth } from './support/fake-oauth.ts';
import { withTokens } from './support/token-connector.ts';
import { until } from './support/until.ts';

let pos: FakeOAuth;
let deps: Deps;
let url: string;
let count = 0;
const encryptionKey = randomBytes(32).toString('base64');
let failing: RegExp | null = null;
let failures = 0;
beforeAll(async () => {
  pos = await startFakeOAuth(makeCatalog({ products: 3, modifiers: 2, discounts: 1 }));
  const engine = await openEngine({
    max: 14,
    onStatement: (statement) => {
      if (failing === null || failures === 0 || !failing.test(statement)) return;
      failures--;
      throw new Error('the connection is gone');
    },
  });
  url = engine.url;
  deps = withTokens({ ...engine, vault: openVault({ active: encryptionKey }) });
});
afterEach(async () => {
  // What one test's faults make of the host is not the next one's matter.
  await deps.database.query('delete from integration_upstream_hosts');
  pos.release();
  pos.answer('issue');
  pos.asked.length = 0;
  pos.fetched.length = 0;
  failing = null;
});
afterAll(() => pos.stop());

async function connect(): Promise<string> {
  count++;
  const config = await addConfig(deps, {
    connectorId: 'qu',
    name: `POS ${count}`,
    params: { brand: 'acme', establishment: String(count), base_url: pos.url, auth: 'bearer' },
    secrets: { token: pos.connect() },
  });
  return config.id;
}

/** Asks for an access token as a run does. */
async function accessToken(
  of: Deps,
  configId: string,
  asked: { refused?: string | undefined; signal?: AbortSignal } = {},
) {
  const { refused, signal = new AbortController().signal } = asked;
  const way = await openFetch(of, await resolveConfig(of, configId), { signal });
  try {
    return await way.accessToken?.(refused);
  } finally {
    await way.http.close();
  }
}

/** The same engine as another process sees it: its own pool and its own memory. */
function processOver(database: Database): Deps {
  return { ...deps, database: { ...database } };
}

describe('F21: workers that share a refresh token which works once', () => {
  it('twenty of them over two pools, at the instant of expiry, send one renewal each time and lose no grant', async () => {
    const configId = await connect();
    const other = await openAgain(url, { max: 14 });
    const workers = Array.from({ length: 20 }, (_, index) => processOver(index % 2 === 0 ? deps.database : other));
    let refused: string | undefined;
    for (let round = 1; round <= 5; round++) {
      pos.expireAll();
      const tokens = await Promise.all(workers.map((worker) => accessToken(worker, configId, { refused })));
      expect(new Set(tokens).size).toBe(1);
      expect(pos.asked).toHaveLength(round);
      refused = tokens[0];
    }
    expect(new Set(pos.asked).size).toBe(5);
    expect((await syncNow(deps, configId)).status).toBe('success');
  });

  it('workers of one process that ask at once hold no more connections than one', async () => {
    const configId = await connect();
    const small = processOver(await openAgain(url, { max: 3 }));
    const tokens = await Promise.all(Array.from({ length: 20 }, () => accessToken(small, configId)));
    expect(new Set(tokens).size).toBe(1);
    expect(pos.asked).toHaveLength(1);
  });

  it('a renewal that takes long keeps nobody of another config waiting', async () => {
    const [slow, quick] = [await connect(), await connect()];
    pos.answer('hang');
    const waiting = accessToken(deps, slow);
    await until('the slow renewal', () => pos.asked.length === 1);
    pos.answer('issue');
    expect(await accessToken(deps, quick)).toMatch(/^access-/);
    pos.release();
    expect(await waiting).toMatch(/^access-/);
  });

  it('a run that is cancelled ends at once, and the renewal that it began is kept for the next', async () => {
    const configId = await connect();
    pos.answer('hang');
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const cancelled = expect(accessToken(deps, configId, { signal: controller.signal })).rejects.toBe(reason);
    await until('the renewal', () => pos.asked.length === 1);
    controller.abort(reason);
    await cancelled;
    pos.release();
    expect(await accessToken(processOver(deps.database), configId)).toMatch(/^access-/);
    expect(pos.asked).toHaveLength(1);
  });
});

describe('F20: a token that is not accepted', () => {
  it('is renewed once and the request sent once more; the next run needs neither', async () => {
    const configId = await connect();
    expect((await syncNow(deps, configId)).status).toBe('success');
    pos.expireAll();
    expect((await syncNow(deps, configId)).status).toBe('success');
    expect([pos.asked.length, pos.fetched.length]).toEqual([2, 3]);
    expect((await syncNow(deps, configId)).status).toBe('success');
    expect([pos.asked.length, pos.fetched.length]).toEqual([2, 4]);
  });

  it('whose renewal is refused says that the POS must be connected again, and nobody asks until then', async () => {
    const configId = await connect();
    await setConfig(deps, { configId, secrets: { token: 'revoked' } });
    const run = await syncNow(deps, configId);
    expect(run).toMatchObject({ status: 'failed', error: { code: 'token_refused', step: 'fetch', retry: 'no' } });
    expect(JSON.stringify(run)).not.toContain('revoked');
    expect(await syncNow(deps, configId)).toMatchObject({ error: { code: 'token_refused' } });
    expect(pos.asked).toEqual(['revoked']);
    await setConfig(deps, { configId, secrets: { token: pos.connect() } });
    expect((await syncNow(deps, configId)).status).toBe('success');
  });

  it('whose renewal fails for twenty workers at once is asked for once, and again later', async () => {
    const configId = await connect();
    pos.answer('hang');
    const other = await openAgain(url, { max: 14 });
    const workers = Array.from({ length: 20 }, (_, index) => processOver(index % 2 === 0 ? deps.database : other));
    const outcomes = Promise.all(
      workers.map((worker) => accessToken(worker, configId).catch((error: { code: string }) => error.code)),
    );
    await until('nineteen that wait for the lock', async () => {
      const { rowCount } = await deps.database.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rowCount === 19;
    });
    pos.release('500');
    expect(new Set(await outcomes)).toEqual(new Set(['upstream_status']));
    expect(pos.asked).toHaveLength(1);
    pos.answer('issue');
    expect(await accessToken(deps, configId)).toMatch(/^access-/);
  });

  it('whose renewal never ends is given up in its time', async () => {
    const configId = await connect();
    pos.answer('hang');
    const hasty = {
      ...deps,
      openHttp: () => openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 0.2, maxBytes: 1_000_000 }),
    };
    await expect(accessToken(hasty, configId)).rejects.toMatchObject({ code: 'upstream_timeout' });
    pos.release();
  });

  it('F18: whose renewal is limited is not asked for again before its time, and nobody waits for that under the lock', async () => {
    const configId = await connect();
    pos.answer('429');
    await expect(accessToken(deps, configId)).rejects.toMatchObject({ code: 'upstream_rate_limited' });
    pos.answer('issue');
    await expect(accessToken(deps, configId)).rejects.toMatchObject({ code: 'rate_budget_used' });
    expect(pos.asked).toHaveLength(1);
  });

  it('whose renewal is answered with a web page says so', async () => {
    const configId = await connect();
    pos.answer('html');
    await expect(accessToken(deps, configId)).rejects.toMatchObject({ code: 'token_unreadable' });
  });
});

describe('F21: a renewal whose answer gets lost', () => {
  it('on the way: the next one is refused, and the error says since when the token is lost', async () => {
    const configId = await connect();
    pos.answer('lose');
    await expect(accessToken(deps, configId)).rejects.toMatchObject({ code: 'upstream_unreachable' });
    pos.answer('issue');
    const lost = { code: 'token_refresh_lost', retry: 'no', message: expect.stringMatching(/begun at 20\d\d-/) };
    await expect(accessToken(deps, configId)).rejects.toMatchObject(lost);
    const asked = pos.asked.length;
    await expect(accessToken(deps, configId)).rejects.toMatchObject({ code: 'token_refresh_lost' });
    expect(pos.asked).toHaveLength(asked);
    await setConfig(deps, { configId, secrets: { token: pos.connect() } });
    expect(await accessToken(deps, configId)).toMatch(/^access-/);
  });

  it('because the connection breaks while it is stored: it is stored over a new one, and nothing is lost', async () => {
    const configId = await connect();
    for (const statement of [/^update integration_access_tokens/, /^commit/]) {
      const before = await accessToken(deps, configId);
      pos.expireAll();
      failing = statement;
      failures = 1;
      const token = await accessToken(deps, configId, { refused: before });
      expect(failures).toBe(0);
      failing = null;
      expect(await accessToken(processOver(deps.database), configId)).toBe(token);
    }
    expect(pos.asked).toHaveLength(3);
  });

  it('because the database ends the connections while the POS answers: it is stored over new ones', async () => {
    const configId = await connect();
    pos.answer('hang');
    const cut = await openAgain(url, { max: 4, applicationName: 'cut off' });
    const renewed = accessToken(processOver(cut), configId);
    await until('the renewal', () => pos.asked.length === 1);
    await deps.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cut off'`,
    );
    pos.release();
    expect(await renewed).toBe(await accessToken(deps, configId));
    expect(pos.asked).toHaveLength(1);
  });

  it('because its process is killed: whoever renews next finds the trace of it, and says what to do', async () => {
    const configId = await connect();
    pos.answer('hang');
    const child = fork(join(import.meta.dirname, 'support/token-process.ts'), [url, configId, encryptionKey]);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await until('the renewal of the other process', () => pos.asked.length === 1);
    child.kill('SIGKILL');
    await exited;
    // The POS has used up the token meanwhile.
    pos.release();
    const lost: unknown = await accessToken(deps, configId).catch((error: unknown) => error);
    expect(lost).toMatchObject({ code: 'token_refresh_lost', hint: expect.stringContaining('Connect the POS again') });
    expect(pos.asked).toHaveLength(2);
  });
});

describe('tokens at rest', () => {
  it('are ciphertexts that belong to the config which holds the credentials', async () => {
    const configId = await connect();
    const token = await accessToken(deps, configId);
    const { rows } = await deps.database.query('select * from integration_access_tokens where config_id = $1', [
      configId,
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/access-\d|refresh-\d|grant-\d/);
    const [row] = rows as { access_encrypted: string }[];
    expect(await deps.vault.decrypt(configId, 'access_token', row?.access_encrypted ?? '')).toBe(token);
    const { rows: attempts } = await deps.database.query(
      'select from integration_token_attempts where config_id = $1',
      [configId],
    );
    expect(attempts).toEqual([]);
  });

  it('a token may come from another origin, and no other request may go there', async () => {
    const elsewhere = await startFakeOAuth({});
    const own = withTokens(deps, { tokenOrigin: elsewhere.url });
    const configId = await connect();
    await setConfig(own, { configId, secrets: { token: elsewhere.connect() } });
    expect(await accessToken(own, configId)).toMatch(/^access-/);
    expect(elsewhere.asked).toHaveLength(1);
    const signal = new AbortController().signal;
    const { http } = await openFetch(own, await resolveConfig(own, configId), { signal });
    const stray = [http.get(`${elsewhere.url}/token`), http.post(`${elsewhere.url}/other`, { form: { a: 'b' } })];
    for (const request of stray) await expect(request).rejects.toMatchObject({ code: 'origin_refused', retry: 'no' });
    expect(elsewhere.fetched).toEqual([]);
    await http.close();
    await elsewhere.stop();
  });
});
