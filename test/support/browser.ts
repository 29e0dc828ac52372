// A real browser for stories: the system's Chromium where there is one, else the one that npm brought.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const systemPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
// Nothing that calls home, nothing that draws on a graphics card; a container's root may not use the sandbox.
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Starts it; the caller closes it. */
export async function openBrowser(): Promise<Browser> {
  const own = systemPaths.find((path) => existsSync(path));
  if (own !== undefined) return await chromium.launch({ executablePath: own, args: quiet });
  const { default: packed, inflate } = await import('@sparticuz/chromium');
  const bin = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', 'bin');
  const libraries = await inflate(join(bin, 'al2023.tar.br'));
  return await chromium.launch({
    executablePath: await packed.executablePath(),
    env: {
      PATH: '/usr/bin:/bin',
      HOME: tmpdir(),
      LD_LIBRARY_PATH: join(libraries, 'lib'),
      FONTCONFIG_PATH: join(tmpdir(), 'fonts'),
    },
    // Its preset arguments switch off web security; these are ours.
    args: ['--headless=shell', ...quiet],
  });
}
