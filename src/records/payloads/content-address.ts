// The address of a JSON body: a SHA-256 over its bytes without the connector's volatile top-level members.
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

/** Takes the body piece by piece; `digest()` gives its address. Bodies that are not JSON are simply hashed whole. */
export interface ContentAddress {
  update(bytes: Uint8Array): void;
  /** 32 bytes. */
  digest(): Buffer;
}

/** Starts an address that leaves out the values of the named members of the outermost object. */
export function openContentAddress(volatileFields: readonly string[]): ContentAddress {
  const hash = createHash('sha256');
  if (volatileFields.length === 0) return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
  const volatile = new Set(volatileFields);
  let depth = 0;
  let inString = false;
  let escaped = false;
  let skipping = false;
  // Collects the string that may be a member's name: the last one at depth 1.
  let name: number[] | null = null;
  let lastName = '';

  function update(bytes: Uint8Array): void {
    let from = skipping ? bytes.length : 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
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
        name = depth === 1 && !skipping ? [] : null;
      } else if (isOpening(byte)) {
        depth++;
      } else if (byte === comma || isClosing(byte)) {
        // The value of a volatile member ends before the comma or brace of its own level.
        if (skipping && depth === 1) {
          skipping = false;
          from = at;
        }
        if (byte !== comma) depth--;
      } else if (byte === colon && depth === 1 && !skipping && volatile.has(lastName)) {
        hash.update(bytes.subarray(from, at));
        skipping = true;
        from = bytes.length;
      }
    }
    if (!skipping && from < bytes.length) hash.update(bytes.subarray(from));
  }
  return { update, digest: () => hash.digest() };
}
