// Which request headers a config may set: no framing, no hop-by-hop, no Host, nothing that breaks a line.
import { TillsyncError } from '../errors.ts';

const refusedNames = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Checks names and values of request headers. Throws TillsyncError header_refused, which names the header and never
 * its value.
 */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      throw refused(`${JSON.stringify(name.slice(0, 60))} is no name of a header.`);
    }
    if (refusedNames.has(name.toLowerCase())) {
      throw refused(`The header ${name} belongs to the connection and cannot be set.`);
    }
    if (typeof value !== 'string' || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw refused(`The value of the header ${name} has a line break or another character that no header may hold.`);
    }
  }
}

function refused(message: string): TillsyncError {
  return new TillsyncError(message, {
    code: 'header_refused',
    step: 'fetch',
    status: 422,
    exitCode: 2,
    hint: 'Correct the custom headers of the config.',
  });
}
