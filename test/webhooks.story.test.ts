// Webhooks of a POS from the door to the run: only what is proven is noted, once, and a burst becomes one run.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createServerApp } from '../src/api/create-server-app.ts';
import { functionsOptions } from '../src/api/functions/index.ts';
import { listEndpoints } from '../src/records/hooks/webhook-endpoints.ts';
import type { Run } from '../src/records/runs/run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { requestHinted } from '../src/sync/hooks/request-hinted.ts';
import { addEndpoint, removeEndpoint } from '../src/sync/hooks/webhook-endpoints.ts';
import { requestSync } from '../src/sync/request-sync.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { addConfig, setConfig } from '../src/sync/set-config.ts';
import { openStory } from './support/cli-story.ts';
import { openEngine, syncNow } from './support/engine.ts';
import { signedHook, startTillPos, type TillPos, tillConnector } from './support/till-pos.ts';
import { withConnector } from './support/with-connector.ts';

const origin = 'https://sync.example';
const secret = 'a key that only the POS has';
let deps: Deps;
let pos: TillPos;
let configId: string;
let endpoint: { id: string; path: string };
let fetch: (request: Request) => Promise<Response>;
let events = 0;

beforeAll(async () => {
  const engine = await openEngine();
  deps = withConnector(engine, tillConnector);
  pos = await startTillPos();
  const config = await addConfig(deps, {
    connectorId: tillConnector.id,
    name: 'till',
    params: { base_url: pos.url, shop: 'one' },
    secrets: {},
  });
  configId = config.id;
  const app = createServerApp(deps, functionsOptions({ deps, config: { adminKey: null, corsOrigins: [] } }));
  fetch = async (request) => await app.fetch(request);
});
afterAll(() => pos.stop());
beforeEach(async () => {
  endpoint = await addEndpoint(deps, {
    connectorId: tillConnector.id,
    secrets: { signature_key: secret },
    publicOrigin: origin,
    createdBy: 'test',
  });
});

interface Hook {
  shop?: string | undefined;
  event?: string;
  at?: Date;
  secret?: string;
  body?: string;
}

/** Sends a webhook to the endpoint; the POS knows it by its public address, which our proxy does not pass on. */
async function send(hook: Hook = {}): Promise<{ status: number; text: string }> {
  events += 1;
  const { event = `event ${events}`, at = new Date() } = hook;
  const body = hook.body ?? JSON.stringify({ event, shop: 'shop' in hook ? hook.shop : 'one' });
  const signed = signedHook(origin + endpoint.path, { secret: hook.secret ?? secret, at, body });
  const answer = await fetch(
    new Request(`http://10.0.0.1${endpoint.path}`, { ...post(body), headers: signed.headers }),
  );
  return { status: answer.status, text: await answer.text() };
}

const post = (body: string) => ({ method: 'POST', body });

async function counts(): Promise<Record<string, number> | undefined> {
  const found = (await listEndpoints(deps.database)).find(({ id }) => id === endpoint.id);
  return (
    found && { accepted: found.accepted, refused: found.refused, replayed: found.replayed, unknown: found.unknown }
  );
}

/** What a worker finds after the wait: the database's clock is set forward by moving the hint back. */
async function due(limit = 10): Promise<Run[]> {
  await deps.database.query(`update integration_sync_hints set due_at = due_at - interval '90 seconds'`);
  return await requestHinted(deps, { limit });
}

async function hints(): Promise<number> {
  return (await deps.database.query('select from integration_sync_hints')).rowCount;
}

const trigger = ({ trigger: by, requested_by, config_id }: Run) => [by, requested_by, config_id];

describe('a webhook', () => {
  it('that is proven is answered 200 and hints at one run of its config after the wait', async () => {
    expect(await send()).toEqual({ status: 200, text: '{"ok":true}' });
    expect(await requestHinted(deps, { limit: 10 })).toEqual([]);
    const runs = await due();
    expect(runs.map(trigger)).toEqual([['webhook', `hook:${endpoint.id}`, configId]]);
    expect((await runSync(deps, runs[0]?.id ?? '')).status).toBe('success');
    expect([await due(), await hints()]).toEqual([[], 0]);
    expect(await counts()).toEqual({ accepted: 1, refused: 0, replayed: 0, unknown: 0 });
  });

  it('with a bad signature, another body, an old or a future time, or one that cannot be read is answered 401 and counted', async () => {
    const minutes = (count: number) => new Date(Date.now() + count * 60_000);
    const wrong: Hook[] = [
      { secret: 'guess' },
      { at: minutes(-6) },
      { at: minutes(6) },
      { body: 'no json' },
      { body: '{}' },
    ];
    for (const hook of wrong) expect((await send(hook)).status).toBe(401);
    const { headers } = signedHook(origin + endpoint.path, {
      secret,
      at: new Date(),
      body: '{"event":"x","shop":"one"}',
    });
    const changed = { ...post('{"event":"x","shop":"two"}'), headers };
    expect((await fetch(new Request(origin + endpoint.path, changed))).status).toBe(401);
    expect((await fetch(new Request(origin + endpoint.path, post('{}')))).status).toBe(401);
    expect([await counts(), await hints()]).toEqual([{ accepted: 0, refused: 7, replayed: 0, unknown: 0 }, 0]);
  });

  it('that comes again is answered 200 and hints at nothing', async () => {
    for (const event of ['same', 'same', '\u0000 and half a pair \ud800'])
      expect((await send({ event })).status).toBe(200);
    expect(await counts()).toEqual({ accepted: 2, refused: 0, replayed: 1, unknown: 0 });
    const { rows } = await deps.database.query('select hints from integration_sync_hints');
    expect(rows).toEqual([{ hints: 2 }]);
    await deps.database.query('delete from integration_sync_hints');
  });

  it('of an account that nobody reads, or of none, is answered like any other and counted', async () => {
    const known = await send();
    for (const shop of ['stranger', '\u0000', undefined]) expect(await send({ shop })).toEqual(known);
    expect(await counts()).toEqual({ accepted: 4, refused: 0, replayed: 0, unknown: 3 });
    expect(await hints()).toBe(1);
    await deps.database.query('delete from integration_sync_hints');
  });

  it('is checked with the address that the request names, where the endpoint has no other', async () => {
    const secrets = { signature_key: secret };
    const { path } = await addEndpoint(deps, { connectorId: tillConnector.id, secrets, createdBy: 'test' });
    const body = '{"event":"plain"}';
    const status = async (host: string) =>
      (await fetch(signedHook(`${host}${path}?from=pos`, { secret, at: new Date(), body }))).status;
    expect([await status('http://127.0.0.1:4600'), await status('https://sync.example')]).toEqual([200, 200]);
  });

  it('for no endpoint, another connector, another method or with too large a body is refused', async () => {
    const to = async (path: string, init: RequestInit) => (await fetch(new Request(origin + path, init))).status;
    expect(await to(endpoint.path.replace('/till/', '/qu/'), post('{}'))).toBe(404);
    expect(await to('/hooks/till/01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b', post('{}'))).toBe(404);
    expect(await to('/hooks/till/nothing', post('{}'))).toBe(404);
    expect(await to('/hooks/till', post('{}'))).toBe(404);
    expect(await to(endpoint.path, { method: 'GET' })).toBe(405);
    expect(await to(endpoint.path, post('x'.repeat(1_048_577)))).toBe(413);
    await removeEndpoint(deps, endpoint.id);
    expect((await send()).status).toBe(404);
    await expect(removeEndpoint(deps, endpoint.id)).rejects.toMatchObject({ code: 'webhook_endpoint_unknown' });
  });
});

describe('a burst', () => {
  it('of fifty hints is one run, however many workers look', async () => {
    await Promise.all(Array.from({ length: 50 }, () => send()));
    expect(await counts()).toMatchObject({ accepted: 50, unknown: 0 });
    await deps.database.query(`update integration_sync_hints set due_at = due_at - interval '90 seconds'`);
    const found = await Promise.all([1, 2, 3].map(() => requestHinted(deps, { limit: 10 })));
    const runs = found.flat();
    expect(runs).toHaveLength(1);
    await runSync(deps, runs[0]?.id ?? '');
    expect([await due(), await hints()]).toEqual([[], 0]);
  });

  it('during a run makes exactly one more; a run that begins after it, whoever asked, is enough', async () => {
    const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
    pos.onRequest = async () => {
      pos.onRequest = null;
      for (let count = 0; count < 5; count++) await send();
      // While it is active nothing else is asked for.
      expect(await due()).toEqual([]);
    };
    await runSync(deps, run.id);
    const more = await due();
    expect(more).toHaveLength(1);
    await runSync(deps, more[0]?.id ?? '');
    expect([await due(), await hints()]).toEqual([[], 0]);
    await send();
    await syncNow(deps, configId);
    expect([await due(), await hints()]).toEqual([[], 0]);
  });

  it('for a config that was switched off since is dropped', async () => {
    await send();
    await setConfig(deps, { configId, isActive: false });
    expect([await due(), await hints()]).toEqual([[], 0]);
    await setConfig(deps, { configId, isActive: true });
  });
});

describe('the secret of an endpoint', () => {
  it('is asked for by its name, sealed, and shown to nobody', async () => {
    const add = { connectorId: tillConnector.id, createdBy: 'test' };
    const wrong = addEndpoint(deps, { ...add, secrets: { key: 'x' } });
    await expect(wrong).rejects.toMatchObject({ code: 'webhook_secrets_invalid' });
    const path = addEndpoint(deps, { ...add, secrets: { signature_key: 'x' }, publicOrigin: 'https://us.example/x' });
    await expect(path).rejects.toMatchObject({ code: 'webhook_origin_invalid' });
    const { rows } = await deps.database.query<{ text: string }>(
      'select e::text as text from integration_webhook_endpoints e',
    );
    for (const { text } of rows) expect(text).not.toContain(secret);
    const listed = JSON.stringify(await listEndpoints(deps.database));
    expect(listed).not.toContain(secret);
    expect(listed).not.toContain('v1.');
  });

  it('is given on the command line from stdin only; a POS without webhooks is refused', async () => {
    const { cli } = await openStory();
    const refused = await cli.run(['hooks', 'add', 'qu', '--secret', 'key=-'], 'x');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('takes no webhooks')]);
    expect((await cli.json(['hooks', 'list'])).answer).toEqual({ data: [], next: null });
  });
});
