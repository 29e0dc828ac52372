// The only place of the pages that calls out: one request to our own API, and the streams of events.
import type { Problem } from './api-types.ts';

/** A refusal or failure as the API tells it. */
export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** The API could not be reached at all. */
export class OfflineError extends Error {
  constructor(cause: unknown) {
    super('tillsync cannot be reached', { cause });
  }
}

export interface ApiCall {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/** Query parameters; what is undefined or '' is left out. */
export type ApiQuery = Readonly<Record<string, string | number | undefined>>;

/** e.g. addressOf('/runs', {status: 'held'}) → '/api/v1/runs?status=held'. */
export function addressOf(path: string, query: ApiQuery = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `/api/v1${path}${text === '' ? '' : `?${text}`}`;
}

/** The answer's JSON. Throws ProblemError for what the API refuses, OfflineError when it cannot be reached. */
export async function callApi<Answer>(path: string, query?: ApiQuery, call: ApiCall = {}): Promise<Answer> {
  return (await callWithTag<Answer>(path, query, call)).answer;
}

/** The same with the ETag of the state that was read. */
export async function callWithTag<Answer>(
  path: string,
  query?: ApiQuery,
  { method = 'GET', body, headers, signal }: ApiCall = {},
): Promise<{ answer: Answer; tag: string | null }> {
  const request: RequestInit = {
    method,
    credentials: 'same-origin',
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  };
  const response = await sent(addressOf(path, query), request);
  const text = await response.text();
  if (!response.ok) throw new ProblemError(problemOf(response, text));
  const answer = (text === '' ? undefined : JSON.parse(text)) as Answer;
  return { answer, tag: response.headers.get('etag') };
}

/** The text of a stored answer, or the beginning of it. Throws as callApi does. */
export async function callText(path: string, query: ApiQuery, signal: AbortSignal): Promise<string> {
  const response = await sent(addressOf(path, query), { credentials: 'same-origin', signal });
  const text = await response.text();
  if (!response.ok) throw new ProblemError(problemOf(response, text));
  return text;
}

async function sent(address: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new OfflineError(error);
  }
}

// A proxy's own page is no problem+json.
function problemOf(response: Response, text: string): Problem {
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('json')) return JSON.parse(text) as Problem;
  return {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    detail: `The server answered ${response.status} ${response.statusText}.`,
    instance: response.headers.get('x-request-id') ?? '',
    code: 'answer_unreadable',
    step: 'sync',
    effect: 'Whether something was changed is not known.',
    hint: 'Look at the proxy in front of tillsync, then try again.',
    retry: 'later',
  };
}

export interface RunEvents {
  onRun(data: string): void;
  /** The stream broke off; the browser tries again by itself unless `final`. */
  onBreak(final: boolean): void;
}

/** Opens the events of a run; the function that it gives closes them. */
export function openRunEvents(runId: string, events: RunEvents): () => void {
  const source = new EventSource(addressOf(`/runs/${runId}/events`));
  source.addEventListener('run', (event) => events.onRun(String(event.data)));
  source.addEventListener('error', () => events.onBreak(source.readyState === EventSource.CLOSED));
  return () => source.close();
}

export interface NowEvents {
  onNow(data: string): void;
  onChange(data: string): void;
  /** The server is still there. */
  onHere(): void;
  /** As in RunEvents. */
  onBreak(isFinal: boolean): void;
}

/** Opens the events of everything that goes on; the function that it gives closes them. */
export function openNowEvents(events: NowEvents): () => void {
  const source = new EventSource(addressOf('/events'));
  source.addEventListener('now', (event) => events.onNow(String(event.data)));
  source.addEventListener('change', (event) => events.onChange(String(event.data)));
  source.addEventListener('here', () => events.onHere());
  source.addEventListener('error', () => events.onBreak(source.readyState === EventSource.CLOSED));
  return () => source.close();
}
