// The command as a person starts it: bin/tillsync on any host Node, through links, with its signals and exit codes.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runningPostmaster } from '../src/db/embedded/postmaster.ts';
import { freshDataFolder, isRoot } from './support/data-folder.ts';

const root = join(import.meta.dirname, '..');
const launcher = join(root, 'bin/tillsync');

function run(file: string, words: string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(file, words, { encoding: 'utf8', env: { ...process.env, ...env } });
  return { status, stdout, stderr };
}

/** A checkout with nothing installed, and on PATH a Node that says it is `version` (null = no Node at all). */
async function bareCheckout(version: string | null): Promise<{ launcher: string; path: string }> {
  const folder = await freshDataFolder();
  for (const name of ['bin', 'scripts', 'node_modules/pg', 'path']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['bin/tillsync', 'scripts/require-node.cjs']) copyFileSync(join(root, name), join(folder, name));
  // An older Node is played by ours: what it says about itself is changed before it runs the script.
  const older = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
  writeFileSync(join(folder, 'older.cjs'), older);
  if (version !== null) {
    const node = join(folder, 'path/node');
    writeFileSync(node, `#!/bin/sh\nexec '${process.execPath}' --require '${folder}/older.cjs' "$@"\n`);
    chmodSync(node, 0o755);
  }
  for (const tool of ['sh', 'dirname', 'readlink']) {
    const found = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
    symlinkSync(found, join(folder, 'path', tool));
  }
  return { launcher: join(folder, 'bin/tillsync'), path: join(folder, 'path') };
}

test('it answers through a link from elsewhere, and hands on words and exit code', async () => {
  const folder = await freshDataFolder();
  symlinkSync(launcher, join(folder, 'first'));
  symlinkSync('first', join(folder, 'second'));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(run(join(folder, 'second'), ['--version'])).toMatchObject({ status: 0, stdout: `${version}\n` });
  expect(run(join(folder, 'second'), ['no such verb']).status).toBe(2);
});

test.each([
  ['20.20.2', 'tillsync needs Node 22.18 or later, and this is 20.20.2: run `npm ci`'],
  ['22.17.9', 'tillsync needs Node 22.18 or later, and this is 22.17.9: run `npm ci`'],
  [null, 'tillsync needs Node 22.18 or later, and there is none: run `npm ci`'],
])('without a Node of its own and with the host at %s it says one sentence', async (version, sentence) => {
  const bare = await bareCheckout(version);
  const { status, stderr } = run(bare.launcher, ['verify'], { PATH: bare.path });
  expect({ status, lines: stderr.trim().split('\n') }).toEqual({
    status: 2,
    lines: [expect.stringContaining(sentence)],
  });
});

test('compiled code is kept with the packages by their owner, or where the environment says', async () => {
  const bare = await bareCheckout('24.0.0');
  const packages = join(bare.launcher, '../../node_modules');
  mkdirSync(join(packages, '.bin'));
  writeFileSync(join(packages, '.bin/node'), '#!/bin/sh\nprintf %s "$NODE_COMPILE_CACHE"\n', { mode: 0o755 });
  const keptIn = (env: NodeJS.ProcessEnv) => run(bare.launcher, ['verify'], env).stdout;
  expect(keptIn({ NODE_COMPILE_CACHE: undefined })).toBe(join(packages, '.cache/node'));
  expect(keptIn({ NODE_COMPILE_CACHE: '/elsewhere' })).toBe('/elsewhere');
  expect(keptIn({ NODE_COMPILE_CACHE: '' })).toBe('');
  // Only root can make folders of somebody else's.
  if (isRoot) chownSync(packages, 12_345, 12_345);
  expect(keptIn({ NODE_COMPILE_CACHE: undefined })).toBe(isRoot ? '' : join(packages, '.cache/node'));
});

test('the young generation is kept small, unless the environment says how large it is', async () => {
  const bare = await bareCheckout('24.0.0');
  const packages = join(bare.launcher, '../../node_modules');
  mkdirSync(join(packages, '.bin'));
  writeFileSync(join(packages, '.bin/node'), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
  const words = (env: NodeJS.ProcessEnv) => run(bare.launcher, ['verify', '--json'], env).stdout.trim().split('\n');
  const main = expect.stringMatching(/src\/cli\/main\.ts$/);
  expect(words({ NODE_OPTIONS: undefined })).toEqual(['--max-semi-space-size=8', main, 'verify', '--json']);
  expect(words({ NODE_OPTIONS: '--no-warnings' })[0]).toBe('--max-semi-space-size=8');
  expect(words({ NODE_OPTIONS: '--max-semi-space-size=64' })).toEqual([main, 'verify', '--json']);
});

test('before an install it says so', async () => {
  const folder = await freshDataFolder();
  mkdirSync(join(folder, 'scripts'));
  copyFileSync(join(root, 'scripts/require-node.cjs'), join(folder, 'scripts/require-node.cjs'));
  const { status, stderr } = run(process.execPath, [join(folder, 'scripts/require-node.cjs')]);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: 'tillsync is not installed yet: run `npm ci` in its folder.\n',
  });
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends `tillsync start` and its PostgreSQL cleanly', async (signal) => {
  const dataDir = await freshDataFolder();
  const child = spawn(launcher, ['start', '--port', '0', '--data-dir', dataDir, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DATABASE_URL: '' },
  });
  await once(child.stdout, 'data');
  expect(runningPostmaster(join(dataDir, 'postgres'))).not.toBeNull();
  child.kill(signal);
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(runningPostmaster(join(dataDir, 'postgres'))).toBeNull();
  expect(readFileSync(join(dataDir, 'postgres.log'), 'utf8')).toContain('database system is shut down');
});
