// `npm run soak -- --minutes 30 [--seed 7]`: faults without end until the time is over, and then the checker over all of history.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  process.stderr.write('Usage: npm run soak -- --minutes <number> [--seed <whole number>]\n');
  process.exit(2);
}
process.stdout.write(`soak: ${minutes} minutes, seed ${seed}\n`);
const vitest = await startVitest('test', [], {
  config: false,
  watch: false,
  root: join(import.meta.dirname, '../..'),
  include: ['test/soak/*.soak.ts'],
  globalSetup: ['test/support/start-cluster.ts'],
  pool: 'forks',
  maxWorkers: 2,
  testTimeout: 0,
  hookTimeout: 120_000,
  env: { TILLSYNC_SOAK_MINUTES: String(minutes), TILLSYNC_SOAK_SEED: String(seed) },
});
await vitest.close();
const failed = vitest.state.getCountOfFailedTests() + vitest.state.getUnhandledErrors().length;
if (failed > 0) process.stdout.write(`again with: npm run soak -- --minutes ${minutes} --seed ${seed}\n`);
process.exitCode = failed === 0 && vitest.state.getFiles().length > 0 ? 0 : 1;
