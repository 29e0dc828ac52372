// Key rotation under everything that can go wrong with it: processes killed in the middle, and people who change secrets.
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KeyFile, openKeyFile } from '../../src/db/embedded/open-key-file.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { setConfig } from '../../src/sync/set-config.ts';
import { retireKey } from '../../src/sync/vault/retire-key.ts';
import { rotateKeys } from '../../src/sync/vault/rotate-keys.ts';
import { vaultStatus } from '../../src/sync/vault/vault-status.ts';
import { openVault, type Vault } from '../../src/vault/open-vault.ts';
import { openEngine } from '../support/engine.ts';

const children = new Set<ChildProcess>();
const folders: string[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tillsync-keys-'));
  folders.push(folder);
  return folder;
}

const compiled = newFolder();

interface Stage {
  deps: Deps & { url: string };
  folder: string;
  keyFile: KeyFile;
  vault: Vault;
}

async function openStage(): Promise<Stage> {
  const folder = newFolder();
  const keyFile = openKeyFile(folder);
  const vault = openVault(() => keyFile.read());
  return { deps: await openEngine({ deps: { vault } }), folder, keyFile, vault };
}

/** Configs of one connector with a secret each; returns id → secret. */
async function addConfigs({ deps, vault }: Stage, count: number): Promise<Map<string, string>> {
  const secrets = new Map<string, string>();
  for (let at = 0; at < count; at += 1_000) {
    const ids = Array.from({ length: Math.min(1_000, count - at) }, () => randomUUID());
    for (const id of ids) secrets.set(id, `canary-${id}`);
    const sealed = await Promise.all(ids.map((id) => vault.encrypt(id, 'api_key', secrets.get(id)!)));
    await deps.database.query(
      `insert into integration_source_configs (id, config_name, connector_id, credentials_encrypted)
       select id, 'config ' || id, 'qu', jsonb_build_object('api_key', sealed) from unnest($1::uuid[], $2::text[]) as n(id, sealed)`,
      [ids, sealed],
    );
  }
  return secrets;
}

/** One secret in each of the other places. */
async function addOthers({ deps, vault }: Stage, configId: string): Promise<void> {
  const { database } = deps;
  const [endpoint, user] = [randomUUID(), randomUUID()];
  const seal = (id: string, field: string) => vault.encrypt(id, field, `canary-${field}`);
  await database.query(
    `insert into integration_webhook_endpoints (id, connector_id, secrets_encrypted) values ($1, 'square', $2)`,
    [endpoint, JSON.stringify({ signature_key: await seal(endpoint, 'signature_key') })],
  );
  await database.query(
    `insert into integration_access_tokens (config_id, origin, grant_encrypted, access_encrypted) values ($1, 'https://pos.example', $2, $3)`,
    [configId, await seal(configId, 'token_grant'), await seal(configId, 'access_token')],
  );
  await database.query(
    `insert into integration_token_attempts (config_id, origin, started_at, grant_encrypted) values ($1, 'https://pos.example', now(), $2)`,
    [configId, await seal(configId, 'token_grant')],
  );
  await database.query(
    `insert into integration_users (id, email, name, totp_encrypted) values ($1, 'ada@example.com', 'Ada', $2)`,
    [user, await seal(user, 'totp')],
  );
}

function startChild({ deps, folder }: Stage): ChildProcess {
  // Fifty of them: the second finds its code compiled.
  const env = { NODE_COMPILE_CACHE: compiled, ...process.env };
  const child = fork(join(import.meta.dirname, 'rotation-process.ts'), [deps.url, folder], { stdio: 'pipe', env });
  children.add(child);
  return child;
}

const sealedTexts = `select credentials_encrypted::text as text from integration_source_configs
  union all select secrets_encrypted::text from integration_webhook_endpoints
  union all select concat_ws(' ', grant_encrypted, access_encrypted, refresh_encrypted) from integration_access_tokens
  union all select grant_encrypted from integration_token_attempts union all select totp_encrypted from integration_users`;

describe('S39: a rotation of 10,000 credentials', () => {
  let stage: Stage;
  let secrets: Map<string, string>;
  let oldKey: string;
  beforeAll(async () => {
    stage = await openStage();
    secrets = await addConfigs(stage, 10_000);
    await addOthers(stage, [...secrets.keys()][0]!);
    oldKey = (await stage.vault.keyIds()).active;
  }, 300_000);

  test('S39: killed 50 times while people change secrets loses none, shows none, and ends under the new key', async () => {
    const { deps, vault, keyFile, folder } = stage;
    const ids = [...secrets.keys()];
    let isOver = false;
    let changed = 0;
    const people = (async () => {
      for (let at = 0; !isOver; at = (at + 7_919) % ids.length) {
        const value = `changed-${randomUUID()}`;
        await setConfig(deps, { configId: ids[at]!, secrets: { api_key: value } });
        secrets.set(ids[at]!, value);
        changed += 1;
        // What is set while it rotates can be read at once, whichever key wrote it.
        const { rows } = await deps.database.query<{ sealed: string }>(
          `select credentials_encrypted ->> 'api_key' as sealed from integration_source_configs where id = $1`,
          [ids[at]],
        );
        expect(await vault.decrypt(ids[at]!, 'api_key', rows[0]!.sealed)).toBe(value);
      }
    })();
    let kills = 0;
    // Real processes and real SIGKILLs; the next one is started while the one before works.
    let next = startChild(stage);
    for (; kills < 50; kills += 1) {
      const child = next;
      next = startChild(stage);
      const exited = once(child, 'exit');
      // From the first statement on to within the third batch; every other one when the statement is on its way.
      child.send({ statement: 1 + ((kills * 5) % 13), isSent: kills % 2 === 1 });
      expect(await exited).toEqual([null, 'SIGKILL']);
      children.delete(child);
    }
    const left = await vaultStatus(deps);
    expect(left.secrets.some(({ key_id, secrets: count }) => key_id === oldKey && count > 100)).toBe(true);
    await expect(retireKey(deps, { keyId: oldKey, keyFile, requestedBy: 'test' })).rejects.toMatchObject({
      code: 'encryption_key_in_use',
    });
    const exited = once(next, 'exit');
    next.send({ statement: -1, isSent: false });
    expect(await exited).toEqual([0, null]);
    isOver = true;
    await people;
    expect(changed).toBeGreaterThan(50);

    const { active, known } = await vault.keyIds();
    expect(active).not.toBe(oldKey);
    // However often it was killed, one key was made.
    expect([...known].sort()).toEqual([oldKey, active].sort());
    expect((await vaultStatus(deps)).secrets).toEqual([
      { place: 'access_tokens', key_id: active, secrets: 2 },
      { place: 'credentials', key_id: active, secrets: 10_000 },
      { place: 'second_factors', key_id: active, secrets: 1 },
      { place: 'token_attempts', key_id: active, secrets: 1 },
      { place: 'webhook_secrets', key_id: active, secrets: 1 },
    ]);
    const { rows } = await deps.database.query<{ id: string; sealed: string }>(
      `select id, credentials_encrypted ->> 'api_key' as sealed from integration_source_configs`,
    );
    for (const { id, sealed } of rows) expect(await vault.decrypt(id, 'api_key', sealed)).toBe(secrets.get(id));
    const all = await deps.database.query<{ text: string }>(sealedTexts);
    for (const { text } of all.rows) expect(text).not.toMatch(/canary|changed-/);
    expect(readdirSync(folder)).toEqual(['encryption.key']);
    expect(statSync(join(folder, 'encryption.key')).mode & 0o777).toBe(0o600);
  }, 300_000);

  test('S39: then lets the old key go, and everything opens without it', async () => {
    const { deps, vault, keyFile, folder } = stage;
    const { active } = await vault.keyIds();
    await expect(retireKey(deps, { keyId: active, keyFile, requestedBy: 'test' })).rejects.toMatchObject({
      code: 'encryption_key_active',
    });
    expect(await retireKey(deps, { keyId: oldKey, keyFile, requestedBy: 'test' })).toEqual({
      key_id: oldKey,
      removed: true,
    });
    expect(readFileSync(join(folder, 'encryption.key'), 'utf8').trim().split('\n')).toHaveLength(1);
    const [id, secret] = [...secrets][4_711]!;
    const { rows } = await deps.database.query<{ sealed: string }>(
      `select credentials_encrypted ->> 'api_key' as sealed from integration_source_configs where id = $1`,
      [id],
    );
    const only = openVault({ active: openKeyFile(folder).read().active });
    expect(await only.decrypt(id, 'api_key', rows[0]!.sealed)).toBe(secret);
    await expect(retireKey(deps, { keyId: oldKey, keyFile, requestedBy: 'test' })).rejects.toMatchObject({
      code: 'encryption_key_not_known',
    });
    const { rows: audit } = await deps.database.query<{ action: string; actor: string }>(
      `select distinct action, actor from integration_audit_log where action like 'vault.%' order by action`,
    );
    expect(audit.map(({ action }) => action)).toEqual(['vault.key_added', 'vault.key_retired', 'vault.rotated']);
  });
});

describe('a rotation', () => {
  const [first, second] = [0, 1].map(() => randomBytes(32).toString('base64')) as [string, string];

  test('to a key of the settings moves everything, and says which secrets no key opens', async () => {
    const deps = await openEngine({ deps: { vault: openVault({ active: first }) } });
    const stage = { deps, vault: deps.vault, folder: '', keyFile: openKeyFile(newFolder()) };
    const secrets = await addConfigs(stage, 3);
    const [lost, damaged, whole] = [...secrets.keys()] as [string, string, string];
    const foreign = await openVault({ active: randomBytes(32).toString('base64') }).encrypt(lost, 'api_key', 'x');
    const put = `update integration_source_configs set credentials_encrypted = jsonb_build_object('api_key', $2::text) where id = $1`;
    await deps.database.query(put, [lost, foreign]);
    await deps.database.query(put, [damaged, 'no ciphertext']);
    const rotated = { ...deps, vault: openVault({ active: second, others: [first] }) };
    const report = await rotateKeys(rotated, { keyFile: null, requestedBy: 'test' });
    expect(report).toMatchObject({ made_key: false, moved: 1, left: 0 });
    expect(report.unreadable.map(({ owner, reason }) => [owner, reason]).sort()).toEqual(
      [
        [lost, 'encryption_key_unknown'],
        [damaged, 'credential_unreadable'],
      ].sort(),
    );
    const status = await vaultStatus(rotated);
    expect(status).toMatchObject({ damaged: 1, missing_keys: [{ secrets: 1, configs: [`config ${lost}`] }] });
    expect(status.idle_keys).toHaveLength(1);
    const { rows } = await deps.database.query<{ sealed: string }>(
      `select credentials_encrypted ->> 'api_key' as sealed from integration_source_configs where id = $1`,
      [whole],
    );
    expect(await openVault({ active: second }).decrypt(whole, 'api_key', rows[0]!.sealed)).toBe(secrets.get(whole));
  });

  test('never writes over a secret that was changed since it was read, nor waits for one that is held', async () => {
    const stage = await openStage();
    const { deps, keyFile, vault } = stage;
    const [id] = [...(await addConfigs(stage, 1)).keys()] as [string];
    let rotating: ReturnType<typeof rotateKeys> | undefined;
    await deps.database.transaction(async (q) => {
      await q.query('select from integration_source_configs where id = $1 for update', [id]);
      let firstPass: () => void = () => undefined;
      const passed = new Promise<void>((resolve) => {
        firstPass = resolve;
      });
      rotating = rotateKeys(deps, { keyFile, requestedBy: 'test', onBatch: () => firstPass() });
      await passed;
      const sealed = await vault.encrypt(id, 'api_key', 'set meanwhile');
      await q.query(`update integration_source_configs set credentials_encrypted = $2 where id = $1`, [
        id,
        JSON.stringify({ api_key: sealed }),
      ]);
    });
    expect(await rotating).toMatchObject({ made_key: true, moved: 0, left: 0, unreadable: [] });
    const { rows } = await deps.database.query<{ sealed: string }>(
      `select credentials_encrypted ->> 'api_key' as sealed from integration_source_configs`,
    );
    expect(await vault.decrypt(id, 'api_key', rows[0]!.sealed)).toBe('set meanwhile');
  });

  test('is seen by a process that runs on: it reads what the new key wrote, and writes with it', async () => {
    const stage = await openStage();
    const { deps, folder } = stage;
    const running = stage.vault;
    const [id] = [...(await addConfigs(stage, 1)).keys()] as [string];
    const other = openKeyFile(folder);
    await rotateKeys({ ...deps, vault: openVault(() => other.read()) }, { keyFile: other, requestedBy: 'test' });
    const { rows } = await deps.database.query<{ sealed: string }>(
      `select credentials_encrypted ->> 'api_key' as sealed from integration_source_configs`,
    );
    expect(await running.decrypt(id, 'api_key', rows[0]!.sealed)).toBe(`canary-${id}`);
    expect((await running.encrypt(id, 'api_key', 'x')).split('.')[1]).toBe(rows[0]!.sealed.split('.')[1]);
  });
});
