// One outbound HTTP request: checked address, deadlines over headers and body, byte caps, no redirects, clear errors.
import type { LookupFunction } from 'node:net';
import type { Agent } from 'undici';
import { checkedLookup, checkUrl } from './address-check.ts';
import { readBody } from './answer-body.ts';
import { fetchError, type RequestFacts } from './fetch-error.ts';
import { checkHeaders } from './header-check.ts';
import { valueRedactor } from './redact.ts';
import { statusError } from './status-error.ts';
import { type HostReach, reachHosts } from './trial/reach-host.ts';
import { loadUndici } from './undici/load-undici.ts';

export interface HttpOptions {
  /** Lets requests go to private, loopback and link-local addresses (TILLSYNC_ALLOW_PRIVATE_HOSTS). */
  allowPrivateHosts: boolean;
  /** Seconds to open a connection, TLS included. */
  connectSeconds: number;
  /** Seconds from the request to the headers of its answer; default 120. */
  headerSeconds?: number;
  /** Seconds for the whole answer, the last byte of the body included. */
  totalSeconds: number;
  /** Seconds without a byte of the body before it is given up; default 60. */
  idleSeconds?: number;
  /** Most bytes of one body, counted on the wire and again after decompression. */
  maxBytes: number;
  userAgent?: string;
  /** Extra certificate authority in PEM, trusted instead of the system's. */
  ca?: string;
  /** Resolves names; default the system's. */
  lookup?: LookupFunction;
}

export interface GetOptions {
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
  /** Less than the client's own total, where a request must be over sooner. */
  totalSeconds?: number;
  /** Takes further secrets out of what an error tells of the answer, beside those of the request itself. */
  redact?: (text: string) => string;
}

/** What a POST sends: form fields or a JSON document. Its texts count as secrets and are redacted from errors. */
export type PostBody = { form: Readonly<Record<string, string>> } | { json: Readonly<Record<string, unknown>> };

export type PostOptions = GetOptions & PostBody;

export interface HttpAnswer {
  /** 200 to 299, or 304; every other status is thrown as an error. */
  status: number;
  headers: { get(name: string): string | null };
  /** The decompressed body, once. Throws TillsyncError when it is cut off, too slow or too large. */
  body: AsyncIterable<Uint8Array>;
  /** The body as UTF-8 text; throws upstream_too_large past `limitBytes`. */
  text(limitBytes: number): Promise<string>;
  /** Gives the connection back without reading the body. */
  discard(): void;
}

export interface HttpClient {
  /**
   * One GET, never repeated, never redirected. Throws TillsyncError (step 'fetch'): upstream_unreachable,
   * upstream_timeout, upstream_too_large, upstream_status, upstream_auth, upstream_rate_limited, redirect_refused,
   * address_refused, header_refused, tls_failed, upstream_truncated. An abort of `signal` throws its reason.
   */
  get(url: string | URL, options?: GetOptions): Promise<HttpAnswer>;
  /** One POST, likewise; for asking for tokens. */
  post(url: string | URL, options: PostOptions): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** A client that can also say how far it gets before a request, for *Test connection*. */
export interface OpenedHttp extends HttpClient {
  reach: HostReach;
}

/** Opens a client; connections are made on the first request and kept for a few seconds between requests. */
export function openHttp(options: HttpOptions): OpenedHttp {
  let agent: Agent | undefined;
  const client = () => (agent ??= openAgent(options));
  return {
    reach: reachHosts(options),
    get: (url, request = {}) => send({ options, agent: client(), url, request, sent: null }),
    post: (url, request) => send({ options, agent: client(), url, request, sent: bodyOf(request) }),
    async close() {
      await agent?.destroy();
      agent = undefined;
    },
  };
}

// undici's own Agent with undici's own request: Node's built-in fetch does not accept another version's dispatcher.
function openAgent(options: HttpOptions): Agent {
  const { Agent: UndiciAgent } = loadUndici();
  return new UndiciAgent({
    allowH2: false,
    keepAliveTimeout: 4_000,
    headersTimeout: headerSeconds(options) * 1_000,
    bodyTimeout: (options.idleSeconds ?? 60) * 1_000,
    connect: {
      timeout: options.connectSeconds * 1_000,
      lookup: checkedLookup(options),
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    },
  });
}

// The longest wait for an answer to begin; a total that ends sooner ends it with its own words.
function headerSeconds(options: { headerSeconds?: number; totalSeconds: number }): number {
  const seconds = options.headerSeconds ?? 120;
  return seconds < options.totalSeconds ? seconds : 0;
}

/** A body ready to be sent, and the texts in it that nobody else may see. */
interface SentBody {
  type: string;
  text: string;
  secrets: string[];
}

function bodyOf(body: PostBody): SentBody {
  if ('form' in body) {
    const text = new URLSearchParams(body.form).toString();
    return { type: 'application/x-www-form-urlencoded', text, secrets: Object.values(body.form) };
  }
  const secrets = Object.values(body.json).filter((value) => typeof value === 'string');
  return { type: 'application/json', text: JSON.stringify(body.json), secrets };
}

interface OneRequest {
  options: HttpOptions;
  agent: Agent;
  url: string | URL;
  request: GetOptions;
  sent: SentBody | null;
}

async function send({ options: usual, agent, url: address, request: asked, sent }: OneRequest): Promise<HttpAnswer> {
  const { headers = {}, signal } = asked;
  signal?.throwIfAborted();
  const options = { ...usual, totalSeconds: Math.min(usual.totalSeconds, asked.totalSeconds ?? usual.totalSeconds) };
  const url = checkUrl(address, options);
  checkHeaders(headers);
  const deadline = new AbortController();
  const facts: RequestFacts = { origin: url.origin, options, deadline: deadline.signal, signal };
  const timer = setTimeout(() => deadline.abort(), options.totalSeconds * 1_000).unref();
  try {
    const answer = await loadUndici().request(url, {
      dispatcher: agent,
      method: sent === null ? 'GET' : 'POST',
      body: sent?.text ?? null,
      headers: { ...usualHeaders(options), ...(sent === null ? {} : { 'content-type': sent.type }), ...headers },
      signal: signal ? AbortSignal.any([deadline.signal, signal]) : deadline.signal,
    });
    const received = new Map(Object.entries(answer.headers));
    const get = (name: string) => headerText(received.get(name.toLowerCase()));
    const opened = readBody({
      body: answer.body,
      encoding: get('content-encoding'),
      facts,
      end: () => clearTimeout(timer),
    });
    const result = { status: answer.statusCode, headers: { get }, ...opened };
    if ((result.status >= 200 && result.status < 300) || result.status === 304) return result;
    const sentValues = valueRedactor([...Object.values(headers), ...(sent?.secrets ?? [])]);
    throw await statusError(result, url, (text) => sentValues(asked.redact?.(text) ?? text));
  } catch (error) {
    clearTimeout(timer);
    throw fetchError(error, facts, 'head');
  }
}

function usualHeaders({ userAgent }: HttpOptions): Record<string, string> {
  return { accept: 'application/json', 'accept-encoding': 'gzip, br', 'user-agent': userAgent ?? 'tillsync' };
}

function headerText(value: string | string[] | undefined): string | null {
  return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value;
}
