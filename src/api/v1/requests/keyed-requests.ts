// POST with an Idempotency-Key: done once within 24 hours, answered the same each time.
import type { MiddlewareHandler } from 'hono';
import { answerOnce } from '../../../access/answer-once.ts';
import { inputError, type TillsyncError } from '../../../errors.ts';
import type { ApiEnv, ApiGiven } from '../api-given.ts';
import { isFile } from './take-body.ts';

// What belongs to the answer itself; everything else is made anew for each.
const keptHeaders = ['content-type', 'location', 'etag'];

// What they answer is told once, and nothing that would tell it again is stored.
const neverKept = /^\/api\/v1\/(keys|session|links|me|users)(\/|$)/;

/** Runs the route behind it at most once per key of a caller. */
export function keyedRequests({ deps }: ApiGiven): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const key = context.req.header('idempotency-key');
    // A file is no part of what a key would stand for; the same file again changes nothing by itself.
    if (key === undefined || context.req.method !== 'POST' || isFile(context.req.path)) return await next();
    // The address as the router reads it: %6beys is keys.
    const { path } = context.req;
    if (neverKept.test(path)) throw notTaken();
    const { id, name, grants } = context.get('caller');
    const body = JSON.stringify(context.get('body') ?? null);
    // What the caller may do is part of the request: who may do less by now gets no earlier answer.
    const content = `POST ${path}${new URL(context.req.url).search}\n${body}\n${grants.map((grant) => JSON.stringify(grant)).sort()}`;
    const request = { scope: id ?? name, key, content };
    const { answer, repeated } = await answerOnce(deps.database, request, async () => {
      await next();
      // An error has become an answer already.
      const { status, headers } = context.res;
      const kept = keptHeaders.flatMap((name) => {
        const value = headers.get(name);
        return value === null ? [] : [[name, value] as const];
      });
      return { status, headers: Object.fromEntries(kept), body: await context.res.clone().text() };
    });
    if (!repeated) return;
    return new Response(answer.body, {
      status: answer.status,
      headers: { ...answer.headers, 'idempotency-replayed': 'true' },
    });
  };
}

function notTaken(): TillsyncError {
  return inputError(
    'idempotency_key_not_taken',
    'This address takes no Idempotency-Key, since its answer is secret and is not stored.',
    'Send the request without one; when an answer is lost, list what was made and end it.',
  );
}
