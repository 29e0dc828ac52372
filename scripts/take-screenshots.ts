// `npm run screenshots`: the pictures of the README, taken in a real browser from the demo as everybody has it.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openBrowser } from '../test/support/browser.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'docs', 'pictures');

/** The demo, and the link with which its visitor comes in. */
async function startDemo(dataDir: string): Promise<{ child: ChildProcess; link: string }> {
  const args = [join(root, 'src', 'cli', 'main.ts'), 'demo', '--data-dir', dataDir];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  for await (const piece of child.stderr) {
    said += String(piece);
    const link = /http:\/\/\S+\/link#\S+/.exec(said)?.[0];
    if (link !== undefined && said.includes('Ctrl-C')) return { child, link };
  }
  throw new Error(`the demo ended without a link:\n${said}`);
}

async function comeIn(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('Password', { exact: true }).fill(randomBytes(12).toString('base64url'));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Home' }).waitFor();
}

/** The run of the demo that changed some prices: neither the first nor one without changes. */
async function openDiff(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Sync History' }).first().click();
  await page
    .getByRole('link', { name: /items checked, \d{1,2} changes/ })
    .first()
    .click();
  await page.getByRole('list', { name: 'Changes' }).getByRole('listitem').first().waitFor();
}

async function take(link: string): Promise<void> {
  const browser = await openBrowser();
  const context = await browser.newContext({
    viewport: { width: 1180, height: 800 },
    locale: 'en-US',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const shoot = async (name: string) => {
    await page.waitForLoadState('networkidle');
    // Numbers that are still on their way.
    await page.getByText('…', { exact: true }).first().waitFor({ state: 'detached' });
    await page.screenshot({ path: join(folder, `${name}.png`) });
    process.stdout.write(`docs/pictures/${name}.png\n`);
  };
  await comeIn(page, link);
  await shoot('home');
  await openDiff(page);
  await shoot('run');
  await browser.close();
}

const dataDir = mkdtempSync(join(tmpdir(), 'tillsync-screenshots-'));
mkdirSync(folder, { recursive: true });
const { child, link } = await startDemo(dataDir);
try {
  await take(link);
} finally {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  rmSync(dataDir, { recursive: true, force: true });
}
