// /api: who calls, what is refused before a route sees it, the routes of /api/v1, their document and its page.
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { matchedRoutes } from 'hono/route';
import { type NotedRequest, noteDenial, noteKeyUse } from '../../access/note-access.ts';
import { openPasswords } from '../../access/people/passwords/open-passwords.ts';
import { TillsyncError } from '../../errors.ts';
import type { Deps } from '../../sync/deps.ts';
import { clientAddress } from '../edge/client-address.ts';
import { countCall } from '../edge/count-call.ts';
import { corsHeaders } from '../functions/cors.ts';
import { securityHeaders } from '../security-headers.ts';
import { addAdoptionRoute } from './access/adoption.ts';
import { addKeyRoutes } from './access/keys.ts';
import { addVaultRoute } from './access/vault.ts';
import { addVerifyRoute } from './access/verify.ts';
import type { ApiApp, ApiEnv, ApiGiven, ApiOptions } from './api-given.ts';
import { addAuditRoutes } from './audit/audit.ts';
import { addExportRoutes } from './details/exports.ts';
import { addModifierRoute } from './details/modifiers.ts';
import { addRunDetailRoutes } from './details/run-details.ts';
import { addDocsRoutes } from './docs/add-docs-routes.ts';
import { addNowRoute } from './events/now.ts';
import { addRunHoursRoute } from './events/run-hours.ts';
import { addRunLogRoutes } from './events/run-log.ts';
import { streamSeats } from './events/stream-seats.ts';
import { openNowWatch } from './events/watch-now.ts';
import { openRunWatch } from './events/watch-runs.ts';
import { findCaller } from './guards/find-caller.ts';
import { withGiven } from './guards/permit.ts';
import { refuseUndeclared } from './guards/refuse-undeclared.ts';
import { addLinkRoutes } from './people/links.ts';
import { addMeRoutes } from './people/me.ts';
import { addSecondFactorRoutes } from './people/second-factor.ts';
import { addSessionRoutes } from './people/session.ts';
import { addUserRoutes } from './people/users.ts';
import { addPlaceChangeRoutes } from './places/change-places.ts';
import { addSiteImportRoutes } from './places/import-sites.ts';
import { problemAnswer } from './problem-answer.ts';
import { addRecipeRoutes } from './recipes/recipes.ts';
import { addRejectRoutes } from './rejects/rejects.ts';
import { allowedMethods } from './requests/allowed-methods.ts';
import { keyedRequests } from './requests/keyed-requests.ts';
import { refuseInvalid } from './requests/refuse-invalid.ts';
import { takeBody } from './requests/take-body.ts';
import { addCatalogRoutes } from './routes/catalog.ts';
import { addConfigLevelRoutes } from './routes/config-levels.ts';
import { addConfigRoutes } from './routes/configs.ts';
import { addConnectionTestRoutes } from './routes/connection-tests.ts';
import { addHierarchyRoutes } from './routes/hierarchy.ts';
import { addImportRoute } from './routes/import.ts';
import { addItemRoutes } from './routes/items.ts';

import { addRedoRoutes } from './routes/redo-runs.ts';
import { addRunRowRoutes } from './routes/run-rows.ts';
import { addRunRoutes } from './routes/runs.ts';
import { addSystemRoutes } from './system/system.ts';

/** The app of everything below /api. Every answer is JSON or problem+json, whatever goes wrong; only the pages are not. */
export function createV1App(deps: Deps, options: ApiOptions): ApiApp {
  const people = { database: deps.database, vault: deps.vault, passwords: options.passwords ?? openPasswords() };
  const seats = streamSeats(options.maxStreams ?? 1000);
  const given: ApiGiven = { deps, options, people, watch: openRunWatch(deps), now: openNowWatch(deps), seats };
  const app: ApiApp = new OpenAPIHono<ApiEnv>({ defaultHook: (result) => refuseInvalid(result) }).basePath('/api');
  app.use('*', withHeaders(given));
  addDocsRoutes(app);
  app.use('/v1/*', withGiven(given), withCaller(given), withLimits(given), takeBody, keyedRequests(given));
  addCatalogRoutes(app, given);
  addHierarchyRoutes(app);
  addPlaceChangeRoutes(app);
  addSiteImportRoutes(app);
  addConfigRoutes(app);
  addConnectionTestRoutes(app, given);
  addImportRoute(app, given);
  addConfigLevelRoutes(app);
  addItemRoutes(app);
  addModifierRoute(app);
  addExportRoutes(app);
  addRunRoutes(app);
  addRunDetailRoutes(app);
  addRedoRoutes(app);
  addRunRowRoutes(app, given);
  addRunLogRoutes(app);
  addRejectRoutes(app);
  addRecipeRoutes(app);
  addNowRoute(app, given);
  addRunHoursRoute(app);
  addKeyRoutes(app);
  addVaultRoute(app);
  addVerifyRoute(app);
  addSystemRoutes(app, given);
  addAdoptionRoute(app);
  addAuditRoutes(app);
  addSessionRoutes(app);
  addMeRoutes(app);
  addSecondFactorRoutes(app);
  addLinkRoutes(app);
  addUserRoutes(app);
  refuseUndeclared(app);
  app.all('/*', (context) => {
    throw noSuchRoute(allowedMethods(app, context.req.path));
  });
  app.onError(async (error, context) => {
    await noteRefusal(deps, error, context);
    return problemAnswer(error instanceof HTTPException ? refusedByRouter(error) : error, {
      requestId: context.get('requestId'),
      log: deps.log,
    });
  });
  return app;
}

// Pages of allowed origins may call; for all others the browser keeps the answer back.
function withHeaders({ options }: ApiGiven): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    context.set('requestId', crypto.randomUUID());
    const cors = corsHeaders(context.req.raw, options.corsOrigins);
    const isAllowed = 'access-control-allow-origin' in cors;
    if (context.req.method === 'OPTIONS') {
      const preflight = isAllowed ? preflightHeaders : {};
      return new Response(null, { status: 204, headers: { ...securityHeaders, ...cors, ...preflight } });
    }
    await next();
    const exposed = isAllowed ? { 'access-control-expose-headers': exposedHeaders } : {};
    const headers = { ...securityHeaders, ...cors, ...exposed, 'x-request-id': context.get('requestId') };
    for (const [name, value] of Object.entries(headers)) {
      // A page of ours has a policy of its own.
      if (name !== 'content-security-policy' || !context.res.headers.has(name)) context.res.headers.set(name, value);
    }
  };
}

const exposedHeaders = 'ETag, Location, Retry-After, Idempotency-Replayed, X-Request-Id';
const preflightHeaders = {
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, if-match, idempotency-key, last-event-id',
  'access-control-max-age': '600',
};

function withCaller({ deps }: ApiGiven): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    context.set('address', clientAddress(context));
    const caller = await findCaller(context);
    context.set('caller', caller);
    await noteKeyUse(deps, caller, requestOf(context));
    await next();
  };
}

function withLimits({ options }: ApiGiven): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const { kind, id, name } = context.get('caller');
    const { method, path } = context.req;
    // Strangers are counted by their address before (edge/count-strangers.ts): together they would keep each other out.
    if (kind !== 'nobody') countCall(options.limits, { method, path, who: id ?? name });
    await next();
  };
}

// Who was turned away, for whichever reason, wherever it was found out.
async function noteRefusal(deps: Deps, error: Error, context: Context<ApiEnv>): Promise<void> {
  // Signing in and links write their own refusals.
  const isOwn = /^\/api\/v1\/(session|links)\b/.test(context.req.path);
  if (!(error instanceof TillsyncError) || error.step !== 'auth' || (isOwn && context.req.method !== 'GET')) return;
  const { permission } = error.facts;
  await noteDenial(deps, {
    caller: context.get('caller') ?? null,
    request: requestOf(context),
    route: `${context.req.method} ${matchedRoutes(context).findLast(({ path }) => !path.includes('*'))?.path ?? '/api/*'}`,
    permission: typeof permission === 'string' ? permission : 'self',
    reason: error.code,
  });
}

function requestOf(context: Context<ApiEnv>): NotedRequest {
  return { address: context.get('address') ?? null, requestId: context.get('requestId') ?? null };
}

function noSuchRoute(allowed: readonly string[]): TillsyncError {
  const allow = allowed.join(', ');
  return new TillsyncError(allow === '' ? 'There is no such address.' : `This address takes ${allow} only.`, {
    code: 'route_unknown',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'The addresses are listed at /api/docs.',
    status: allow === '' ? 404 : 405,
    facts: allow === '' ? {} : { allow },
  });
}

// What the library refuses by itself: a body that is no JSON after all.
function refusedByRouter(error: HTTPException): TillsyncError {
  return new TillsyncError(`${error.message === '' ? 'The request is refused' : error.message}.`, {
    code: 'request_invalid',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'What each route takes is described at /api/docs.',
    status: error.status,
  });
}
