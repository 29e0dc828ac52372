// Errors of sockets, TLS, DNS and the HTTP parser, turned into one sentence with the retry decision.
import { type Retry, TillsyncError } from '../errors.ts';

/** What an error of one request is judged by. */
export interface RequestFacts {
  origin: string;
  options: {
    connectSeconds: number;
    headerSeconds?: number;
    totalSeconds: number;
    idleSeconds?: number;
    maxBytes: number;
  };
  /** Aborted when the total time is over. */
  deadline: AbortSignal;
  /** The caller's own. */
  signal: AbortSignal | undefined;
}

const tlsReasons: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate chain ends in a self-signed certificate',
  UNABLE_TO_GET_ISSUER_CERT: 'the issuer of its certificate is unknown',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of its certificate is unknown',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate was signed by an authority that is not known here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate was issued for another host',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it offers only TLS versions before 1.2',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it offers only TLS versions before 1.2',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS on this port',
};

/** 'head': until the headers were there. 'body': afterwards. */
export type Phase = 'head' | 'body';

/**
 * The TillsyncError for whatever went wrong in a request; TillsyncErrors pass, an abort of the caller's own signal is
 * rethrown as its reason, and programming errors stay what they are.
 */
export function fetchError(error: unknown, facts: RequestFacts, phase: Phase): unknown {
  if (error instanceof TillsyncError) return error;
  if (facts.signal?.aborted) return facts.signal.reason;
  const { origin, options, deadline } = facts;
  if (deadline.aborted) {
    // A POS that used up the whole time once is not asked again at once: three times would hold the run for long.
    const message = `The POS at ${origin} did not finish its answer within ${options.totalSeconds} s.`;
    return timeout(message, error, { afterSeconds: 300 });
  }
  if (!(error instanceof Error)) return error;
  const code = errorCode(error);
  if (error.cause instanceof TillsyncError) return error.cause;
  return (
    timeoutError(code, facts, error) ??
    tlsError(code, origin, error) ??
    bodyError(code, facts, { error, phase }) ??
    unreachableError(code, origin, error) ??
    error
  );
}

/** The body is over its limit of bytes. */
export function tooLarge(origin: string, limit: number): TillsyncError {
  const size = limit >= 1024 * 1024 ? `${Math.floor(limit / 1024 / 1024)} MB` : `${limit} bytes`;
  return new TillsyncError(`The answer of the POS at ${origin} is larger than ${size}.`, {
    code: 'upstream_too_large',
    step: 'fetch',
    hint: 'Raise TILLSYNC_MAX_BODY_MB if a catalog of this size is expected.',
  });
}

function errorCode(error: Error): string {
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  // undici leaves the code out where its parser has no number for what it saw.
  if (error.name === 'HTTPParserError') return 'HPE_UNKNOWN';
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner instanceof Error ? errorCode(inner) : '';
}

function timeout(message: string, cause: unknown, retry: Retry = 'later'): TillsyncError {
  const hint =
    'Try again later; raise TILLSYNC_FETCH_TOTAL_SECONDS and TILLSYNC_FETCH_HEADER_SECONDS if this POS is always slow.';
  return new TillsyncError(message, { code: 'upstream_timeout', step: 'fetch', retry, hint, cause });
}

function timeoutError(code: string, { origin, options }: RequestFacts, cause: Error): TillsyncError | null {
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return timeout(`No connection to the POS at ${origin} within ${options.connectSeconds} s.`, cause);
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT') {
    // As with the total: a POS that took so long once is not asked again at once.
    const message = `The POS at ${origin} did not begin to answer within ${options.headerSeconds ?? 120} s.`;
    return timeout(message, cause, { afterSeconds: 300 });
  }
  if (code === 'UND_ERR_BODY_TIMEOUT') {
    return timeout(`The POS at ${origin} sent nothing for ${options.idleSeconds ?? 60} s.`, cause);
  }
  return null;
}

function tlsError(code: string, origin: string, cause: Error): TillsyncError | null {
  const known = Object.hasOwn(tlsReasons, code) ? tlsReasons[code] : undefined;
  if (known === undefined && !/^(ERR_SSL_|ERR_TLS_|EPROTO$|CERT_|UNABLE_TO_)/.test(code)) return null;
  return new TillsyncError(`No safe connection to the POS at ${origin}: ${known ?? 'the TLS handshake failed'}.`, {
    code: 'tls_failed',
    step: 'fetch',
    hint: 'Have the certificate of the POS put right; for an authority of your own start with NODE_EXTRA_CA_CERTS.',
    facts: { code },
    cause,
  });
}

function bodyError(code: string, { origin }: RequestFacts, seen: { error: Error; phase: Phase }): TillsyncError | null {
  if (seen.phase === 'head') return null;
  if (!/^(UND_ERR_|ECONNRESET$|EPIPE$|Z_|ERR_|HPE_|ERR__ERROR|ABORT_ERR$)/.test(code)) return null;
  const broken = /^(Z_DATA_ERROR|ERR__ERROR|ERR_BROTLI|ERR_PADDING)/.test(code);
  const message = broken
    ? `The compressed answer of the POS at ${origin} is damaged.`
    : `The answer of the POS at ${origin} was cut off before its end.`;
  const hint = 'Try again; if it stays so, a proxy between tillsync and the POS breaks the connection.';
  return new TillsyncError(message, {
    code: 'upstream_truncated',
    step: 'fetch',
    retry: 'later',
    hint,
    facts: { code },
    cause: seen.error,
  });
}

function unreachableError(code: string, origin: string, cause: Error): TillsyncError | null {
  const message = unreachableMessage(code, origin);
  if (message === null) return null;
  return new TillsyncError(message, {
    code: 'upstream_unreachable',
    step: 'fetch',
    retry: 'later',
    hint: 'Check base_url and that this machine can reach the POS; then try again.',
    facts: { code },
    cause,
  });
}

function unreachableMessage(code: string, origin: string): string | null {
  if (/^(ENOTFOUND|EAI_|ENODATA|ESERVFAIL)/.test(code))
    return `The name of the POS at ${origin} could not be resolved.`;
  if (code === 'ECONNREFUSED') return `Nothing accepts connections at ${origin}.`;
  if (/^HPE_/.test(code)) return `What answers at ${origin} does not speak HTTP as it should.`;
  if (/^(ECONN|EHOST|ENET|EPIPE|EADDR|UND_ERR_)/.test(code)) return `The connection to the POS at ${origin} broke off.`;
  return null;
}
