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

const pure = ['catalog', 'connectors', 'net', 'vault'].map((room) => `src/${room}/**/*.test.ts`);

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 3,
    sequence: { sequencer: SlowestFirst },
    projects: [
      // Rooms without a database and without state: their files share a process, and what they import is loaded once.
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      {
        extends: true,
        test: {
          name: 'rest',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...pure],
          globalSetup: ['test/support/start-cluster.ts'],
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
