// An HTTP client with manners: only to the config's own origin, in turn with all workers, and not to a host that rests.
import { TillsyncError } from '../../errors.ts';
import type { HttpAnswer, HttpClient } from '../http-client.ts';
import { awaitTurn } from './await-turn.ts';
import { type Breaker, type Outcome, outcomeOf, upstreamResting } from './breaker.ts';
import type { BudgetKey, RateBudget, RateRule } from './rate-budget.ts';

export interface HttpGuards {
  /** Where requests may go: the config's own origin; its budget is the one that counts. */
  key: BudgetKey;
  rule: RateRule | null;
  /** Where a POST may go, too: the address at which the connector gets its tokens. */
  tokenUrl: URL | null;
  budget: RateBudget;
  /** Longest wait for a turn; default 300. */
  mostWaitSeconds?: number;
  breaker: Breaker;
  signal?: AbortSignal | undefined;
  onWait?: ((milliseconds: number, error: Error) => void) | undefined;
}

/**
 * The same client behind its guards. Its requests throw, beside what the client throws: origin_refused,
 * rate_budget_used, upstream_resting.
 */
export function guardHttp(http: HttpClient, guards: HttpGuards): HttpClient {
  const { tokenUrl } = guards;
  return {
    get: (address, options) => guarded(guards, { url: urlOf(address) }, () => http.get(address, options)),
    post: (address, options) => {
      const url = urlOf(address);
      const isTokenUrl = url !== null && url.href === tokenUrl?.href;
      return guarded(guards, { url, isTokenUrl }, () => http.post(address, options));
    },
    close: () => http.close(),
  };
}

function urlOf(address: string | URL): URL | null {
  return typeof address === 'string' ? URL.parse(address) : address;
}

interface Target {
  url: URL | null;
  isTokenUrl?: boolean;
}

async function guarded(
  guards: HttpGuards,
  { url, isTokenUrl = false }: Target,
  send: () => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  // What is no address at all is refused by the client in its own words.
  if (url === null) return await send();
  const isOwn = url.origin === guards.key.origin;
  if (!isOwn && !isTokenUrl) throw originRefused(guards.key.origin, url);
  const { budget, breaker, key, rule, signal, onWait } = guards;
  if (isOwn) {
    // No turn is taken, and waited for, that a host which rests would not use.
    const resting = rule === null ? null : await breaker.look(url.host);
    if (resting !== null) throw upstreamResting(url.host, resting);
    await awaitTurn({ budget, key, rule, mostSeconds: guards.mostWaitSeconds, signal, onWait });
  }
  const admission = await breaker.admit(url.host);
  if ('retryAt' in admission) throw upstreamResting(url.host, admission);
  const settle = once((outcome) => breaker.settle(url.host, { ...admission, outcome }));
  try {
    return watched(await send(), settle);
  } catch (error) {
    await tellFailure(error, settle, isOwn ? guards : null);
    throw error;
  }
}

type Settle = (outcome: Outcome) => Promise<void>;

function once(settle: Settle): Settle {
  let settled = false;
  return async (outcome) => {
    if (settled) return;
    settled = true;
    await settle(outcome);
  };
}

async function tellFailure(error: unknown, settle: Settle, paying: HttpGuards | null): Promise<void> {
  try {
    await settle(outcomeOf(error));
    const isLimit = error instanceof TillsyncError && error.code === 'upstream_rate_limited';
    if (isLimit && paying !== null && typeof error.retry === 'object') {
      await paying.budget.pause(paying.key, error.retry.afterSeconds);
    }
  } catch {
    // A database that fails now fails the run's next statement with its own words; the POS's failure is the news here.
  }
}

/** Whether a host works is known when the last byte has come: one that only ever begins to answer is down, too. */
function watched(answer: HttpAnswer, settle: Settle): HttpAnswer {
  const reading = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      await tellFailure(error, settle, null);
      throw error;
    }
  };
  return {
    ...answer,
    body: { [Symbol.asyncIterator]: () => pieces(answer, reading, settle) },
    text: (limit) =>
      reading(async () => {
        const text = await answer.text(limit);
        await settle('success');
        return text;
      }),
    discard() {
      answer.discard();
      // Nobody waits for it, and a database that fails says so at the next statement.
      settle('success').catch(() => undefined);
    },
  };
}

async function* pieces(
  answer: HttpAnswer,
  reading: <T>(read: () => Promise<T>) => Promise<T>,
  settle: Settle,
): AsyncGenerator<Uint8Array, void, void> {
  const iterator = answer.body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await reading(() => iterator.next());
      if (next.done) break;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
    // Also where the reader has seen enough: the host has answered.
    await settle('success');
  }
}

function originRefused(own: string, url: URL): TillsyncError {
  return new TillsyncError(
    `A request to ${url.origin} was stopped: this config reads ${own}, and its credentials go nowhere else.`,
    {
      code: 'origin_refused',
      step: 'fetch',
      status: 422,
      hint: 'If the POS has moved, put its new address into base_url.',
      facts: { origin: own, asked: url.origin },
    },
  );
}
