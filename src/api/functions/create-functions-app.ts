// The four edge functions as one app from Request to Response: method, caller, body, work, answer.
import { Hono } from 'hono';
import type { Logger } from '../../log.ts';
import { securityHeaders } from '../security-headers.ts';
import { checkCaller } from './check-caller.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { fetchIntegrationData } from './endpoints/fetch-integration-data.ts';
import { formatIntegrationData } from './endpoints/format-integration-data.ts';
import { saveIntegrationData } from './endpoints/save-integration-data.ts';
import { syncOrchestrator } from './endpoints/sync-orchestrator.ts';
import { errorAnswer, problem } from './error-answer.ts';
import type { EdgeFunction, ErrorCode, FunctionName, FunctionsDeps, FunctionsOptions } from './functions-options.ts';
import { functionNames } from './functions-options.ts';
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
    return json(404, body, corsHeaders(context.req.raw, options.corsOrigins));
  });
  return app;
}

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
    return json(405, body, { ...cors, allow: 'POST, OPTIONS' });
  }
  try {
    const caller = await checkCaller(request, options);
    const answer = await edgeFunction.answer({
      deps,
      options,
      requestedBy: `key:${caller.name}`,
      body: await readBody(request, edgeFunction.maxBody),
      signal: request.signal,
    });
    return json(answer.status, answer.body, { ...cors, ...answer.headers });
  } catch (error) {
    return answerError(error, { own: edgeFunction.errorCode, log: deps.log, headers: cors });
  }
}

/** The Response for anything thrown; a bug shows a reference id only. */
export function answerError(
  error: unknown,
  given: { own: ErrorCode; log: Logger; headers?: Readonly<Record<string, string>> },
): Response {
  const answer = errorAnswer(error, given.own, given.log);
  const challenge = answer.status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  return json(answer.status, answer.body, { ...given.headers, ...challenge, ...answer.headers });
}

// JSON.stringify writes numbers kept as text verbatim, so digits survive on the way out too.
function json(status: number, body: object, headers: Readonly<Record<string, string>>): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...securityHeaders, 'content-type': 'application/json; charset=utf-8', ...headers },
  });
}
