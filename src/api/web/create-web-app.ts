// The web UI: its page for every address that a person may open, and the built files behind it.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';
import { pagePolicy, securityHeaders } from '../security-headers.ts';

const builtFolder = fileURLToPath(new URL('../../../dist/web', import.meta.url));

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
};

// What other doors of the server answer; a page never stands there.
const otherDoors = /^\/(api|functions|hooks|healthz|readyz|metrics)(\/|$)/;
const isAsset = /^\/(?:assets\/)?[\w.-]+\.(css|js|svg|woff2)$/;

/** Serves GET and HEAD of pages and files from `folder`; anything else is left to `next`. */
export function createWebApp(folder = builtFolder): Hono {
  const app = new Hono();
  app.get('*', async (context, next) => {
    const { path } = context.req;
    if (otherDoors.test(path)) return await next();
    const extension = isAsset.exec(path)?.[1];
    if (extension !== undefined) return fileAnswer(folder, path, extension);
    return pageAnswer(folder);
  });
  return app;
}

function fileAnswer(folder: string, path: string, extension: string): Response {
  const body = readBuilt(folder, path);
  if (body === null) return new Response('There is no such file.\n', { status: 404, headers: textHeaders });
  // A name in assets/ holds the hash of its content.
  const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  const headers = { ...securityHeaders, 'content-type': types[extension] ?? '', 'cache-control': cache };
  return new Response(new Uint8Array(body), { headers });
}

// The page is the same at every address; it says itself where there is nothing.
function pageAnswer(folder: string): Response {
  const page = readBuilt(folder, '/index.html')?.toString();
  if (page === undefined) return new Response(notBuilt, { status: 404, headers: textHeaders });
  const nonce = randomBytes(18).toString('base64');
  const headers = {
    ...securityHeaders,
    // Styles of components are added by the page itself, by a number used once.
    'content-security-policy': pagePolicy.replace("style-src 'self'", `style-src 'self' 'nonce-${nonce}'`),
    'content-type': 'text/html; charset=utf-8',
  };
  return new Response(page.replaceAll('__NONCE__', nonce), { headers });
}

const textHeaders = { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8' };
const notBuilt =
  'The pages of the web UI are not built. Run `npm run build`, then load this page again. The API is at /api/docs.\n';

// The names in `folder` are a closed set without folders of their own but assets/, and `path` holds no '..' (isAsset).
function readBuilt(folder: string, path: string): Buffer | null {
  try {
    return readFileSync(join(folder, path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
