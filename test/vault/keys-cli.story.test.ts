// The encryption key and secrets at the command: what start-up refuses, how secrets come in, and a rotation by hand.
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { openCli } from '../support/run-cli.ts';

const randomKey = () => randomBytes(32).toString('base64');
const add = ['configs', 'add', '--connector', 'qu', '--name', 'QU POS', '--param', 'auth=api_key'];

describe('S38: the server and the worker', () => {
  test.each([
    ['none', {}, 'encryption_key_missing'],
    ['a short one', { TILLSYNC_ENCRYPTION_KEY: randomBytes(16).toString('base64') }, 'encryption_key_invalid'],
    ['one that is no key text', { TILLSYNC_ENCRYPTION_KEY: 'correct horse battery' }, 'encryption_key_invalid'],
    ['an example', { TILLSYNC_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') }, 'encryption_key_invalid'],
    [
      'a previous one that is short',
      { TILLSYNC_ENCRYPTION_KEY: randomKey(), TILLSYNC_ENCRYPTION_KEY_PREVIOUS: `${randomKey()}, abcd` },
      'encryption_key_invalid',
    ],
  ] as const)('do not start with a key such as %s', async (_, env, code) => {
    const { url } = await freshDatabase();
    const cli = openCli({ DATABASE_URL: url, ...env });
    for (const verb of ['start', 'worker']) {
      const refused = await cli.json<{ error: { code: string } }>([verb]);
      expect(refused).toMatchObject({ code: 2, answer: { error: { code } } });
    }
  });
});

describe('a rotation by hand', () => {
  test('S39: two keys in the settings: status, rotate, retire; the key file of the settings may hold the list', async () => {
    const { url } = await freshDatabase();
    const [first, second] = [randomKey(), randomKey()];
    const before = openCli({ DATABASE_URL: url, TILLSYNC_ENCRYPTION_KEY: first });
    expect((await before.run([...add, '--secret', 'api_key=-'], 'correct-horse-battery')).code).toBe(0);
    const old = (await before.json<{ active_key: string }>(['vault', 'status'])).answer.active_key;

    const cut = openCli({ DATABASE_URL: url, TILLSYNC_ENCRYPTION_KEY: second });
    const missing = await cut.run(['vault', 'status']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain(`The key ${old} is missing: 1 secret, of “QU POS” cannot be read.`);

    const list = join(cut.folder, 'previous.txt');
    writeFileSync(list, `${randomKey()}\n${first}\n`, { mode: 0o600 });
    const now = openCli({
      DATABASE_URL: url,
      TILLSYNC_ENCRYPTION_KEY: second,
      TILLSYNC_ENCRYPTION_KEY_PREVIOUS_FILE: list,
    });
    const refused = await now.run(['vault', 'retire', old]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('1 stored secrets are still encrypted');
    const rotated = await now.json(['vault', 'rotate']);
    expect(rotated).toMatchObject({ code: 0, answer: { made_key: false, moved: 1, unreadable: [], left: 0 } });
    const status = await now.run(['vault', 'status']);
    expect(status.stdout).toMatch(/^credentials +[0-9a-f]{8} +1$/m);
    const retired = await now.run(['vault', 'retire', old]);
    expect(retired.stderr).toContain('Take it out of TILLSYNC_ENCRYPTION_KEY_PREVIOUS.');
    expect((await cut.run(['vault', 'status'])).code).toBe(0);
  }, 300_000);
});

describe('S58: secrets', () => {
  test('S58: come by stdin or from a file, never by a flag, and are not repeated', async () => {
    const { url } = await freshDatabase();
    const cli = openCli({ DATABASE_URL: url, TILLSYNC_ENCRYPTION_KEY: randomKey() });
    const canary = 'canary-by-a-flag';
    const refused = await cli.run([...add, '--secret', `api_key=${canary}`]);
    expect(refused.code).toBe(2);
    expect(refused.stdout + refused.stderr).not.toContain(canary);
    const file = join(cli.folder, 'key.txt');
    writeFileSync(file, 'canary-from-a-file\n', { mode: 0o600 });
    const added = await cli.run([...add, '--secret', `api_key=@${file}`, '--json']);
    expect(added.code).toBe(0);
    expect(added.stdout + added.stderr).not.toContain('canary-from');
    // No flag of any verb takes a secret's value.
    const help = await Promise.all(
      [['--help'], ['configs', 'add', '--help'], ['hooks', 'add', '--help'], ['start', '--help']].map((words) =>
        cli.run(words),
      ),
    );
    for (const { stdout } of help) {
      expect(stdout).not.toMatch(/--(password|token|api-key|admin-key|encryption-key|secret) <(?!name=from)/);
    }
  }, 300_000);

  test('S58: the key file is 0600, also after somebody opened it to others, and after a rotation', async () => {
    const cli = openCli({ TILLSYNC_LOG_LEVEL: 'silent' });
    const { answer } = await cli.json<{ active_key: string }>(['vault', 'status']);
    const file = join(cli.folder, '.tillsync', 'encryption.key');
    const mode = () => statSync(file).mode & 0o777;
    expect(mode()).toBe(0o600);
    chmodSync(file, 0o644);
    expect((await cli.run([...add, '--secret', 'api_key=-'], 'correct-horse-battery')).code).toBe(0);
    expect(mode()).toBe(0o600);
    const rotated = await cli.json<{ active_key: string }>(['vault', 'rotate']);
    expect(rotated.answer).toMatchObject({ made_key: true, moved: 1 });
    expect(rotated.answer.active_key).not.toBe(answer.active_key);
    expect([mode(), readFileSync(file, 'utf8').trim().split('\n').length]).toEqual([0o600, 2]);
    expect((await cli.run(['vault', 'retire', answer.active_key])).code).toBe(0);
    expect([mode(), readFileSync(file, 'utf8').trim().split('\n').length]).toEqual([0o600, 1]);
    expect((await cli.json(['vault', 'status'])).answer).toMatchObject({ known_keys: [rotated.answer.active_key] });
  }, 300_000);
});
