// Sync now as it is seen: the button answers before the server does, and a run is followed with and without its stream.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import { changePrices } from '../../src/connectors/qu/fake-catalog.ts';
import { sourceLockKey } from '../../src/records/sources/lock-source.ts';
import { addQuConfig, syncNow } from '../support/engine.ts';
import { type Gate, holdLock, startGate } from '../support/web/gate.ts';
import { openPages, type Pages } from '../support/web/open-pages.ts';
import { signedIn } from '../support/web/sessions.ts';

let pages: Pages;
let pos: FakeQu;
let gate: Gate;
let page: Page;
let config: { configId: string; sourceId: string };

beforeAll(async () => {
  pages = await openPages();
  pages.session = await signedIn(pages, { email: 'ada@example.com', name: 'Ada' });
  pos = await startFakeQu({ products: 42, modifiers: 60, discounts: 5 });
  gate = await startGate(pos);
  config = await addQuConfig(pages.deps, gate.url);
  await syncNow(pages.deps, config.configId);
  page = await pages.open();
});
afterEach(() => page.unrouteAll());
afterAll(async () => {
  await pages.close();
  await gate.stop();
  await pos.stop();
});

async function open(): Promise<void> {
  await page.goto(`/integrations/${config.configId}`);
}
const syncNowButton = () => page.getByRole('button', { name: /^Sync now/ });

describe('Sync now', () => {
  test('answers before the server does', async () => {
    await open();
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    let isAnswered = false;
    await page.route('**/api/v1/configs/*/runs', async (route) => {
      await answered;
      isAnswered = true;
      await route.continue();
    });
    await syncNowButton().click();
    await page.getByRole('button', { name: /^Queued/ }).waitFor();
    expect(isAnswered).toBe(false);
    answer();
    await page.locator('.ended').getByText('No changes: 107 items checked').waitFor();
    await syncNowButton().waitFor();
  });

  test('comes back with the reason where the server refuses', async () => {
    await open();
    await page.route('**/api/v1/configs/*/runs', (route) => route.abort('internetdisconnected'));
    await syncNowButton().click();
    await page.getByRole('alert').getByText('tillsync cannot be reached').waitFor();
    await syncNowButton().waitFor();
  });
});

describe('a run that goes on', () => {
  test('tells what has been read of an answer that is still on its way', async () => {
    const big = await startFakeQu({ products: 5000, modifiers: 0, discounts: 0 });
    big.answer('hang-body', 1);
    const direct = await addQuConfig(pages.deps, big.url, { establishment: 'big' });
    await page.goto(`/integrations/${direct.configId}`);
    await syncNowButton().click();
    await page
      .locator('.numbers dd')
      .nth(1)
      .getByText(/^[1-9]/)
      .waitFor();
    await page.getByRole('button', { name: 'Cancel this run' }).click();
    await page.locator('.ended').getByText('CANCELLED', { exact: true }).waitFor();
    await big.stop();
  });

  test('is asked for where its stream is cut off, says so, and is followed to its end', async () => {
    pos.edit((catalog) => changePrices(catalog, 1));
    gate.close();
    // Before the page is there: its stream begins with it.
    await page.route('**/events', (route) => route.abort());
    await open();
    await syncNowButton().click();
    await page.getByText('The live connection broke off; the page asks every two seconds instead.').waitFor();
    const plan = await holdLock(pages.deps.database, `select pg_advisory_xact_lock(${sourceLockKey('$1')})`, [
      config.sourceId,
    ]);
    gate.open();
    await page.locator('.step.now').getByText('Plan').waitFor();
    await plan();
    await page.locator('.ended').getByText('107 items checked, 1 change').waitFor();
  });

  test('is followed by its stream again when that is back', async () => {
    gate.close();
    let isCut = true;
    await page.route('**/events', (route) => (isCut ? route.abort() : route.continue()));
    await open();
    await syncNowButton().click();
    const sentence = page.getByText('The live connection broke off');
    await sentence.waitFor();
    isCut = false;
    await page.reload();
    await page.locator('.step.now').getByText('Fetch').waitFor();
    await sentence.waitFor({ state: 'detached' });
    gate.open();
    await page.locator('.ended').getByText('No changes: 107 items checked').waitFor();
  });

  test('leaves nothing in the console but the connections that were cut', () => {
    expect(pages.complaints.filter((text) => !text.includes('net::ERR_FAILED')).join('\n')).toBe('');
  });
});
