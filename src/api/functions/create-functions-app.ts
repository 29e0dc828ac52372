// The four edge functions as one app from Request to Response: method, caller, body, work, answer.
import { Hono } from 'hono';
import type { Caller } from '../../access/caller.ts';
import { noteDenial, noteKeyUse } from '../../access/note-access.ts';
import { TillsyncError } from '../../errors.ts';
import { countCall } from '../edge/count-call.ts';
import { securityHeaders } from '../security-headers.ts';
import { checkCaller } from './check-caller.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { fetchIntegrationData } from './endpoints/fetch-integration-data.ts';
import { formatIntegrationData } from './endpoints/format-integration-data.ts';
import { saveIntegrationData } from './endpoints/save-integration-data.ts';
import { syncOrchestrator } from './endpoints/sync-orchestrator.ts';
import { errorAnswer, problem } from './error-answer.ts';
import type { EdgeFunction, FunctionName, FunctionsDeps, FunctionsOptions } from './functions-options.ts';
import { functionNames } from './functions-options.ts';
import { permitCall } from './permit-call.ts';
import { readBody } from './read-body.ts';

const functions: Readonly<Record<FunctionName, EdgeFunction>> = {
  'sync-orchestrator': syncOrchestrator,
  'fetch-integration-data': fetchIntegrationData,
  'format-integration-data': formatIntegrationData,
  'save-integration-data': saveIntegrationData,
};

/**
 * The app that serves POST /functions/v1/<name>, and /<name> as Supabase passes it on. Every answer is JSON in the
 * contract's shape, whatever goes wrong.
 */
export function createFunctionsApp(deps: FunctionsDeps, options: FunctionsOptions): Hono {
  const app = new Hono();
  for (const name of functionNames) {
    for (const path of [`/functions/v1/${name}`, `/${name}`]) {
      app.all(path, (context) => callFunction(name, context.req.raw, { deps, options }));
    }
  }
  app.notFound((context) => {
    const error = 'There is no such function.';
    const hint = `Known: ${functionNames.join(', ')}.`;
    const { body } = problem({ status: 404, code: 'VALIDATION_ERROR', error, hint });
    return jsonAnswer(404, body, corsHeaders(context.req.raw, options.corsOrigins));
  });
  return app;
}

// Whoever passes a call on to us (a gateway of Supabase) has the caller's address; we do not.
const nobody = { address: null, requestId: null };

/** One call of one function, whatever its path. Never throws. */
export async function callFunction(
  name: FunctionName,
  request: Request,
  given: { deps: FunctionsDeps; options: FunctionsOptions },
): Promise<Response> {
  const { deps, options } = given;
  const edgeFunction = functions[name];
  if (request.method === 'OPTIONS') {
    const headers = { ...securityHeaders, ...preflightHeaders(request, options.corsOrigins) };
    return new Response(null, { status: 204, headers });
  }
  const cors = corsHeaders(request, options.corsOrigins);
  if (request.method !== 'POST') {
    const error = `${name} is called with POST.`;
    const { body } = problem({ status: 405, code: 'VALIDATION_ERROR', error, hint: 'Send a POST with a JSON body.' });
    return jsonAnswer(405, body, { ...cors, allow: 'POST, OPTIONS' });
  }
  let caller: Caller | null = null;
  try {
    caller = await checkCaller(request, options);
    await noteKeyUse(deps, caller, nobody);
    countCall(options.limits, { method: 'POST', path: `/functions/v1/${name}`, who: caller.id ?? caller.name });
    const permitted = permitCall(caller, edgeFunction.permission, deps);
    const answer = await edgeFunction.answer({
      ...permitted,
      options,
      body: await readBody(request, edgeFunction),
      signal: request.signal,
    });
    return jsonAnswer(answer.status, answer.body, { ...cors, ...answer.headers });
  } catch (error) {
    if (error instanceof TillsyncError && error.step === 'auth') {
      const { permission } = edgeFunction;
      const route = `POST /functions/v1/${name}`;
      await noteDenial(deps, { caller, request: nobody, route, permission, reason: error.code });
    }
    const answer = errorAnswer(error, edgeFunction.errorCode, deps.log);
    const challenge = answer.status === 401 ? { 'www-authenticate': 'Bearer' } : {};
    return jsonAnswer(answer.status, answer.body, { ...cors, ...challenge, ...answer.headers });
  }
}

/** A JSON Response with the security headers. Numbers kept as text are written verbatim, so no digit is lost. */
export function jsonAnswer(status: number, body: object, headers: Readonly<Record<string, string>>): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...securityHeaders, 'content-type': 'application/json; charset=utf-8', ...headers },
  });
}
