// How somebody works the pages: with a mouse, with nothing but a keyboard, or with a finger on a phone of 320 pixels.
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';

// Of what a browser knows, what the functions below ask for: they run there.
interface Stop {
  localName: string;
  role: string | null;
  selectedOptions: ArrayLike<{ label: string }>;
  closest(selector: string): Stop | null;
  contains(other: Stop): boolean;
  compareDocumentPosition(other: Stop): number;
}
declare const document: { activeElement: Stop | null; body: Stop };

export interface Hand {
  press(target: Locator): Promise<void>;
  /** Puts a text in place of what stands in the field. */
  type(target: Locator, text: string): Promise<void>;
  /** Takes an option of a select by its words. */
  choose(target: Locator, words: string): Promise<void>;
  /** Closes the dialog that is open. */
  close(dialog: Locator): Promise<void>;
}

/** The three ways, each with what a browser has to be for it. */
export const ways = {
  mouse: { viewport: { width: 1280, height: 800 } },
  keyboard: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true },
} satisfies Record<string, BrowserContextOptions>;

export type Way = keyof typeof ways;

/** The hand that works a page in one of the ways. */
export function handOf(way: Way, page: Page): Hand {
  return { mouse, keyboard, phone }[way](page);
}

function mouse(): Hand {
  return {
    press: (target) => target.click(),
    type: (target, text) => target.fill(text),
    choose: async (target, words) => void (await target.selectOption({ label: words })),
    async close(dialog) {
      await dialog.getByRole('button', { name: 'Close' }).click();
      await dialog.waitFor({ state: 'detached' });
    },
  };
}

function phone(page: Page): Hand {
  const settled = async () => {
    const width = await page.evaluate('document.documentElement.scrollWidth');
    if (width !== 320) throw new Error(`the page is ${String(width)} px wide on a phone of 320, at ${page.url()}`);
  };
  const tap = async (target: Locator) => {
    await target.waitFor();
    const { width, height } = (await target.boundingBox()) ?? { width: 0, height: 0 };
    // A link in a sentence is as high as its line.
    const least = (await target.evaluate((element: Stop) => element.localName === 'a')) ? 16 : 24;
    if (width < least || height < least) throw new Error(`${target} is only ${width} × ${height} px`);
    await target.tap();
    await settled();
  };
  return {
    press: tap,
    async type(target, text) {
      await tap(target);
      await target.fill('');
      // As the keyboard of a phone hands over a text.
      await page.keyboard.insertText(text);
      await settled();
    },
    async choose(target, words) {
      await target.selectOption({ label: words });
      await settled();
    },
    async close(dialog) {
      await tap(dialog.getByRole('button', { name: 'Close' }));
      await dialog.waitFor({ state: 'detached' });
    },
  };
}

// What has the focus must be seen: an outline, in the window, under nothing else.
const unseen = `(() => {
  const at = document.activeElement;
  if (at === null || at === document.body) return 'nothing';
  // A field of several parts is outlined as a whole.
  const outlined = [at, at.parentElement, at.closest('.code-field')].some((element) => {
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element ?? at);
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0 && !/, 0\\)$/.test(outlineColor);
  });
  const [line] = at.getClientRects();
  if (line === undefined || line.width === 0) return 'what takes no room: ' + at.outerHTML.slice(0, 200);
  const [x, y] = [line.left + line.width / 2, line.top + line.height / 2];
  const top = document.elementFromPoint(x, y);
  if (top === null) return 'what is outside of the window: ' + at.outerHTML.slice(0, 200);
  if (!at.contains(top) && !top.contains(at)) return 'what ' + top.outerHTML.slice(0, 80) + ' covers: ' + at.outerHTML.slice(0, 200);
  return outlined ? null : 'what has no outline: ' + at.outerHTML.slice(0, 200);
})()`;

/** The next key on the way to a target; null = it has the focus. */
function nextKey(target: Stop): string | null {
  const at = document.activeElement ?? document.body;
  if (at === target) return null;
  const isBefore = at !== document.body && (at.compareDocumentPosition(target) & 2) !== 0;
  const list = target.closest('[role="menu"], [role="tablist"]');
  if (list?.contains(at)) {
    if (list.role === 'tablist') return isBefore ? 'ArrowLeft' : 'ArrowRight';
    return isBefore ? 'ArrowUp' : 'ArrowDown';
  }
  return isBefore ? 'Shift+Tab' : 'Tab';
}

const standing = `({ fault: ${unseen}, isText: document.activeElement?.localName === 'textarea' })`;

function keyboard(page: Page): Hand {
  const reach = async (target: Locator) => {
    await target.waitFor();
    // Asked at once, as it is asked at each stop.
    const look = async () => {
      const [key, stop] = await Promise.all([target.evaluate(nextKey), page.evaluate(standing)]);
      return { key, ...(stop as { fault: string | null; isText: boolean }) };
    };
    let stop = await look();
    for (let keys = 0; keys < 100; keys += 1) {
      if (stop.key === null) return;
      // A field for code takes Tab for itself until Esc is pressed, as it says below it.
      if (stop.isText) await page.keyboard.press('Escape');
      await page.keyboard.press(stop.key);
      stop = await look();
      // What moves out of the way takes some frames for it.
      for (let frames = 0; frames < 30 && stop.fault !== null && stop.fault !== 'nothing'; frames += 1) {
        await page.evaluate('new Promise(requestAnimationFrame)');
        stop = await look();
      }
      // Behind the last stop the browser's own frame has the focus for one key.
      if (stop.fault !== null && stop.fault !== 'nothing') {
        throw new Error(`the keyboard stands on ${stop.fault}, at ${page.url()}`);
      }
    }
    throw new Error(`the keyboard does not reach ${target} at ${page.url()}`);
  };
  return {
    async press(target) {
      await reach(target);
      await page.keyboard.press((await target.getAttribute('type')) === 'checkbox' ? 'Space' : 'Enter');
    },
    async type(target, text) {
      await reach(target);
      await page.keyboard.press('Control+a');
      await page.keyboard.type(text);
    },
    async choose(target, words) {
      await reach(target);
      await page.keyboard.press('Home');
      for (let options = 0; options < 40; options += 1) {
        const chosen = await target.evaluate((select: Stop) => select.selectedOptions[0]?.label);
        if (chosen === words) return;
        await page.keyboard.press('ArrowDown');
      }
      throw new Error(`no option ${words} in ${target}`);
    },
    async close(dialog) {
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      // The one who closes a dialog goes on where it was opened.
      for (let frames = 0; frames < 60; frames += 1) {
        if ((await page.evaluate('document.activeElement !== document.body')) === true) return;
        await page.evaluate('new Promise(requestAnimationFrame)');
      }
      throw new Error(`the focus is lost behind a dialog at ${page.url()}`);
    },
  };
}
