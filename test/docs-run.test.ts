// Runs the code blocks of the documents, in order, against the embedded database in a fresh folder and a pretend POS.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { openDatabase } from '../src/db/database.ts';
import { type Embedded, startEmbedded } from '../src/db/embedded/start-embedded.ts';
import { migrate } from '../src/db/migrate/migrate.ts';
import { installQueue } from '../src/queue/install-queue.ts';
import { expectedPattern, type RunnableBlock, readDocuments, runnableBlocks } from './read-documents.ts';
import { quickPlace } from './support/quick-place.ts';

const root = join(import.meta.dirname, '..');
const runnable = [...readDocuments(root)]
  .map(([path, text]) => ({ path, blocks: runnableBlocks(text) }))
  .filter(({ blocks }) => blocks.length > 0);

let pos: FakeQu;
let migrated: string | undefined;
const folders: string[] = [];
const databases: Embedded[] = [];

beforeAll(async () => {
  pos = await startFakeQu({});
});

afterAll(async () => {
  await pos.stop();
  for (const database of databases) await database.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('the code blocks of', () => {
  test('README.md are among those that run', () => {
    expect(runnable.map(({ path }) => path)).toContain('README.md');
  });

  test.each(runnable)('$path do what they say', { timeout: 180_000 }, async ({ path, blocks }) => {
    const folder = freshFolder();
    // The first document brings up an empty database by its commands; to make one costs a second of the processor for each.
    if (path !== runnable[0]?.path) {
      migrated ??= await migratedFolder();
      copyFolder(migrated, join(folder, '.tillsync'));
    }
    // Each command would start and stop the database by itself; this way it joins one that runs, as beside `tillsync start`.
    databases.push(await startEmbedded({ dataDir: join(folder, '.tillsync') }));
    const { code, output } = await bash(folder, script(blocks));
    expect(code, `${path} stopped with:\n${output}`).toBe(0);
    for (const [index, block] of blocks.entries()) {
      const seen = readFileSync(join(folder, `block-${index}.out`), 'utf8');
      expect(missingIn(seen, block), `${path}, block at line ${block.line}, printed:\n${seen}`).toEqual([]);
    }
  });
});

/** A folder where ./bin/tillsync and the pretend POS's control are the checkout's. */
function freshFolder(): string {
  const folder = mkdtempSync(join(quickPlace(), 'tillsync-docs-'));
  folders.push(folder);
  // Readable for the user that PostgreSQL runs as when the tests run as root.
  chmodSync(folder, 0o755);
  const launcher = `#!/bin/sh\nexec '${join(root, 'bin/tillsync')}' "$@"\n`;
  writeFileSync(join(folder, 'tillsync'), launcher, { mode: 0o755 });
  return folder;
}

/** A data folder with the tables of this version, of which nobody has the database open. */
async function migratedFolder(): Promise<string> {
  const dataDir = join(freshFolder(), '.tillsync');
  const embedded = await startEmbedded({ dataDir });
  const database = await openDatabase({ url: embedded.url, max: 3 });
  try {
    await migrate(database);
    await installQueue(database);
  } finally {
    await database.close();
    await embedded.stop();
  }
  return dataDir;
}

/** With owners and modes: the database's files belong to another user where the tests run as root. */
function copyFolder(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}

/** All blocks as one script, so that variables live on; the output of each goes to its own file. */
function script(blocks: readonly RunnableBlock[]): string {
  const parts = blocks.map(({ commands }, index) => `exec >block-${index}.out 2>&1\n${commands}\n`);
  return `set -e\nmkdir bin && mv tillsync bin/\nexec 3>&2\ntrap 'tail -n 30 block-*.out >&3' ERR\n${parts.join('')}`;
}

function missingIn(seen: string, block: RunnableBlock): string[] {
  let rest = seen;
  return block.expected.filter((expected) => {
    const match = expectedPattern(expected).exec(rest);
    if (match) rest = rest.slice(match.index + match[0].length);
    return match === null;
  });
}

function bash(folder: string, commands: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', commands], { cwd: folder, env: environment() });
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    child.stderr.on('data', (piece: Buffer) => pieces.push(piece));
    child.once('error', reject);
    child.once('exit', (code) => resolve({ code: code ?? 1, output: Buffer.concat(pieces).toString() }));
  });
}

/** What a stranger's shell has, and the address of the POS; nothing of this suite's own settings. */
function environment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(TILLSYNC_|DATABASE_URL|PG)/.test(name));
  return { ...(Object.fromEntries(kept) as Record<string, string>), POS_URL: pos.url, NO_COLOR: '1' };
}
