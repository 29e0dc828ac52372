// A newcomer with the demo: from the one command to the third sync's diff in the browser, without reading anything.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runningPostmaster } from '../../src/db/embedded/postmaster.ts';
import { openBrowser } from '../support/browser.ts';
import { freshDataFolder } from '../support/data-folder.ts';

const root = join(import.meta.dirname, '..', '..');
let browser: Browser;
let child: ChildProcess;
let dataDir: string;
/** What it told, and what it showed. */
let told = '';
let shown = '';

beforeAll(async () => {
  execFileSync(process.execPath, [join(root, 'scripts/build-web.ts')]);
  dataDir = await freshDataFolder();
  // As `npm run demo` does, with nothing set.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TILLSYNC_')));
  child = spawn(join(root, 'bin/tillsync'), ['demo', '--data-dir', dataDir], {
    cwd: dataDir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout?.on('data', (piece: Buffer) => {
    shown += String(piece);
  });
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (piece: Buffer) => {
      told += String(piece);
      if (told.includes('Ctrl-C')) resolve();
    });
    child.once('exit', () => reject(new Error(`the demo ended: ${told}`)));
  });
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
});

test('four syncs are as announced: all is created, nothing changes, 20 changes, and an empty menu is held', () => {
  expect(shown).toMatch(/1,120 items checked, 1,120 changes/);
  expect(shown).toMatch(/No changes: 1,120 items checked/);
  expect(shown).toMatch(/products\s+425\s+\+3\s+~12\s+-5\s+= 423/);
  expect(shown).toMatch(/HELD\s+Nothing was written/);
  expect(shown).toContain('Ready for sync operations');
  expect(`${shown}${told}`).not.toContain('This is not what was announced');
});

test('its link leads a newcomer in, who reads the third sync’s diff and syncs by hand, with nothing set up', async () => {
  const link = /http:\/\/\S+\/link#\S+/.exec(told)?.[0] ?? '';
  const page = await (await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce' })).newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(link);
  await page.getByLabel('Password', { exact: true }).fill('nine plain words are long enough for anybody');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Home' }).waitFor();
  await page.getByRole('link', { name: '1,118 items checked, 20 changes' }).click();
  const changes = page.getByRole('list', { name: 'Changes' }).getByRole('listitem');
  await expect.poll(() => changes.count()).toBe(20);
  const texts = await changes.allInnerTexts();
  expect(texts.filter((text) => /price\s+\d+\.\d\d\D+\d+\.\d\d/.test(text))).toHaveLength(12);
  expect(texts.filter((text) => text.includes('added'))).toHaveLength(3);
  expect(texts.filter((text) => text.includes('removed'))).toHaveLength(5);
  await page.getByRole('link', { name: 'Integration Access' }).first().click();
  await page.getByRole('link', { name: 'QU POS · Main St' }).click();
  await page.getByRole('button', { name: 'Sync now' }).click();
  await page.getByText('No changes: 1,118 items checked').first().waitFor();
});

test('Ctrl-C ends it with all that it started', async () => {
  const postgres = runningPostmaster(join(dataDir, 'demo', 'postgres'));
  expect(postgres?.pid).toBeGreaterThan(0);
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(runningPostmaster(join(dataDir, 'demo', 'postgres'))).toBeNull();
});
