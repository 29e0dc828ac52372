// Everything `tillsync start` serves: the web UI, /api, the edge functions, webhooks of POS, /healthz, /readyz and /metrics.
import { Hono } from 'hono';
import { checkCaller } from './functions/check-caller.ts';
import { createFunctionsApp, jsonAnswer } from './functions/create-functions-app.ts';
import { errorAnswer } from './functions/error-answer.ts';
import type { FunctionsDeps, FunctionsOptions } from './functions/functions-options.ts';
import { createHooksApp } from './hooks/create-hooks-app.ts';
import { isLocalRequest } from './metrics/metrics-access.ts';
import { type MetricsOptions, openMetrics } from './metrics/open-metrics.ts';
import { checkReadiness } from './readiness.ts';
import { securityHeaders } from './security-headers.ts';
import { createV1App } from './v1/create-v1-app.ts';
import { createWebApp } from './web/create-web-app.ts';

export interface ServerOptions extends FunctionsOptions {
  /** Whether the server listens on this machine's loopback only: then /metrics needs no key. Default false. */
  listensOnLoopback?: boolean;
  metrics?: MetricsOptions;
}

/** The app of the server, from Request to Response. */
export function createServerApp(deps: FunctionsDeps, options: ServerOptions): Hono {
  const app = new Hono();
  const metrics = openMetrics(deps, options.metrics);
  // The process answers; says nothing about the database, so that a restart is not the answer to a database that is down.
  app.get('/healthz', (context) => context.json({ ok: true }, 200, securityHeaders));
  app.get('/readyz', async (context) => {
    const readiness = await checkReadiness(deps);
    return context.json(readiness, readiness.ready ? 200 : 503, securityHeaders);
  });
  app.get('/metrics', async (context) => {
    const request = context.req.raw;
    try {
      if (!isLocalRequest(request, options.listensOnLoopback === true)) await checkCaller(request, options);
    } catch (error) {
      const { status, body, headers } = errorAnswer(error, 'AUTH_ERROR', deps.log);
      return jsonAnswer(status, body, { 'www-authenticate': 'Bearer', ...headers });
    }
    const headers = { ...securityHeaders, 'content-type': metrics.contentType };
    return new Response(await metrics.scrape(), { headers });
  });
  app.route('/', createV1App(deps, options));
  // Not mounted: a signature covers the whole address.
  app.route('/hooks', createHooksApp(deps));
  app.route('/', createWebApp());
  app.mount('/', createFunctionsApp(deps, options).fetch);
  return app;
}
