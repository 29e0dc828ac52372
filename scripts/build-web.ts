// Builds src/web into dist/web, unless what lies there was built from these very sources.
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const outDir = join(root, 'dist', 'web');
const mark = join(outDir, 'built-from');

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
  if (existsSync(mark) && readFileSync(mark, 'utf8') === hash) return false;
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
      outDir,
      emptyOutDir: true,
      // Data in a URL would need a hole in the content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 700,
    },
  });
  // Last, so that a build that was killed is done again.
  writeFileSync(mark, hash);
  return true;
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
