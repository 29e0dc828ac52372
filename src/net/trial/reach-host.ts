// What stands before any request: where the name of a host leads, and whether a (safe) connection opens; nothing is sent.
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type AddressRules, checkedLookup, checkUrl } from '../address-check.ts';
import { fetchError, type RequestFacts } from '../fetch-error.ts';
import { loadUndici } from '../undici/load-undici.ts';

export interface ReachOptions extends AddressRules {
  connectSeconds: number;
  totalSeconds: number;
  maxBytes: number;
  ca?: string;
}

/** The same way to a host that a request takes, step by step. Both throw TillsyncError as a request does. */
export interface HostReach {
  /** The addresses that the host's name leads to, all of them allowed; the address itself where it is one. */
  findAddresses(url: string | URL): Promise<string[]>;
  /** Opens a connection and closes it again. */
  connect(url: string | URL, signal: AbortSignal): Promise<OpenedConnection>;
}

export interface OpenedConnection {
  /** E.g. 'TLSv1.3'; null = not encrypted. */
  tls: string | null;
  /** Until when the certificate is valid; null without one. */
  validUntil: Date | null;
}

/** The way to hosts under the options of an HTTP client. */
export function reachHosts(options: ReachOptions): HostReach {
  return {
    findAddresses: (url) => findAddresses(checkUrl(url, options), options),
    connect: (url, signal) => connect(checkUrl(url, options), { options, signal }),
  };
}

async function findAddresses(url: URL, options: ReachOptions): Promise<string[]> {
  const host = hostOf(url);
  if (isIP(host) !== 0) return [host];
  const facts = factsOf(url, { options, signal: undefined });
  return await new Promise((resolve, reject) => {
    checkedLookup(options)(host, { all: true }, (error, found) => {
      if (error) reject(fetchError(error, facts, 'head'));
      else resolve((found as LookupAddress[]).map(({ address }) => address));
    });
  });
}

interface Connecting {
  options: ReachOptions;
  signal: AbortSignal | undefined;
}

async function connect(url: URL, connecting: Connecting): Promise<OpenedConnection> {
  const { options, signal } = connecting;
  signal?.throwIfAborted();
  const { buildConnector } = loadUndici();
  const connector = buildConnector({
    timeout: options.connectSeconds * 1_000,
    lookup: checkedLookup(options),
    allowH2: false,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  const target = {
    hostname: hostOf(url),
    host: url.host,
    protocol: url.protocol,
    port: url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port,
  };
  return await new Promise((resolve, reject) => {
    const stop = () => reject(signal?.reason);
    signal?.addEventListener('abort', stop, { once: true });
    connector(target, (error, socket) => {
      signal?.removeEventListener('abort', stop);
      if (error || !socket) {
        reject(fetchError(error, factsOf(url, connecting), 'head'));
        return;
      }
      resolve(describe(socket as Partial<TLSSocket>));
      socket.destroy();
    });
  });
}

function describe(socket: Partial<TLSSocket>): OpenedConnection {
  if (!socket.encrypted) return { tls: null, validUntil: null };
  const until = Date.parse(socket.getPeerCertificate?.().valid_to ?? '');
  return { tls: socket.getProtocol?.() ?? null, validUntil: Number.isNaN(until) ? null : new Date(until) };
}

function factsOf(url: URL, { options, signal }: Connecting): RequestFacts {
  return { origin: url.origin, options, deadline: new AbortController().signal, signal };
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}
