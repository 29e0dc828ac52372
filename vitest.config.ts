// How the tests run: on the Node that npm brought, three files at a time (many only wait), over one PostgreSQL that is made for the run.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const ownNode = join(import.meta.dirname, 'node_modules/.bin/node');
if (!('stripTypeScriptTypes' in process.getBuiltinModule('node:module')) && existsSync(ownNode)) {
  // Started by an older Node of the host: run the same command on ours.
  const { status } = spawnSync(ownNode, process.argv.slice(1), { stdio: 'inherit' });
  process.exit(status ?? 1);
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/support/start-cluster.ts'],
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A test that only passes because of what another one left in the environment is no test.
    unstubEnvs: true,
    restoreMocks: true,
  },
});
