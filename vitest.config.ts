// How the tests run: on the Node that npm brought, three files at a time (many only wait), over one PostgreSQL that is made for the run.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { SlowestFirst } from './test/support/slowest-first.ts';

const ownNode = join(import.meta.dirname, 'node_modules/.bin/node');
if (!('stripTypeScriptTypes' in process.getBuiltinModule('node:module')) && existsSync(ownNode)) {
  // Started by an older Node of the host: run the same command on ours.
  const { status } = spawnSync(ownNode, process.argv.slice(1), { stdio: 'inherit' });
  process.exit(status ?? 1);
}

// What they measure is the memory of a process, which others would have filled.
const alone = [
  'test/adopt/adopt-million.story.test.ts',
  'test/import-memory.story.test.ts',
  'src/records/payloads/payloads.test.ts',
  'src/sync/draft/keys/text-index.test.ts',
];
const pure = ['catalog', 'connectors', 'net', 'vault'].map((room) => `src/${room}/**/*.test.ts`);

const globalSetup = ['test/support/start-cluster.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 3,
    sequence: { sequencer: SlowestFirst },
    setupFiles: ['test/support/each-file.ts'],
    // Files share a process, one after another: what they import is loaded once, and stays compiled (0.4 s of a core for each).
    isolate: false,
    projects: [
      { extends: true, test: { name: 'alone', include: alone, isolate: true, globalSetup } },
      // Rooms without a database.
      { extends: true, test: { name: 'pure', include: pure } },
      {
        extends: true,
        test: {
          name: 'rest',
          // What many files leave behind is little, but each new file would have the collector look through all of it again.
          execArgv: ['--initial-old-space-size=1024'],
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...alone, ...pure],
          globalSetup,
        },
      },
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A test that only passes because of what another one left in the environment is no test.
    unstubEnvs: true,
    restoreMocks: true,
  },
});
