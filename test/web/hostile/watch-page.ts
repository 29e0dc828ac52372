// What a page must never do with a name: run it, take it for markup, ask a stranger for something, or break its frame.
import type { Page } from 'playwright-core';

/** Collects dialogs, requests to other hosts, pop-ups and refusals of the policy; call it before the first page is opened. */
export async function watchPage(page: Page, own: string): Promise<string[]> {
  const seen: string[] = [];
  page.on('dialog', (dialog) => {
    seen.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('popup', (popup) => seen.push(`a window: ${popup.url()}`));
  page.on('download', (download) => seen.push(`a download: ${download.url()}`));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:' && origin !== own) seen.push(`a request to ${request.url()}`);
  });
  page.on('framenavigated', (frame) => {
    if (frame !== page.mainFrame()) seen.push(`a frame: ${frame.url()}`);
  });
  page.on('console', (message) => {
    if (message.text().startsWith('policy refused')) seen.push(message.text());
  });
  await page.addInitScript(`document.addEventListener('securitypolicyviolation', (event) =>
    console.info('policy refused', event.violatedDirective, event.blockedURI, event.sample))`);
  return seen;
}

// Every element that is there, and whether it is one of ours.
const faults = `(() => {
  const found = [];
  if ('ran' in window) found.push('ran: ' + window.ran);
  for (const element of document.querySelectorAll('*')) {
    const tag = element.localName;
    const isOurs = tag === 'script' ? element.src.startsWith(location.origin + '/')
      : tag === 'img' ? element.getAttribute('src') === '/mark.svg'
      : !['iframe', 'object', 'embed', 'base', 'math', 'animate', 'frame', 'applet'].includes(tag);
    if (!isOurs) found.push('element ' + element.outerHTML.slice(0, 120));
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on')) found.push('attribute ' + name + ' of ' + tag);
      const isAddress = ['href', 'src', 'action', 'formaction', 'xlink:href', 'srcdoc', 'poster', 'data'].includes(name);
      if (isAddress && !/^(\\/|#|data:text\\/plain;|https?:\\/\\/127\\.0\\.0\\.1)/.test(value)) {
        found.push('address ' + name + '=' + value.slice(0, 80));
      }
    }
  }
  return found;
})()`;

// What sticks out, so that the one who reads it need not look for it.
const tooWide = `(() => {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  const wide = [...document.querySelectorAll('#root *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1);
  return ['wider than ' + innerWidth + ', ' + document.documentElement.scrollWidth + ': ' + wide.slice(0, 3).map((element) => element.localName + '.' + element.className).join(', ')];
})()`;

/** What is wrong with the page as it stands; [] = nothing. `shows` must stand on it as text, or come there soon. */
export async function faultsOf(page: Page, shows: readonly string[]): Promise<string[]> {
  const missing = `(() => {
    // The words of a page, and those that a person can choose from or has typed.
    const chosen = [...document.querySelectorAll('option, input, textarea')].map((field) => field.label ?? field.value);
    const words = [document.body.innerText, document.title, ...chosen].join(' ');
    return ${JSON.stringify(shows)}.filter((text) => !words.includes(text));
  })()`;
  let absent = (await page.evaluate(missing)) as string[];
  for (const end = Date.now() + 5000; absent.length > 0 && Date.now() < end; ) {
    await page.evaluate('new Promise(requestAnimationFrame)');
    absent = (await page.evaluate(missing)) as string[];
  }
  // A window that was just made narrower is laid out with its next frames.
  let wide = (await page.evaluate(tooWide)) as string[];
  for (let frames = 0; frames < 30 && wide.length > 0; frames += 1) {
    await page.evaluate('new Promise(requestAnimationFrame)');
    wide = (await page.evaluate(tooWide)) as string[];
  }
  const found = [...((await page.evaluate(faults)) as string[]), ...wide];
  return [...found, ...absent.map((text) => `does not show ${text}`)];
}
