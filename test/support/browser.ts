// A real browser for tests: the system's Chromium where there is one, else the one that npm brought.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const ofTheSystem = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
];

// Nothing here loosens what a page may do: web security stays on.
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Starts a browser without a window; CHROME_PATH names another one. Close it after the test file. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROME_PATH ?? ofTheSystem.find((path) => existsSync(path));
  if (executablePath !== undefined) return await chromium.launch({ executablePath, args: flags });
  const { default: packed, inflate } = await import('@sparticuz/chromium');
  const folder = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', 'bin');
  const libraries = await inflate(join(folder, 'al2023.tar.br'));
  return await chromium.launch({
    executablePath: await packed.executablePath(),
    args: ['--headless=shell', ...flags],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(libraries, 'lib'),
      FONTCONFIG_PATH: join(tmpdir(), 'fonts'),
      HOME: process.env.HOME ?? tmpdir(),
    },
  });
}
