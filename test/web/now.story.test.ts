// What goes on reaches every visible page by one stream: no page asks for it, and none that nobody sees holds a connection.
import type { Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import { addQuConfig, syncNow } from '../support/engine.ts';
import { until } from '../support/until.ts';
import { type Gate, startGate } from '../support/web/gate.ts';
import { openPages, type Pages } from '../support/web/open-pages.ts';
import { signedIn } from '../support/web/sessions.ts';

let pages: Pages;
let pos: FakeQu;
let gate: Gate;
let config: { configId: string; sourceId: string };
let opened: Page[] = [];

beforeAll(async () => {
  pages = await openPages();
  pages.session = await signedIn(pages, { email: 'ada@example.com', name: 'Ada' });
  pos = await startFakeQu({ products: 42, modifiers: 60, discounts: 5 });
  gate = await startGate(pos);
  config = await addQuConfig(pages.deps, gate.url);
  await syncNow(pages.deps, config.configId);
});
afterEach(async () => {
  gate.open();
  for (const page of opened) await page.context().close();
  opened = [];
});
afterAll(async () => {
  await pages.close();
  await gate.stop();
  await pos.stop();
});

/** A page at an address, once its stream is there, and everything that it asked for. */
async function open(path: string, before?: (page: Page) => Promise<unknown>): Promise<{ page: Page; asked: string[] }> {
  const page = await pages.open();
  opened.push(page);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(pathOf(request)));
  await before?.(page);
  const streamed = before === undefined ? page.waitForResponse('**/api/v1/events') : null;
  await page.goto(path);
  await streamed;
  return { page, asked };
}
const pathOf = (request: Request) => request.url().replace(/^https?:\/\/[^/]+/, '');
const integration = () => `/integrations/${config.configId}`;
const syncNowButton = (page: Page) => page.getByRole('button', { name: /^Sync now/ });
const asksForActive = (path: string) => path.startsWith('/api/v1/runs?active');
const asksForRun = (path: string) => /^\/api\/v1\/runs\/[^/?]+(\/events)?$/.test(path);

async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  // A browser without windows hides no page: it says only that it did.
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
    Object.defineProperty(document, 'visibilityState', { value: '${isHidden ? 'hidden' : 'visible'}', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  `);
}

describe('a second tab', () => {
  test('sees the run that the first one started, and its end, without asking for either', async () => {
    const first = await open(integration());
    const second = await open(integration());
    const third = await open('/hierarchy');
    gate.close();
    await syncNowButton(first.page).click();
    for (const { page } of [first, second]) await page.locator('.step.now').getByText('Fetch').waitFor();
    gate.open();
    for (const { page } of [first, second]) {
      await page.locator('.ended').getByText('No changes: 107 items checked').waitFor();
    }
    await third.page.locator('.toast').getByText('No changes: 107 items checked').waitFor();
    for (const { asked } of [first, second, third]) {
      expect(asked.filter((path) => asksForActive(path) || asksForRun(path))).toEqual([]);
      expect(asked.filter((path) => path === '/api/v1/events')).toHaveLength(1);
    }
  });

  test('has a run in its list that began and ended between two looks', async () => {
    const { page } = await open('/history');
    await page.getByRole('link', { name: 'No changes: 107 items checked' }).first().waitFor();
    await pages.deps.database.query(
      `insert into integration_sync_history (id, wand_source_id, source_config_id, status, trigger, mode, created_at, started_at, completed_at, error)
       values ($1, $2, $3, 'failed', 'api', 'merge', now(), now(), now(), $4)`,
      [crypto.randomUUID(), config.sourceId, config.configId, JSON.stringify(shortFailure)],
    );
    // Lists are asked for anew once in ten seconds at most, and by themselves once a minute.
    await page.getByText('The POS was away for a moment').first().waitFor({ timeout: 40_000 });
  });
});

const shortFailure = {
  code: 'pos_unreachable',
  step: 'fetch',
  message: 'The POS was away for a moment.',
  effect: 'Nothing was changed.',
  hint: 'Sync again.',
  doc: 'docs/reference/errors.md#pos_unreachable',
  retry: 'later',
};

describe('the stream of a page', () => {
  test('is closed while the page is hidden, and brings everything when it is seen again', async () => {
    const { page, asked } = await open(integration());
    await syncNowButton(page).waitFor();
    const closed = page.waitForEvent('requestfailed', (request) => pathOf(request) === '/api/v1/events');
    await setHidden(page, true);
    await closed;
    const before = asked.length;
    gate.close();
    const run = syncNow(pages.deps, config.configId);
    await until('the run is under way', async () => {
      const { rowCount } = await pages.deps.database.query(
        `select from integration_sync_history where status = 'in_progress'`,
      );
      return rowCount > 0;
    });
    expect(asked.slice(before)).toEqual([]);
    await setHidden(page, false);
    await page.locator('.step.now').getByText('Fetch').waitFor();
    gate.open();
    await run;
    await page.locator('.ended').getByText('No changes: 107 items checked').waitFor();
    expect(asked.filter(asksForActive)).toEqual([]);
  });

  test('is replaced by asking where it breaks off, until it comes back', async () => {
    let isCut = true;
    const { page, asked } = await open(integration(), (cut) =>
      cut.route('**/events', (route) => (isCut ? route.abort() : route.continue())),
    );
    gate.close();
    await syncNowButton(page).click();
    await page.getByText('The live connection broke off; the page asks every two seconds instead.').waitFor();
    await until('it asks', () => asked.filter(asksForActive).length > 1);
    const back = page.waitForResponse('**/api/v1/events');
    isCut = false;
    await back;
    await page.getByText('The live connection broke off').waitFor({ state: 'detached' });
    const before = asked.filter((path) => asksForActive(path) || asksForRun(path)).length;
    gate.open();
    await page.locator('.ended').getByText('No changes: 107 items checked').waitFor();
    // One at its end, and one that was on its way when the stream came back.
    expect(asked.filter((path) => asksForActive(path) || asksForRun(path)).length - before).toBeLessThan(3);
  });

  test('leaves nothing in the console but the connections that were cut', () => {
    expect(pages.complaints.filter((text) => !text.includes('net::ERR_FAILED')).join('\n')).toBe('');
  });
});
