// The edge functions under the real Deno: the same handlers, the same database, no more permissions than they need.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import type { Deps } from '../src/sync/deps.ts';
import { addQuConfig, openEngine } from './support/engine.ts';

const root = join(import.meta.dirname, '..');
const deno = join(root, 'node_modules/@deno/linux-x64-glibc/deno');
const hasDeno = existsSync(deno);
if (!hasDeno) process.stderr.write('Deno is not installed on this platform: its story is skipped.\n');
const adminKey = 'an-admin-key-of-the-test';

let deps: Deps & { url: string };
let pos: FakeQu;
let cache: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  deps = await openEngine();
  pos = await startFakeQu({ products: 30, modifiers: 40, discounts: 5, repeated: 3 });
  cache = await mkdtemp(join(tmpdir(), 'deno-cache-'));
});
afterAll(async () => {
  for (const child of children) {
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  }
  await pos.stop();
  await rm(cache, { recursive: true, force: true });
});

/** Serves one function on a free port; resolves with its address. */
async function serve(name: string, encryptionKey = randomBytes(32).toString('base64')): Promise<string> {
  // A unix socket is a file that is written to; below /dev, where the test's cluster may lie, Deno lets nobody write.
  const socket = join(cache, 'socket');
  const url = new URL(deps.url);
  if (!existsSync(socket)) await symlink(url.searchParams.get('host') ?? '', socket);
  url.searchParams.set('host', socket);
  const permissions = ['--allow-net', '--allow-env', '--allow-read', '--allow-sys', `--allow-write=${socket}`];
  const entry = join(root, 'supabase/functions', name, 'index.ts');
  const child = spawn(deno, ['run', '--no-prompt', '--cached-only', ...permissions, entry], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      DENO_DIR: cache,
      DENO_NO_UPDATE_CHECK: '1',
      DENO_SERVE_ADDRESS: 'tcp:127.0.0.1:0',
      NO_COLOR: '1',
      DATABASE_URL: url.href,
      TILLSYNC_ADMIN_KEY: adminKey,
      TILLSYNC_ENCRYPTION_KEY: encryptionKey,
      TILLSYNC_ALLOW_PRIVATE_HOSTS: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let said = '';
  return await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        said += `${line}\n`;
        const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
        if (address !== undefined) resolve(address);
      });
    }
    child.once('exit', (code) => reject(new Error(`Deno ended with ${code}: ${said}`)));
  });
}

async function post(url: string, body: unknown, key = adminKey) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    // A COPY that waits for an answer that never comes would hang for ever.
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, body: (await response.json()) as Record<string, never> };
}

async function stored(sourceId: string): Promise<string> {
  const { rows } = await deps.database.query<{ stored: string }>(
    `select (select count(*) from integration_products where wand_source_id = $1) || ' products, ' ||
            (select count(*) from integration_modifiers where wand_source_id = $1) || ' modifiers, ' ||
            (select count(*) from integration_discounts where wand_source_id = $1) || ' discounts' as stored`,
    [sourceId],
  );
  return rows[0]?.stored ?? '';
}

describe.skipIf(!hasDeno)('under Deno', () => {
  test('save-integration-data saves two kinds of one body, and the same body again changes nothing', async () => {
    const { configId, sourceId } = await addQuConfig(deps, pos.url, { establishment: 'deno-save' });
    const url = `${await serve('save-integration-data')}/save-integration-data`;
    const body = {
      config_id: configId,
      source_id: sourceId,
      formatted_data: {
        products: Array.from({ length: 300 }, (_, i) => ({ id: `p${i}`, name: `Dish ${i}`, price: i / 4 })),
        modifiers: Array.from({ length: 200 }, (_, i) => ({ id: `m${i}`, pathId: `p1/m${i}`, name: `Add-on ${i}` })),
      },
    };
    const first = await post(url, body);
    expect(first).toMatchObject({
      status: 200,
      body: {
        success: true,
        counts: { products: 300, modifiers: 200, discounts: 0, total: 500 },
        changes: { products: { created: 300 }, modifiers: { created: 200 } },
      },
    });
    expect(await stored(sourceId)).toBe('300 products, 200 modifiers, 0 discounts');
    const second = await post(url, body);
    expect(second).toMatchObject({
      status: 200,
      body: {
        changes: {
          products: { created: 0, updated: 0, unchanged: 300, removed: 0 },
          modifiers: { created: 0, updated: 0, unchanged: 200, removed: 0 },
        },
      },
    });
    expect(await stored(sourceId)).toBe('300 products, 200 modifiers, 0 discounts');
    expect(await post(url, body, 'wrong')).toMatchObject({ status: 401, body: { error_code: 'AUTH_ERROR' } });
  });

  test('sync-orchestrator fetches, plans and saves, twice in a row', async () => {
    const { configId, sourceId } = await addQuConfig(deps, pos.url, { establishment: 'deno-sync' });
    const url = `${await serve('sync-orchestrator')}/sync-orchestrator`;
    expect(await post(url, { config_id: configId })).toMatchObject({ status: 200, body: { counts: { total: 75 } } });
    expect(await post(url, { config_id: configId })).toMatchObject({
      status: 200,
      body: { changes: { products: { created: 0, updated: 0, unchanged: 30 } } },
    });
    expect(await stored(sourceId)).toBe('30 products, 40 modifiers, 5 discounts');
  });

  test('O16: wrong settings are told to the log, not to a caller who has shown no key', async () => {
    const url = await serve('fetch-integration-data', 'too short');
    const answer = await post(`${url}/fetch-integration-data`, {}, 'nobody');
    expect(answer).toMatchObject({ status: 503, body: { success: false, error_code: 'SYNC_ERROR' } });
    expect(JSON.stringify(answer.body)).not.toMatch(/encryption|openssl/);
  });
});
