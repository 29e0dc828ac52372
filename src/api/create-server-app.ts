// Everything `tillsync start` serves: the edge functions, webhooks of POS, /healthz and /readyz.
import { Hono } from 'hono';
import { createFunctionsApp } from './functions/create-functions-app.ts';
import type { FunctionsDeps, FunctionsOptions } from './functions/functions-options.ts';
import { createHooksApp } from './hooks/create-hooks-app.ts';
import { checkReadiness } from './readiness.ts';
import { securityHeaders } from './security-headers.ts';

/** The app of the server, from Request to Response. */
export function createServerApp(deps: FunctionsDeps, options: FunctionsOptions): Hono {
  const app = new Hono();
  // The process answers; says nothing about the database, so that a restart is not the answer to a database that is down.
  app.get('/healthz', (context) => context.json({ ok: true }, 200, securityHeaders));
  app.get('/readyz', async (context) => {
    const readiness = await checkReadiness(deps);
    return context.json(readiness, readiness.ready ? 200 : 503, securityHeaders);
  });
  // Not mounted: a signature covers the whole address.
  app.route('/hooks', createHooksApp(deps));
  app.mount('/', createFunctionsApp(deps, options).fetch);
  return app;
}
