// One request of Qu's gateway: with the access token in force and the id of the integration.
import { TillsyncError } from '../../../errors.ts';
import type { HttpAnswer } from '../../../net/http-client.ts';
import type { FetchContext } from '../../connector.ts';
import { nativeHeaders } from './native-settings.ts';

/** One GET, with the access token in force; a token that is refused is renewed once. Throws TillsyncError (step 'fetch'). */
export async function askGateway({ http, settings, accessToken, signal }: FetchContext, url: URL): Promise<HttpAnswer> {
  if (accessToken === undefined) throw new Error('the native form of Qu was called without its access token');
  const ask = (token: string) => http.get(url, { headers: nativeHeaders(settings.params, token), signal });
  const token = await accessToken();
  try {
    return await ask(token);
  } catch (error) {
    const status = error instanceof TillsyncError && error.code === 'upstream_auth' ? error.facts.status : null;
    if (status === 403) throw notAllowed(url, error);
    if (status !== 401) throw error;
  }
  // The token may have been taken back before its time: once, a new one is asked for.
  return await ask(await accessToken(token));
}

function notAllowed(url: URL, cause: unknown): TillsyncError {
  return new TillsyncError(`Qu at ${url.origin} does not let this integration read this location (HTTP 403).`, {
    code: 'upstream_auth',
    step: 'fetch',
    hint: 'Check integration_id and location_id, or ask Qu to allow your integration on this location.',
    facts: { status: 403, origin: url.origin },
    cause,
  });
}
