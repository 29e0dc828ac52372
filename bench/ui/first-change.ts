// From the click on Sync now to what a person sees of it, in a real browser.
import { Secret, TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../test/support/browser.ts';
import { median, quantile } from '../measure/statistics.ts';

export interface FirstChangeResult {
  clicks: number;
  /** Milliseconds to the first change of the page, to the first step of the live panel, and to the receipt. */
  change: number;
  changeP95: number;
  step: number;
  receipt: number;
}

/** Comes in by the first administrator's link, then presses Sync now `clicks` times, one run after the other. */
export async function measureFirstChange(of: {
  firstLink: string;
  url: string;
  configId: string;
  clicks: number;
}): Promise<FirstChangeResult> {
  const browser = await openBrowser();
  try {
    const page = await (await browser.newContext({ baseURL: of.url, locale: 'en-US' })).newPage();
    page.setDefaultTimeout(60_000);
    await signIn(page, of.firstLink);
    await page.goto(`/integrations/${of.configId}`);
    const times: Times[] = [];
    for (let click = 0; click <= of.clicks; click++) {
      const taken = await pressed(page);
      // The first one loads code and warms the server.
      if (click > 0) times.push(taken);
    }
    const of_ = (name: keyof Times) => times.map((each) => each[name]);
    return {
      clicks: of.clicks,
      change: median(of_('change')),
      changeP95: quantile(of_('change'), 0.95),
      step: median(of_('step')),
      receipt: median(of_('receipt')),
    };
  } finally {
    await browser.close();
  }
}

async function signIn(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password', { exact: true }).fill('four plain words here');
  await page.keyboard.press('Enter');
  await page.getByText('Set up your second factor').waitFor();
  const secret = await page.locator('code').first().innerText();
  await page.getByLabel('The first code of the app').fill(new TOTP({ secret: Secret.fromBase32(secret) }).generate());
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await page.getByRole('heading', { name: 'Home' }).waitFor();
}

interface Times {
  change: number;
  step: number;
  receipt: number;
}

/** One press, by the clock of the page itself: from the click's event to the frame after each change. */
async function pressed(page: Page): Promise<Times> {
  await page.getByRole('button', { name: 'Sync now' }).waitFor();
  await page.evaluate(watchPage);
  await page.getByRole('button', { name: 'Sync now' }).click();
  // The policy of the page lets nobody evaluate text in it but the debugger, and that only once.
  await page.locator('.ended:not([data-old])').waitFor();
  await page.evaluate('new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))');
  const taken = (await page.evaluate('window.taken')) as Times;
  await page.getByRole('button', { name: 'Sync now' }).waitFor();
  return taken;
}

// Runs in the page, as text: the page's types are not those of the benchmark.
const watchPage = `(() => {
  const taken = {};
  window.taken = taken;
  document.querySelectorAll('.ended').forEach((old) => old.setAttribute('data-old', ''));
  document.addEventListener('click', () => {
    const begun = performance.now();
    const note = (name) => {
      if (taken[name] !== undefined) return;
      taken[name] = performance.now() - begun;
    };
    const look = () => requestAnimationFrame(() => {
      note('change');
      if (document.querySelector('.steps') !== null) note('step');
      if (document.querySelector('.ended:not([data-old])') !== null) { note('step'); note('receipt'); watch.disconnect(); }
    });
    const watch = new MutationObserver(look);
    watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  }, { once: true, capture: true });
})()`;
