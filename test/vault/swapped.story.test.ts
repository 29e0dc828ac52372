// Somebody who may write to the database swaps or damages ciphertexts: no secret opens in another place, and no POS is asked.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Deps } from '../../src/sync/deps.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { openEngine, syncNow } from '../support/engine.ts';

let server: Server;
let url = '';
let asked = 0;
let deps: Deps;
beforeAll(async () => {
  server = createServer((_request, response) => {
    asked += 1;
    response.end('{"menuItems": [], "modifiers": [], "discounts": []}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  deps = await openEngine();
});
beforeEach(() => {
  asked = 0;
});
afterAll(() => void server.close());

async function add(establishment: string): Promise<string> {
  const { id } = await addConfig(deps, {
    connectorId: 'qu',
    name: `QU ${establishment}`,
    params: { brand: 'acme', establishment, base_url: url, auth: 'basic' },
    secrets: { username: `user-${establishment}`, password: `password-${establishment}` },
  });
  return id;
}

async function expectRefused(configId: string): Promise<void> {
  const run = await syncNow(deps, configId);
  expect(run).toMatchObject({ status: 'failed', error: { code: 'credential_unreadable' } });
  expect(asked).toBe(0);
}

test('S37: ciphertexts that change places between two configs open in neither', async () => {
  const [one, other] = [await add('1'), await add('2')];
  await deps.database.query(
    `update integration_source_configs c set credentials_encrypted = o.credentials_encrypted
       from integration_source_configs o where c.id in ($1, $2) and o.id in ($1, $2) and o.id <> c.id`,
    [one, other],
  );
  await expectRefused(one);
  await expectRefused(other);
});

test('S37: nor do two that change places within one config', async () => {
  const id = await add('3');
  await deps.database.query(
    `update integration_source_configs set credentials_encrypted = jsonb_build_object(
       'username', credentials_encrypted -> 'password', 'password', credentials_encrypted -> 'username') where id = $1`,
    [id],
  );
  await expectRefused(id);
});

test('S37: nor does one of which any byte was changed', async () => {
  const id = await add('4');
  const { rows } = await deps.database.query<{ sealed: string }>(
    `select credentials_encrypted ->> 'password' as sealed from integration_source_configs where id = $1`,
    [id],
  );
  const [version, key, nonce, text] = rows[0]!.sealed.split('.') as [string, string, string, string];
  const flip = (part: string, at: number) => {
    const bytes = Buffer.from(part, 'base64url');
    bytes[at]! ^= 1;
    return bytes.toString('base64url');
  };
  const nonces = Array.from({ length: 12 }, (_, at) => [version, key, flip(nonce, at), text].join('.'));
  const texts = Array.from({ length: Buffer.from(text, 'base64url').length }, (_, at) =>
    [version, key, nonce, flip(text, at)].join('.'),
  );
  for (const changed of [...nonces, ...texts]) {
    await expect(deps.vault.decrypt(id, 'password', changed)).rejects.toMatchObject({ code: 'credential_unreadable' });
  }
  await deps.database.query(
    `update integration_source_configs set credentials_encrypted = credentials_encrypted || jsonb_build_object('password', $2::text)
      where id = $1`,
    [id, texts[3]],
  );
  await expectRefused(id);
});
