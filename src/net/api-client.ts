// Calls another tillsync's HTTP API: JSON in and out, with a deadline, and without losing a digit of a number.
import { Readable } from 'node:stream';
import { TillsyncError } from '../errors.ts';
import { type Json, parseJson } from '../json.ts';
import { loadUndici } from './undici/load-undici.ts';

const deadlineMs = 60_000;

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the server, with its query, e.g. '/api/v1/runs?limit=2'. */
  path: string;
  body?: object;
  /** Makes a POST safe to send twice. */
  idempotencyKey?: string;
  /** Which state a change means: an ETag, or * for whatever it is now. */
  ifMatch?: string;
  signal?: AbortSignal | undefined;
}

export interface ApiAnswer {
  status: number;
  /** null = no JSON came. */
  body: Json | null;
}

export interface ApiClient {
  /** Whatever the server answers. Throws TillsyncError server_unreachable; an abort of the signal throws its reason. */
  send(request: ApiRequest): Promise<ApiAnswer>;
  /**
   * GETs a file: its bytes as they come, without a deadline for the whole; `problem` where the answer is none (400 and
   * above). Throws as send does.
   */
  open(request: Pick<ApiRequest, 'path' | 'signal'>): Promise<ApiFile>;
  /** POSTs a file in pieces, once and without a deadline for the whole: its answer may be the end of long work. Throws as send does. */
  upload(request: ApiUpload): Promise<ApiAnswer>;
  close(): Promise<void>;
}

export interface ApiUpload extends Pick<ApiRequest, 'path' | 'signal'> {
  /** Read once. What it throws is thrown. */
  file: AsyncIterable<Uint8Array>;
}

export interface ApiFile {
  status: number;
  body: AsyncIterable<Uint8Array>;
  problem: { body: Json | null } | null;
}

/** Opens a client of the server at `url`; nothing is sent yet. */
export async function openApiClient(server: { url: string; apiKey: string }): Promise<ApiClient> {
  const { Agent, request } = loadUndici();
  const agent = new Agent({ connect: { timeout: 10_000 }, keepAliveTimeout: 4_000 });
  return {
    async send({ method, path, body, idempotencyKey, ifMatch, signal }) {
      const deadline = AbortSignal.timeout(deadlineMs);
      try {
        const answer = await request(new URL(`${server.url}${path}`), {
          method,
          dispatcher: agent,
          headers: {
            accept: 'application/json',
            authorization: `Bearer ${server.apiKey}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
            ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: signal ? AbortSignal.any([deadline, signal]) : deadline,
        });
        return { status: answer.statusCode, body: jsonOf(await answer.body.text()) };
      } catch (error) {
        signal?.throwIfAborted();
        throw unreachable(server.url, error);
      }
    },
    async open({ path, signal }) {
      try {
        const answer = await request(new URL(`${server.url}${path}`), {
          dispatcher: agent,
          headers: { authorization: `Bearer ${server.apiKey}` },
          headersTimeout: deadlineMs,
          bodyTimeout: deadlineMs,
          ...(signal ? { signal } : {}),
        });
        const status = answer.statusCode;
        const problem = status < 400 ? null : { body: jsonOf(await answer.body.text()) };
        return { status, body: answer.body, problem };
      } catch (error) {
        signal?.throwIfAborted();
        throw unreachable(server.url, error);
      }
    },
    async upload({ path, file, signal }) {
      const given = watched(file);
      try {
        const answer = await request(new URL(`${server.url}${path}`), {
          method: 'POST',
          dispatcher: agent,
          headers: {
            accept: 'application/json',
            authorization: `Bearer ${server.apiKey}`,
            'content-type': 'application/octet-stream',
          },
          body: Readable.from(given.pieces),
          headersTimeout: 0,
          bodyTimeout: deadlineMs,
          ...(signal ? { signal } : {}),
        });
        return { status: answer.statusCode, body: jsonOf(await answer.body.text()) };
      } catch (error) {
        signal?.throwIfAborted();
        if (given.fault !== null) throw given.fault.error;
        throw unreachable(server.url, error);
      }
    },
    close: () => agent.destroy(),
  };
}

/** The same pieces; what reading them throws is kept, since it is no fault of the server. */
function watched(file: AsyncIterable<Uint8Array>) {
  const watch: { pieces: AsyncIterable<Uint8Array>; fault: { error: unknown } | null } = {
    pieces: pieces(),
    fault: null,
  };
  async function* pieces() {
    try {
      for await (const piece of file) yield piece;
    } catch (error) {
      watch.fault = { error };
      throw error;
    }
  }
  return watch;
}

function jsonOf(text: string): Json | null {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

function unreachable(url: string, cause: unknown): TillsyncError {
  const { host } = new URL(url);
  return new TillsyncError(`The tillsync server at ${host} does not answer.`, {
    code: 'server_unreachable',
    step: 'sync',
    retry: 'later',
    effect: 'What was asked for may or may not have been done.',
    hint: 'Check --server or TILLSYNC_SERVER, and that `tillsync start` runs there; then look at `tillsync runs list`.',
    cause,
  });
}
