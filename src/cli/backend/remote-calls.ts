// Single calls of a server's /api/v1, and what they answer; a lost answer is asked for once more where that is safe.
import { randomUUID } from 'node:crypto';
import type { ApiClient, ApiRequest } from '../../net/api-client.ts';
import type { Page } from '../../records/cursor.ts';
import { problemError } from './problem-error.ts';

export type Query = Readonly<Record<string, string | number | undefined>>;

/** All rows of a list. */
export async function everyPage<Row>(client: ApiClient, path: string): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Row> = await get(client, path, { limit: 1000, cursor });
    rows.push(...page.data);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

/** A GET below /api/v1. */
export async function get<Answer>(client: ApiClient, path: string, query: Query = {}): Promise<Answer> {
  return await answered(client, { method: 'GET', path: `/api/v1${pathWith(path, query)}` });
}

/** A path with what is set of a query. */
export function pathWith(path: string, query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/** A file below /api/v1, in pieces. Throws the problem's TillsyncError. */
export async function streamed(
  client: ApiClient,
  of: { path: string; signal: AbortSignal },
): Promise<AsyncIterable<Uint8Array>> {
  const { status, body, problem } = await client.open({ path: `/api/v1${of.path}`, signal: of.signal });
  if (problem === null) return body;
  throw problemError(status, problem.body);
}

/** A POST below /api/v1 that happens once. */
export async function post<Answer>(client: ApiClient, path: string, body: object): Promise<Answer> {
  return await answered(client, { method: 'POST', path: `/api/v1${path}`, body, idempotencyKey: randomUUID() });
}

/** A PATCH below /api/v1; the same a second time changes nothing more. */
export async function patch<Answer>(client: ApiClient, path: string, body: object): Promise<Answer> {
  return await answered(client, { method: 'PATCH', path: `/api/v1${path}`, body });
}

/** A DELETE below /api/v1. */
export async function remove<Answer>(client: ApiClient, path: string): Promise<Answer> {
  return await answered(client, { method: 'DELETE', path: `/api/v1${path}` });
}

/** What the server answers; a lost answer is asked for once more, which the Idempotency-Key makes safe for a POST; a DELETE is not, since what it removed is then unknown. */
export async function answered<Answer>(client: ApiClient, request: ApiRequest): Promise<Answer> {
  const { status, body } = await client.send(request).catch((error: unknown) => {
    if (request.signal?.aborted || request.method === 'DELETE') throw error;
    return client.send(request);
  });
  if (status < 400 && body !== null) return body as Answer;
  throw problemError(status, body);
}

/** A call that is made once, without a key: what it answers is told only once. Throws the problem's TillsyncError. */
export async function send<Answer>(client: ApiClient, request: ApiRequest): Promise<Answer> {
  const { status, body } = await client.send({ ...request, path: `/api/v1${request.path}` });
  if (status < 400 && body !== null) return body as Answer;
  throw problemError(status, body);
}
