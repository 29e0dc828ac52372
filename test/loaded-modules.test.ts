// What a start of the command reads: each module costs every start, so what a verb does not need is not loaded for it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freshDatabase } from './support/database.ts';

const main = join(import.meta.dirname, '../src/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'tillsync-loaded-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** The files that the command loads for these words, from the top of the checkout on. */
function loadedBy(words: readonly string[], environment: NodeJS.ProcessEnv = {}): string[] {
  const list = join(folder, 'loaded');
  const hook = join(folder, 'hook.mjs');
  writeFileSync(list, '');
  writeFileSync(
    hook,
    `import { appendFileSync } from 'node:fs';
    import { registerHooks } from 'node:module';
    registerHooks({ load: (url, context, next) => (appendFileSync(process.env.LIST, url + '\\n'), next(url, context)) });`,
  );
  const { NODE_COMPILE_CACHE, PATH } = process.env;
  const env = { NODE_COMPILE_CACHE, PATH, HOME: folder, LIST: list, ...environment };
  const ended = spawnSync(process.execPath, ['--import', hook, main, ...words], { cwd: folder, env, encoding: 'utf8' });
  expect(ended).toMatchObject({ status: 0 });
  return [...readFileSync(list, 'utf8').matchAll(/^file:.*?\/((?:src|node_modules)\/.*)$/gm)].map(([, path]) => path!);
}

const packagesOf = (loaded: readonly string[]) =>
  [...new Set(loaded.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []))].sort();

test('help reads the table of verbs, and nothing of the engine', () => {
  const loaded = loadedBy(['--help']);
  expect(packagesOf(loaded)).toEqual(['commander']);
  expect(loaded.filter((path) => /^src\/(?!cli\/)[^/]+\//.test(path))).toEqual([]);
});

test('verbs that ask no connector load none', async () => {
  const { url } = await freshDatabase();
  for (const words of [['runs', 'list'], ['users', 'list'], ['sql', 'select 1'], ['rejects']]) {
    const loaded = loadedBy([...words, '--json'], { DATABASE_URL: url });
    expect(loaded.filter((path) => /^src\/connectors\/[^/]+\//.test(path))).toEqual([]);
  }
});

test('a verb about one kind of POS loads that connector alone, and no recipe', async () => {
  const { url } = await freshDatabase();
  const params = ['brand=acme', 'establishment=17', 'base_url=https://pos.example'].flatMap((each) => [
    '--param',
    each,
  ]);
  const words = ['configs', 'add', '--connector', 'qu', '--name', 'one', ...params];
  const loaded = loadedBy(words, { DATABASE_URL: url });
  const folders = loaded.flatMap((path) => /^src\/connectors\/([^/]+)\//.exec(path)?.[1] ?? []);
  expect([...new Set(folders)]).toEqual(['qu']);
  expect(packagesOf(loaded)).not.toContain('yaml');
});

test('a list reads nothing of servers, queues, workers, adoption and the embedded PostgreSQL', async () => {
  const { url } = await freshDatabase();
  const loaded = loadedBy(['configs', 'list', '--json'], { DATABASE_URL: url });
  expect(loaded).toContain('src/db/database.ts');
  expect(
    packagesOf(loaded).filter((name) =>
      /hono|boss|undici|yaml|croner|prom|otpauth|qrcode|zod|pino|opentelemetry/.test(name),
    ),
  ).toEqual([]);
  expect(
    loaded.filter((path) => /^src\/(api|worker|web|db\/embedded)\/|^src\/db\/adopt\/(?!adoption|is-)/.test(path)),
  ).toEqual([]);
});
