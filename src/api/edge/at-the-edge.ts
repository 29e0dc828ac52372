// What every request meets first and every answer last, whichever face it is for.
import type { Context, ErrorHandler, MiddlewareHandler } from 'hono';
import { TillsyncError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { addressRanges } from '../../net/address-ranges.ts';
import { errorAnswer } from '../functions/error-answer.ts';
import { securityHeaders, strictTransport } from '../security-headers.ts';
import { problemAnswer } from '../v1/problem-answer.ts';
import { breakOffOnFailure } from './breaking-off.ts';
import { refuseForeignPages } from './check-origin.ts';
import { isSecure, readConnection } from './client-address.ts';
import { countStranger, countUnproven } from './count-strangers.ts';
import type { RateLimits } from './rate-limits.ts';

/** Knows the way of the request, and sees that no answer leaves without the headers that all carry. */
export function withSecureAnswers(trustedProxies: readonly string[], log: Logger): MiddlewareHandler {
  const isTrusted = addressRanges(trustedProxies);
  return async (context, next) => {
    context.set('connection', readConnection(context, isTrusted));
    await next();
    await breakOffOnFailure(context, log);
    const { headers } = context.res;
    for (const [name, value] of Object.entries(securityHeaders)) {
      // A page has a policy of its own, a file of the pages may be kept by browsers.
      if (!headers.has(name)) headers.set(name, value);
    }
    if (isSecure(context)) headers.set('strict-transport-security', strictTransport);
  };
}

// No other is a part of any interface here; some cannot even be represented as a Request.
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export interface EdgeChecks {
  corsOrigins: readonly string[];
  limits: RateLimits;
  log: Logger;
}

/** Refuses what a foreign page sent and what is too much, before any work is done for it. */
export function withChecks({ corsOrigins, limits, log }: EdgeChecks): MiddlewareHandler {
  return async (context, next) => {
    if (!methods.has(context.req.method)) throw methodUnknown();
    // No id and no text of ours holds a NUL: PostgreSQL cannot store one.
    if (context.req.url.includes('%00')) throw addressUnreadable();
    refuseForeignPages(context, corsOrigins);
    countStranger(limits, context);
    await next();
    if (context.res.status !== 401) return;
    try {
      countUnproven(limits, context);
    } catch (error) {
      const kept = [...context.res.headers].filter(([name]) => name === 'vary' || name.startsWith('access-control-'));
      context.res = undefined;
      context.res = refusal(error, { context, log });
      for (const [name, value] of kept) context.res.headers.set(name, value);
    }
  };
}

function methodUnknown(): TillsyncError {
  return new TillsyncError('No address here takes this method.', {
    code: 'route_unknown',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'The addresses are listed at /api/docs.',
    status: 405,
    facts: { allow: [...methods].join(', ') },
  });
}

function addressUnreadable(): TillsyncError {
  return new TillsyncError('The address holds a NUL character.', {
    code: 'request_invalid',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'What each route takes is described at /api/docs.',
  });
}

/** The answer for what is thrown outside the apps of the faces, in the form of the face that was called. */
export function edgeErrors(log: Logger): ErrorHandler {
  return (error, context) => refusal(error, { context, log });
}

function refusal(error: unknown, { context, log }: { context: Context; log: Logger }): Response {
  if (!context.req.path.startsWith('/functions/')) return problemAnswer(error, { requestId: crypto.randomUUID(), log });
  const step = error instanceof TillsyncError && error.step === 'auth' ? 'AUTH_ERROR' : 'VALIDATION_ERROR';
  const { status, body, headers } = errorAnswer(error, step, log);
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });
}
