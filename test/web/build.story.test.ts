// The pages are built by whoever needs them first, several at once in an empty clone: what one put in place the others leave.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test('of three builds at once the first one’s files stay, and nothing else is left', async () => {
  const clone = mkdtempSync(join(tmpdir(), 'tillsync-build-'));
  try {
    for (const part of ['src', 'scripts/build-web.ts', 'package.json', 'package-lock.json', 'tsconfig.json']) {
      cpSync(join(root, part), join(clone, part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
    const builds = [1, 2, 3].map(() => spawn(process.execPath, [join(clone, 'scripts/build-web.ts')]));
    let running = builds.length;
    const ends = builds.map(async (build) => {
      const [code] = await once(build, 'exit');
      running--;
      return code as number;
    });
    const seen = new Set<number | undefined>();
    while (running > 0) {
      const page = statSync(join(clone, 'dist/web/index.html'), { throwIfNoEntry: false })?.ino;
      // Before the first one is done there is nothing.
      if (page !== undefined || seen.size > 0) seen.add(page);
      await pause(1);
    }
    expect(await Promise.all(ends)).toEqual([0, 0, 0]);
    expect([...seen]).toEqual([statSync(join(clone, 'dist/web/index.html')).ino]);
    expect(readdirSync(join(clone, 'dist'))).toEqual(['web']);
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
});
