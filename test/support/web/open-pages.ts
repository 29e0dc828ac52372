// The web UI as a person has it: the real server with a worker, a pretend POS, a browser, and what the browser complains of.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, CDPSession, Page } from 'playwright-core';
import { linkUrl, makeFirstAdminLink } from '../../../src/access/people/links/make-link.ts';
import { type Server, startServer } from '../../../src/api/start-server.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { afterFile } from '../after-file.ts';
import { openBrowser } from '../browser.ts';
import { openEngine } from '../engine.ts';
import { openWorker } from '../open-worker.ts';

const builder = fileURLToPath(new URL('../../../scripts/build-web.ts', import.meta.url));

export interface Pages {
  deps: Deps & { url: string };
  url: string;
  /** The link with which the first administrator comes in. */
  firstLink: string;
  /** A page of a fresh browser profile, with what a sign-in left in `session`. */
  open(options?: BrowserContextOptions): Promise<Page>;
  session: BrowserContextOptions['storageState'];
  /** Everything that any page wrote to its console as an error, or threw, or that its policy refused. */
  complaints: string[];
  close(): Promise<void>;
}

// A browser is a second of work: it serves all files of a process, and ends with it. What a file left open in it is closed.
let shared: Promise<Browser> | undefined;
afterFile(async () => {
  for (const context of (await shared)?.contexts() ?? []) await context.close();
});

async function browserOfProcess(): Promise<Browser> {
  if (!(await shared)?.isConnected()) shared = openBrowser();
  return await (shared as Promise<Browser>);
}

/** Opens it all; the caller closes it. */
export async function openPages(overrides: Partial<Deps> = {}): Promise<Pages> {
  execFileSync(process.execPath, [builder]);
  const deps = await openEngine({ deps: overrides });
  await openWorker(deps, { deps: overrides });
  const server: Server = await startServer(
    { deps, config: { adminKey: null, corsOrigins: [], rateLimit: false } },
    { host: '127.0.0.1', port: 0 },
  );
  const cli = { who: 'cli:ada', id: null, address: null, requestId: null };
  const link = await makeFirstAdminLink(deps, cli);
  const browser = await browserOfProcess();
  const opened: BrowserContext[] = [];
  const complaints: string[] = [];
  const pages: Pages = {
    deps,
    url: server.url,
    firstLink: linkUrl(server.url, link?.token ?? ''),
    complaints,
    session: undefined,
    async open(options = {}) {
      const { storageState = pages.session, ...others } = options;
      const state = typeof storageState === 'object' ? storageState : undefined;
      const context: BrowserContext = await browser.newContext({
        baseURL: server.url,
        locale: 'en-US',
        reducedMotion: 'reduce',
        ...others,
        storageState: { cookies: state?.cookies ?? [], origins: [] },
      });
      opened.push(context);
      await keepStored(context, state?.origins ?? []);
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      listen(page, complaints);
      return page;
    },
    async close() {
      for (const context of opened) await context.close();
      await server.stop();
    },
  };
  return pages;
}

// What the page is expected to meet, such as a run that is not there or an address that somebody made up, is no complaint.
const expected = /status of (400|401|403|404|409|412)|ERR_INTERNET_DISCONNECTED/;

function listen(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    const isBad = message.type() === 'error' || /Content Security Policy|Refused to/.test(message.text());
    if (isBad && !expected.test(message.text())) complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
}

/** Puts into a profile what its pages had stored. Given to newContext, it would cost a page of its own, with its process. */
async function keepStored(context: BrowserContext, origins: Stored['origins']): Promise<void> {
  if (origins.length === 0) return;
  await context.addInitScript(`{
    const stored = ${JSON.stringify(origins)}.find(({ origin }) => origin === location.origin);
    // Once for each tab: what a page takes away stays away.
    if (stored !== undefined && sessionStorage.getItem('stored') === null) {
      sessionStorage.setItem('stored', 'yes');
      for (const { name, value } of stored.localStorage) localStorage.setItem(name, value);
    }
  }`);
}
type Stored = Exclude<NonNullable<BrowserContextOptions['storageState']>, string>;

// One door of the debugger for each page: it closes with it.
const doors = new WeakMap<Page, Promise<CDPSession>>();
function doorOf(page: Page): Promise<CDPSession> {
  const door = doors.get(page) ?? page.context().newCDPSession(page);
  doors.set(page, door);
  return door;
}

/** Keeps a picture (PNG) of what the window shows, or of the page to its end, in half of the time of page.screenshot. */
export async function takePicture(page: Page, path: string, { fullPage = false } = {}): Promise<void> {
  const door = await doorOf(page);
  const { cssContentSize } = fullPage ? await door.send('Page.getLayoutMetrics') : { cssContentSize: null };
  const { data } = await door.send('Page.captureScreenshot', {
    format: 'png',
    optimizeForSpeed: true,
    ...(cssContentSize === null ? {} : { captureBeyondViewport: true, clip: { ...cssContentSize, scale: 1 } }),
  });
  writeFileSync(path, data, 'base64');
}

/** What axe finds on the page as it stands, as 'rule: element'; contrast, which takes longest, only where colours are new. */
export async function accessFaults(page: Page, { colours = true } = {}): Promise<string[]> {
  // Through the debugger's own door: the page's policy lets no script of strangers in.
  const client = await doorOf(page);
  // Half a megabyte of script: where it is in the page already, it is not read again.
  const isThere = await client.send('Runtime.evaluate', { expression: `typeof axe === 'object'`, returnByValue: true });
  if (isThere.result.value !== true) await client.send('Runtime.evaluate', { expression: axe.source });
  const { result } = await client.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'], rules: { 'color-contrast': { enabled: ${colours} } } }).then(({ violations }) =>
      JSON.stringify(violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ': ' + target + ' ' + failureSummary))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  return JSON.parse(String(result.value)) as string[];
}
