// Where a request comes from: the caller's address, whether it came by TLS, and the origin that its browser sees.
import type { Context } from 'hono';
import { type AddressRanges, plainAddress } from '../../net/address-ranges.ts';

/** What is known of the way of a request to us. */
export interface Connection {
  /** e.g. '203.0.113.9'; null = there is no socket (a test, an edge function). */
  address: string | null;
  isSecure: boolean;
  /** As a browser writes it in Origin: 'https://till.example'. */
  origin: string;
  /** Whether somebody between us and the caller passed it on, as far as the headers tell. */
  isForwarded: boolean;
}

declare module 'hono' {
  interface ContextVariableMap {
    connection: Connection;
  }
}

const nobody: AddressRanges = () => false;

/** The caller's address: the socket's, or what trusted proxies say; null where there is no socket. */
export function clientAddress(context: Context): string | null {
  return connectionOf(context).address;
}

/** Whether the request came by TLS, to us or to a trusted proxy. */
export function isSecure(context: Context): boolean {
  return connectionOf(context).isSecure;
}

/** The origin under which the caller's browser knows us. */
export function publicOrigin(context: Context): string {
  return connectionOf(context).origin;
}

/** What is known of the way of a request; without the server's middleware no proxy is trusted. */
export function connectionOf(context: Context): Connection {
  return context.get('connection') ?? readConnection(context, nobody);
}

/** Reads the way of a request, believing the headers of a proxy only where its socket has a trusted address. */
export function readConnection(context: Context, isTrusted: AddressRanges): Connection {
  const { headers, url } = context.req.raw;
  const socket = socketOf(context);
  const { protocol, host } = new URL(url);
  const isForwarded = [...Object.values(names), 'forwarded', 'x-real-ip', 'via'].some((name) => headers.has(name));
  // Without a socket the address itself is all there is; with one, a caller could write any scheme into it.
  const direct: Connection = {
    address: socket === null ? null : plainAddress(socket.remoteAddress ?? ''),
    isSecure: socket === null ? protocol === 'https:' : socket.encrypted === true,
    origin: '',
    isForwarded,
  };
  const told = direct.address !== null && isTrusted(direct.address) ? toldBy(headers) : untold;
  const secure = told.proto === null ? direct.isSecure : told.proto === 'https';
  return {
    address: callerOf(told.hops, direct.address, isTrusted),
    isSecure: secure,
    origin: originOf(secure, told.host ?? headers.get('host') ?? host),
    isForwarded,
  };
}

interface Told {
  /** From the caller's end to ours. */
  hops: readonly string[];
  proto: string | null;
  host: string | null;
}

const names = { hops: 'x-forwarded-for', proto: 'x-forwarded-proto', host: 'x-forwarded-host' } as const;
const untold: Told = { hops: [], proto: null, host: null };

// Of two ways to say it, a proxy writes one, and passes on what the caller wrote in the other: then nothing is certain.
function toldBy(headers: Headers): Told {
  const forwarded = headers.get('forwarded');
  const isOld = Object.values(names).some((name) => headers.has(name));
  if (forwarded !== null) return isOld ? untold : toldByForwarded(forwarded);
  return {
    hops: listed(headers.get(names.hops)),
    proto: listed(headers.get(names.proto)).at(-1)?.toLowerCase() ?? null,
    host: listed(headers.get(names.host)).at(-1) ?? null,
  };
}

function toldByForwarded(header: string): Told {
  const elements = listed(header).map((element) => new Map(element.split(';').map(pairOf)));
  const last = elements.at(-1);
  return {
    hops: elements.map((element) => element.get('for') ?? 'unknown'),
    proto: last?.get('proto')?.toLowerCase() ?? null,
    host: last?.get('host') ?? null,
  };
}

function pairOf(pair: string): [string, string] {
  const [name = '', ...value] = pair.split('=');
  return [name.trim().toLowerCase(), value.join('=').trim().replace(/^"|"$/g, '')];
}

function listed(header: string | null): string[] {
  return (header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

// From our end: each trusted hop vouches for the one before it, and the first stranger is the caller.
function callerOf(hops: readonly string[], direct: string | null, isTrusted: AddressRanges): string | null {
  let caller = direct;
  for (const hop of hops.toReversed()) {
    const address = plainAddress(hop);
    if (address === null) return caller;
    caller = address;
    if (!isTrusted(address)) return caller;
  }
  return caller;
}

// A browser leaves out the usual port, and writes names in lower case.
function originOf(secure: boolean, host: string): string {
  const text = `${secure ? 'https' : 'http'}://${host}`;
  return URL.canParse(text) ? new URL(text).origin : 'null';
}

interface Socket {
  remoteAddress?: string;
  encrypted?: boolean;
}

function socketOf(context: Context): Socket | null {
  const { incoming } = (context.env ?? {}) as { incoming?: { socket?: Socket } };
  return incoming?.socket ?? null;
}
