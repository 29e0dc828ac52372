// A real browser for tests: the system's Chromium where there is one, else the one that npm brought.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { withFolderLock } from '../../src/db/embedded/host/folder-lock.ts';
import { inMemory, quickPlace } from './quick-place.ts';

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
  '--disable-software-rasterizer',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

// Playwright has a browser keep what its processes share in files on a disk, for containers whose shared memory is small. Each
// picture that is painted is such a file.
const sharedMemory = quickPlace() === inMemory ? { ignoreDefaultArgs: ['--disable-dev-shm-usage'] } : {};

/** Starts a browser without a window; CHROME_PATH names another one. Close it after the test file. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROME_PATH ?? ofTheSystem.find((path) => existsSync(path));
  if (executablePath !== undefined) return await chromium.launch({ executablePath, ...sharedMemory, args: flags });
  const { program, libraries } = await unpack();
  return await chromium.launch({
    executablePath: program,
    ...sharedMemory,
    args: ['--headless=shell', ...flags],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(libraries, 'lib'),
      FONTCONFIG_PATH: join(tmpdir(), 'fonts'),
      HOME: process.env.HOME ?? tmpdir(),
    },
  });
}

/** One story at a time: to the others, a browser that is still being unpacked looks like one that is there. */
function unpack(): Promise<{ program: string; libraries: string }> {
  return withFolderLock(join(tmpdir(), 'chromium'), async () => {
    const { default: packed, inflate } = await import('@sparticuz/chromium');
    const folder = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', 'bin');
    const libraries = await inflate(join(folder, 'al2023.tar.br'));
    return { program: await packed.executablePath(), libraries };
  });
}
