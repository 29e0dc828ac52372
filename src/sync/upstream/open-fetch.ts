// The way of one fetch to its POS: an HTTP client behind its guards, and the access token of the config.
import type { FetchContext, TokenRule } from '../../connectors/connector.ts';
import { TillsyncError } from '../../errors.ts';
import { type Json, parseForeign } from '../../json.ts';
import { type EchoedSecrets, gatherSecrets, scrubError, scrubHttp } from '../../net/echoes/scrub-http.ts';
import type { HttpClient } from '../../net/http-client.ts';
import { guardHttp, type HttpGuards } from '../../net/manners/guard-http.ts';
import { type IssuedToken, readOAuthToken, tokenUnreadable } from '../../net/manners/token-store.ts';
import { tokenDeadlineSeconds, tokenTurnSeconds } from '../../records/upstream/token-store.ts';
import type { Deps } from '../deps.ts';
import type { ResolvedConfig } from '../resolve-config.ts';
import { openUpstream } from './open-upstream.ts';

type Reaching = Pick<Deps, 'database' | 'vault' | 'openHttp'>;

/** Settings to fetch by. `credentialsOf` null = of no stored config: its token lives only as long as the fetch. */
export interface Fetching extends Pick<ResolvedConfig, 'connector' | 'params' | 'secrets'> {
  credentialsOf: string | null;
}

interface FetchWaits {
  signal: AbortSignal;
  onWait?: ((milliseconds: number, error: Error) => void) | undefined;
}

/** The way to the POS, and the secrets that are sent on it, tokens among them. */
type Way = Pick<FetchContext, 'http' | 'accessToken'> & { echoed: EchoedSecrets };

/**
 * What a connector's fetch gets for its config; the caller closes `http`. Nothing that comes back holds a secret that was
 * sent: no page, no header, no error.
 */
export async function openFetch(deps: Reaching, resolved: Fetching, waits: FetchWaits): Promise<Way> {
  const { connector, params } = resolved;
  const origin = connector.origin(params);
  const rule = connector.token?.applies?.(params) === false ? undefined : connector.token;
  const { budget, breaker, tokens } = openUpstream(deps.database, deps.vault);
  const guards: HttpGuards = {
    key: { origin, credential: await credentialOf(deps, resolved) },
    rule: connector.rateBudget ?? null,
    tokenUrl: rule?.url(params) ?? null,
    budget,
    breaker,
    ...waits,
  };
  const echoed = secretsOf(deps, resolved);
  const http = scrubHttp(guardHttp(deps.openHttp(), guards), echoed);
  if (rule === undefined) return { http, echoed };
  const issuing = issueToken(deps, { resolved, guards, rule, echoed });
  const { credentialsOf } = resolved;
  if (credentialsOf === null) return { http, echoed, accessToken: knownToken(echoed, passingToken(issuing)) };
  return {
    http,
    echoed,
    accessToken: knownToken(echoed, async (refused) => {
      waits.signal.throwIfAborted();
      const asked = tokens.accessToken(
        { configId: credentialsOf, origin, grant: grantOf(resolved) },
        { refused: refused ?? null, issue: issuing },
      );
      return await untilAborted(asked, waits.signal);
    }),
  };
}

function secretsOf({ vault }: Reaching, { connector, params, secrets }: Fetching): EchoedSecrets {
  const texts = [...Object.values(secrets), ...(connector.secretTexts?.({ params, secrets }) ?? [])];
  vault.learn(texts);
  return gatherSecrets(texts);
}

/** A token is a secret from the moment on at which it is handed out. */
function knownToken(echoed: EchoedSecrets, ask: NonNullable<FetchContext['accessToken']>): typeof ask {
  return async (refused) => {
    try {
      const token = await ask(refused);
      echoed.add(token);
      return token;
    } catch (error) {
      throw scrubError(error, echoed.redactSentence);
    }
  };
}

/** A token that nobody else uses and nothing keeps. */
function passingToken(
  issue: (refreshToken: string | null) => Promise<IssuedToken>,
): NonNullable<FetchContext['accessToken']> {
  let issued: IssuedToken | null = null;
  return async (refused) => {
    if (issued === null || issued.accessToken === refused) issued = await issue(issued?.refreshToken ?? null);
    return issued.accessToken;
  };
}

/** Names the credentials without telling them: the same ones in two configs have one budget. */
async function credentialOf({ vault }: Reaching, resolved: Fetching): Promise<string> {
  const hasSecrets = Object.keys(resolved.secrets).length > 0;
  // A config without secrets needs no key; all of them are one anonymous caller.
  return hasSecrets ? await vault.fingerprint(`${resolved.connector.id} ${grantOf(resolved)}`) : '00';
}

function grantOf({ secrets }: Fetching): string {
  return JSON.stringify(Object.entries(secrets).sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface Issuing {
  resolved: Fetching;
  guards: HttpGuards;
  rule: TokenRule;
  echoed: EchoedSecrets;
}

/**
 * One request for a token, on a client of its own and without the run's signal: a run that is cancelled must not break off
 * a renewal that uses up a refresh token, and others wait for it. Never repeated here, for the same reason.
 */
function issueToken(
  deps: Reaching,
  { resolved, guards, rule, echoed }: Issuing,
): (refreshToken: string | null) => Promise<IssuedToken> {
  return async (refreshToken) => {
    const { params, secrets } = resolved;
    const url = rule.url(params);
    const { signal: _, onWait: __, ...own } = guards;
    const http: HttpClient = guardHttp(deps.openHttp(), { ...own, mostWaitSeconds: tokenTurnSeconds });
    try {
      const request = rule.request({ params, secrets }, refreshToken);
      const { redact } = deps.vault;
      const answer = await http.post(url, { ...request, totalSeconds: tokenDeadlineSeconds, redact });
      const text = await answer.text(256 * 1_024);
      const issued = (rule.read ?? readOAuthToken)(parsed(text), new Date());
      const tokens = [issued.accessToken, issued.refreshToken].filter((token) => token !== null);
      deps.vault.learn(tokens);
      for (const token of tokens) echoed.add(token);
      return issued;
    } catch (error) {
      throw isRefused(error) ? tokenRefused(url, error) : error;
    } finally {
      await http.close();
    }
  };
}

function parsed(text: string): Json {
  const value = parseForeign(text);
  if (value === undefined) throw tokenUnreadable();
  return value;
}

function isRefused(error: unknown): error is TillsyncError {
  if (!(error instanceof TillsyncError)) return false;
  return error.code === 'upstream_auth' || (error.code === 'upstream_status' && error.facts.status === 400);
}

function tokenRefused(url: URL, cause: TillsyncError): TillsyncError {
  return new TillsyncError(`The POS at ${url.origin} refuses to issue a token for these credentials.`, {
    code: 'token_refused',
    step: 'fetch',
    hint: 'Connect the POS again and set the new credentials with `tillsync configs set <config> --secret <name>=-`.',
    facts: { status: cause.facts.status, excerpt: cause.facts.excerpt },
    cause,
  });
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}
