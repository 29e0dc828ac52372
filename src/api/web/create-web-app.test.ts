// What the server gives of the web UI: the page with a number used once, files that may be kept, and nothing besides.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createWebApp } from './create-web-app.ts';

const folder = mkdtempSync(join(tmpdir(), 'tillsync-pages-'));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<meta nonce="__NONCE__"><script nonce="__NONCE__"></script>');
writeFileSync(join(folder, 'assets', 'main-ab12.js'), 'run();');
writeFileSync(join(folder, 'early-look.js'), 'look();');
writeFileSync(join(folder, 'built-from'), 'a hash');
afterAll(() => rmSync(folder, { recursive: true }));

const app = createWebApp(folder);
const get = async (path: string, method = 'GET') => await app.fetch(new Request(`http://localhost${path}`, { method }));

describe('the web UI as the server gives it', () => {
  test('is one page at every address, with a number used once in page and policy, and kept nowhere', async () => {
    const [first, second] = [await get('/'), await get('/runs/some-id?tab=log')];
    const text = await first.text();
    const nonce = /nonce="([^"]+)"/.exec(text)?.[1] ?? '';
    expect(nonce.length).toBeGreaterThan(20);
    expect(text).not.toContain('__NONCE__');
    expect(first.headers.get('content-security-policy')).toContain(`style-src 'self' 'nonce-${nonce}'`);
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(await second.text()).not.toContain(nonce);
  });

  test('has files that never change under their name, and others that are asked for anew', async () => {
    const asset = await get('/assets/main-ab12.js');
    expect([await asset.text(), asset.headers.get('cache-control')]).toEqual([
      'run();',
      'public, max-age=31536000, immutable',
    ]);
    expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect((await get('/early-look.js')).headers.get('cache-control')).toBe('no-cache');
    expect((await get('/assets/gone-ff00.js')).status).toBe(404);
  });

  test('gives nothing else of the folder, and nothing above it', async () => {
    for (const path of [
      '/built-from',
      '/assets/..%2fbuilt-from',
      '/..%2f..%2fpackage.json',
      '/assets/%2e%2e/built-from',
    ]) {
      const text = await (await get(path)).text();
      expect(text, path).not.toContain('a hash');
      expect(text, path).not.toContain('tillsync');
    }
  });

  test('leaves the other doors alone, and says so where nothing was built', async () => {
    for (const path of ['/api/v1/nowhere', '/functions/v1/x', '/hooks/a/b', '/healthz']) {
      expect((await get(path)).headers.get('content-type'), path).not.toContain('text/html');
    }
    expect((await get('/', 'POST')).status).toBe(404);
    const bare = await createWebApp(join(folder, 'nothing')).fetch(new Request('http://localhost/'));
    expect([bare.status, await bare.text()]).toEqual([404, expect.stringContaining('npm run build')]);
  });
});
