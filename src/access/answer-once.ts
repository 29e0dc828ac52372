// Idempotency-Key: a request that comes twice is done once, and its answer is given twice.
import { createHash, createHmac } from 'node:crypto';
import type { Queryable } from '../db/database.ts';
import { inputError, TillsyncError } from '../errors.ts';
import {
  claimKey,
  findKey,
  keepAnswer,
  type RequestKey,
  releaseKey,
  type StoredAnswer,
} from '../records/access/idempotency-keys.ts';

export interface KeyedRequest {
  /** Who asks: the API key's id, or 'admin'. */
  scope: string;
  /** What the Idempotency-Key header says. */
  key: string;
  /** Everything that makes the request: method, address, body. */
  content: string;
}

/**
 * Does `work` unless this caller made the same request under this key within 24 hours: then its answer, `repeated`. An
 * answer of 400 and above is not kept, because such a request changed nothing. Throws TillsyncError
 * idempotency_key_invalid (400), idempotency_key_reused (422: another request), request_in_flight (409).
 */
export async function answerOnce(
  q: Queryable,
  request: KeyedRequest,
  work: () => Promise<StoredAnswer>,
): Promise<{ answer: StoredAnswer; repeated: boolean }> {
  const key = requestKey(request);
  const claim = await claimKey(q, key);
  if (claim === null) return { answer: await earlierAnswer(q, key), repeated: true };
  let answer: StoredAnswer;
  try {
    answer = await work();
  } catch (error) {
    await releaseKey(q, { key, claim });
    throw error;
  }
  if (answer.status < 400) await keepAnswer(q, { key, claim, answer });
  else await releaseKey(q, { key, claim });
  return { answer, repeated: false };
}

function requestKey({ scope, key, content }: KeyedRequest): RequestKey {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw inputError(
      'idempotency_key_invalid',
      'An Idempotency-Key has 1 to 255 printable ASCII characters and no spaces.',
      'Use a random UUID for each request that must happen once.',
    );
  }
  const fingerprint = createHmac('sha256', key).update(content).digest();
  return { scope, keyHash: createHash('sha256').update(key).digest(), fingerprint };
}

async function earlierAnswer(q: Queryable, key: RequestKey): Promise<StoredAnswer> {
  const found = await findKey(q, key);
  if (found !== null && !found.fingerprint.equals(key.fingerprint)) {
    throw new TillsyncError('This Idempotency-Key was used for another request.', {
      code: 'idempotency_key_reused',
      step: 'validation',
      effect: 'Nothing was changed.',
      hint: 'Use a new key for a new request, and the same key only to repeat one.',
      status: 422,
    });
  }
  if (found?.answer) return found.answer;
  throw new TillsyncError('The first request with this Idempotency-Key is still under way.', {
    code: 'request_in_flight',
    step: 'validation',
    retry: { afterSeconds: 2 },
    effect: 'This repetition changed nothing.',
    hint: 'Repeat it in a moment: it then gets the answer of the first; if that one died, after a minute it is done anew.',
    status: 409,
  });
}
