// Takes the body of a request before its route validates it: JSON only, capped, and no digit of a number lost.
import type { MiddlewareHandler } from 'hono';
import { readBody } from '../../functions/read-body.ts';
import type { ApiEnv } from '../api-given.ts';

const limit = {
  maxBody: 1024 * 1024,
  tooLargeHint: 'No call of this interface needs a larger body.',
  rules: { maxDepth: 64, uniqueTo: 64 },
};

// The one call that carries a whole answer of a POS, to try a recipe on it.
const trialLimit = { ...limit, maxBody: 9 * 1024 * 1024, tooLargeHint: 'An answer to try a recipe on may have 8 MiB.' };

/** Reads and parses what POST and PATCH carry; no bytes are no body. */
export const takeBody: MiddlewareHandler<ApiEnv> = async (context, next) => {
  const { raw } = context.req;
  const body = isWithout(raw) || isFile(context.req.path) ? undefined : await readBody(raw, limitOf(context.req.path));
  context.set('body', body);
  // The routes' validator asks here; JSON.parse would round long numbers.
  context.req.json = async () => (body === undefined ? {} : body) as never;
  await next();
};

function limitOf(path: string): typeof limit {
  return path === '/api/v1/recipes/preview' ? trialLimit : limit;
}

/** Whether what is sent to this address is a file of any form and size, which only its route reads, as a stream. */
export function isFile(path: string): boolean {
  return path.endsWith('/import');
}

function isWithout({ method, headers }: Request): boolean {
  if (method === 'GET' || method === 'HEAD' || headers.get('content-length') === '0') return true;
  return !['content-type', 'content-length', 'transfer-encoding'].some((name) => headers.has(name));
}
