// `npm run pos -- <connector>`: the pretend server of a POS as a process of its own, to try a connector by hand or from elsewhere.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StartFake } from '../../src/connectors/connector-fake.ts';

const connectors = join(import.meta.dirname, '../../src/connectors');
const known = readdirSync(connectors, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(connectors, entry.name, 'fake.ts')))
  .map(({ name }) => name);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    products: { type: 'string', default: '425' },
    modifiers: { type: 'string', default: '685' },
    discounts: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
const [name = ''] = positionals;
const sizes = Object.entries(values).map(([key, text]) => [key, Number(text)] as const);
const wrong = sizes.find(([, size]) => !Number.isSafeInteger(size) || size < 0);
if (!known.includes(name) || wrong !== undefined) {
  const fault = wrong === undefined ? `There is no pretend POS '${name}'` : `--${wrong[0]} must be a whole number`;
  process.stderr.write(
    `${fault}. Nothing was started.\nUsage: npm run pos -- <${known.join('|')}> [--products 425] …\n`,
  );
  process.exit(2);
}
const { startFake } = (await import(join(connectors, name, 'fake.ts'))) as { startFake: StartFake };
const [products = 0, modifiers = 0, discounts = 0, seed = 1] = sizes.map(([, size]) => size);
const pos = await startFake({ products, modifiers, discounts, seed });
// One line, for programs: where it listens, and the whole config that reads it.
process.stdout.write(`${JSON.stringify({ url: pos.url, ...pos.settings, keys: pos.expectedKeys().length })}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void pos.stop());
