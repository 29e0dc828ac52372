// Builds src/web into dist/web, unless what lies there was built from these very sources.
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const outDir = join(root, 'dist', 'web');
const mark = 'built-from';

/** A hash of all that the pages are made of: their sources, the packages' versions and this script. */
function sourcesHash(): string {
  const hash = createHash('sha256');
  const files = globSync('src/web/**/*', { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of [...files, join(root, 'package-lock.json'), join(root, 'scripts', 'build-web.ts')].sort()) {
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/** Builds where needed; returns whether it did. */
async function buildWeb(): Promise<boolean> {
  const hash = sourcesHash();
  if (isBuiltFrom(hash)) return false;
  const made = join(root, 'dist', `building-${process.pid}`);
  // Whatever this machine is set to: what ships is the small and fast form of every library.
  process.env.NODE_ENV = 'production';
  const { build } = await import('vite');
  const { default: react } = await import('@vitejs/plugin-react');
  await build({
    configFile: false,
    root: join(root, 'src', 'web'),
    logLevel: 'error',
    plugins: [react()],
    // The server puts a number used once in its place in every answer.
    html: { cspNonce: '__NONCE__' },
    build: {
      outDir: made,
      emptyOutDir: true,
      // Data in a URL would need a hole in the content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 700,
      // Three files and the page's own, instead of thirty: each is a request, and a module to link.
      rolldownOptions: {
        output: {
          codeSplitting: {
            groups: [
              { name: 'libraries', test: /node_modules/, priority: 2 },
              { name: 'parts', test: /src\/web\//, minShareCount: 2, priority: 1 },
            ],
          },
        },
      },
    },
  });
  writeFileSync(join(made, mark), hash);
  putInPlace(made, hash);
  return true;
}

function isBuiltFrom(hash: string): boolean {
  const file = join(outDir, mark);
  return existsSync(file) && readFileSync(file, 'utf8') === hash;
}

// Several may build at once, as tests do in an empty clone: who comes second leaves what the first one's browsers already load.
function putInPlace(made: string, hash: string): void {
  // Looked at first: what comes there after this is no older build, and is never moved away.
  const isThere = existsSync(outDir);
  if (!isBuiltFrom(hash)) {
    const old = `${made}-old`;
    if (isThere) moveUnless(outDir, old, () => !existsSync(outDir));
    moveUnless(made, outDir, () => isBuiltFrom(hash));
    rmSync(old, { recursive: true, force: true });
  }
  rmSync(made, { recursive: true, force: true });
}

// Another build may do the same between a look and a move.
function moveUnless(from: string, to: string, isNeedless: () => boolean): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!isNeedless()) throw error;
  }
}

if (import.meta.main) {
  try {
    const built = await buildWeb();
    if (built) process.stderr.write('The pages of the web UI are built (dist/web).\n');
  } catch (error) {
    // Without the development packages there is no builder; the server then says that it has no pages.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    process.stderr.write('The pages of the web UI are not built: the development packages are not installed.\n');
  }
}
