// Everything `tillsync start` serves: the web UI, /api, the edge functions, webhooks of POS, /healthz, /readyz and /metrics.
import { type Context, Hono } from 'hono';
import { accessDenied } from '../access/access-denied.ts';
import type { Caller } from '../access/caller.ts';
import { scopeFor } from '../access/permission.ts';
import { refuseUndeclaredAddresses } from './declared-addresses.ts';
import { edgeErrors, withChecks, withSecureAnswers } from './edge/at-the-edge.ts';
import { noRateLimits, openRateLimits } from './edge/rate-limits.ts';
import { createFunctionsApp, jsonAnswer } from './functions/create-functions-app.ts';
import { errorAnswer } from './functions/error-answer.ts';
import type { FunctionsDeps, FunctionsOptions } from './functions/functions-options.ts';
import { createHooksApp } from './hooks/create-hooks-app.ts';
import { isLocalRequest } from './metrics/metrics-access.ts';
import { type MetricsOptions, openMetrics } from './metrics/open-metrics.ts';
import { checkReadiness } from './readiness.ts';
import type { ApiOptions } from './v1/api-given.ts';
import { createV1App } from './v1/create-v1-app.ts';
import { provenCaller } from './v1/guards/find-caller.ts';
import { createWebApp } from './web/create-web-app.ts';

export interface ServerOptions extends FunctionsOptions, Pick<ApiOptions, 'passwords'> {
  /** Whether the server listens on this machine's loopback only: then /metrics needs no key. Default false. */
  listensOnLoopback?: boolean;
  metrics?: MetricsOptions;
  /** Addresses and ranges of proxies whose forwarded headers are believed; default none. */
  trustedProxies?: readonly string[] | undefined;
  /** false = no limits of calls. Default true, with the limits of `limits` or of this process. */
  rateLimit?: boolean | undefined;
}

/** The app of the server, from Request to Response. */
export function createServerApp(deps: FunctionsDeps, given: ServerOptions): Hono {
  const app = new Hono();
  const limits = given.rateLimit === false ? noRateLimits : (given.limits ?? openRateLimits());
  const options: ServerOptions = { ...given, limits };
  app.onError(edgeErrors(deps.log));
  app.use('*', withSecureAnswers(options.trustedProxies ?? [], deps.log));
  app.use('*', withChecks({ corsOrigins: options.corsOrigins, limits, log: deps.log }));
  const metrics = openMetrics(deps, options.metrics);
  const isLocal = (context: Context) => isLocalRequest(context.req.raw, options.listensOnLoopback === true);
  // The process answers; says nothing about the database, so that a restart is not the answer to a database that is down.
  app.get('/healthz', (context) => context.json({ ok: true }));
  app.get('/readyz', async (context) => {
    const readiness = await checkReadiness(deps);
    return context.json(readiness, readiness.ready ? 200 : 503);
  });
  app.get('/metrics', async (context) => {
    try {
      if (!isLocal(context)) refuseLimited(await provenCaller(context, { deps, options }));
    } catch (error) {
      const { status, body, headers } = errorAnswer(error, 'AUTH_ERROR', deps.log);
      return jsonAnswer(status, body, { 'www-authenticate': 'Bearer', ...headers });
    }
    return new Response(await metrics.scrape(), { headers: { 'content-type': metrics.contentType } });
  });
  // What can be called here is for those who may call it, once the server is open to a network.
  for (const path of ['/api/docs', '/api/docs/*', '/api/openapi.json']) {
    app.get(path, async (context, next) => {
      if (!isLocal(context)) await provenCaller(context, { deps, options });
      await next();
    });
  }
  app.route('/', createV1App(deps, options));
  // Not mounted: a signature covers the whole address.
  app.route('/hooks', createHooksApp(deps));
  app.route('/', createWebApp());
  refuseUndeclaredAddresses(app);
  app.mount('/', createFunctionsApp(deps, options).fetch);
  return app;
}

// Metrics are of all places at once.
function refuseLimited(caller: Caller): void {
  if (scopeFor('read', caller.grants)?.all !== true) throw accessDenied(caller, 'read');
}
