// The address of a JSON body: a SHA-256 over its bytes, with null for the connector's volatile top-level members.
import { createHash } from 'node:crypto';

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const comma = 0x2c;
// [ ] { } differ only in bits that tell opening from closing: 5b/7b open, 5d/7d close.
const isOpening = (byte: number) => byte === 0x5b || byte === 0x7b;
const isClosing = (byte: number) => byte === 0x5d || byte === 0x7d;
// Longest member name that can be volatile; longer ones are not collected.
const longestName = 200;
// Longest text of a value that is left out, white space around it included.
const longestValue = 1_000;

/** Takes the body piece by piece; `digest()` gives its address. Bodies that are not JSON are simply hashed whole. */
export interface ContentAddress {
  update(bytes: Uint8Array): void;
  /** 32 bytes. */
  digest(): Buffer;
}

/**
 * Starts an address in which the values of the named members of the outermost object count as null. Only a value that
 * is certainly a text, a number, true, false or null is left out, so a body that is no JSON never has the address of one
 * that is: putting null in the place of such a value neither makes nor breaks a document.
 */
export function openContentAddress(volatileFields: readonly string[]): ContentAddress {
  const hash = createHash('sha256');
  if (volatileFields.length === 0) return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
  const volatile = new Set(volatileFields);
  let depth = 0;
  let inString = false;
  let escaped = false;
  // Collects the string that may be a member's name: the last one at depth 1.
  let name: number[] | null = null;
  let lastName = '';
  // Collects the value of a volatile member, until it ends or proves to be none that can be left out.
  let value: number[] | null = null;

  /** Ends the collecting: hashes null for a value that can be left out, else what was collected. */
  function endValue(collected: readonly number[], isWhole: boolean): void {
    const bytes = Uint8Array.from(collected);
    hash.update(isWhole && isScalar(bytes) ? 'null' : bytes);
    value = null;
  }

  function update(bytes: Uint8Array): void {
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (value !== null) {
        const isEnd = !inString && (byte === comma || isClosing(byte));
        if (isEnd || value.length === longestValue || (!inString && isOpening(byte))) {
          endValue(value, isEnd);
          from = at;
        } else value.push(byte);
      }
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) {
          inString = false;
          if (name) lastName = Buffer.from(name).toString('utf8');
          name = null;
          continue;
        }
        if (name && name.length <= longestName) name.push(byte);
      } else if (byte === quote) {
        inString = true;
        name = depth === 1 && value === null ? [] : null;
      } else if (isOpening(byte)) depth++;
      else if (isClosing(byte)) depth--;
      else if (byte === colon && depth === 1 && value === null && volatile.has(lastName)) {
        hash.update(bytes.subarray(from, at + 1));
        value = [];
      }
    }
    if (value === null) hash.update(bytes.subarray(from));
  }

  function digest(): Buffer {
    if (value !== null) endValue(value, false);
    return hash.digest();
  }
  return { update, digest };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether these bytes are one complete JSON text, number, true, false or null; objects and arrays never get here. */
function isScalar(bytes: Uint8Array): boolean {
  try {
    JSON.parse(utf8.decode(bytes));
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return false;
    throw error;
  }
}
