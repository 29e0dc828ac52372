// The edge functions as a library (`tillsync/functions`): plain handlers from Request to Response, for Node and Deno.
import { authenticateKey } from '../../access/authenticate-key.ts';
import { callerOfToken, looksLikeToken } from '../../access/supabase-token.ts';
import type { Config } from '../../config.ts';
import { openLog } from '../../log.ts';
import { callFunction, jsonAnswer } from './create-functions-app.ts';
import { problem } from './error-answer.ts';
import type { FunctionName, FunctionsDeps, FunctionsOptions } from './functions-options.ts';

export type { Caller } from '../../access/caller.ts';
export { createFunctionsApp } from './create-functions-app.ts';
export type { FunctionName, FunctionsDeps, FunctionsOptions } from './functions-options.ts';

/** What a function needs of an opened tillsync (app.ts gives it). */
export interface OpenedFunctions {
  deps: FunctionsDeps;
  config: Pick<Config, 'adminKey' | 'corsOrigins'> & Partial<Pick<Config, 'supabaseJwtSecret' | 'supabaseUrl'>>;
}

/** Options from an opened tillsync: its settings, and keys looked up in its database. */
export function functionsOptions(opened: OpenedFunctions): FunctionsOptions {
  const { adminKey, corsOrigins, supabaseJwtSecret: secret = null, supabaseUrl: url = null } = opened.config;
  return {
    adminKey,
    corsOrigins,
    async authenticate(key) {
      if (secret !== null && looksLikeToken(key)) return await callerOfToken(key, { secret, url });
      return await authenticateKey(opened.deps.database, key);
    },
  };
}

/**
 * A handler for one function, for `Deno.serve` and the like. `open` runs once, at the first call; when it fails, the
 * next call tries again.
 */
export function serveFunction(
  name: FunctionName,
  open: () => Promise<OpenedFunctions>,
): (request: Request) => Promise<Response> {
  let opening: Promise<OpenedFunctions> | null = null;
  return async (request) => {
    opening ??= open();
    let opened: OpenedFunctions;
    try {
      opened = await opening;
    } catch (error) {
      opening = null;
      openLog('error').error({ err: error }, 'the function could not open its database or settings');
      return notOpened();
    }
    const options = { ...functionsOptions(opened), keepAlive };
    return await callFunction(name, request, { deps: opened.deps, options });
  };
}

// Nobody has shown a key yet, so the reason is for the log only.
function notOpened(): Response {
  const error = 'This function cannot reach its database, or its settings are wrong.';
  const { body } = problem({ status: 503, code: 'SYNC_ERROR', error, hint: 'Its log says which.' });
  return jsonAnswer(503, body, { 'retry-after': '30' });
}

// Supabase ends a function after its answer unless it is asked to wait for what goes on.
function keepAlive(work: Promise<unknown>): void {
  const { EdgeRuntime } = globalThis as { EdgeRuntime?: { waitUntil(work: Promise<unknown>): void } };
  EdgeRuntime?.waitUntil(work);
}
