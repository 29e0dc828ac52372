// Finds where one JSON value ends in a stream of bytes, string- and escape-aware, without parsing it.

const quote = 0x22;
const backslash = 0x5c;
const point = 0x2e;
const zero = 0x30;
const minus = 0x2d;

/** What the scanner learned about a value besides its end. */
export interface ValueFacts {
  /** Deepest level of objects and arrays. */
  depth: number;
  /** A number that a double may not carry: the lossless parser has to read it. */
  hasLossyNumber: boolean;
}

/**
 * Scans one value that may be spread over many chunks. `scan` is called with one chunk after another until it returns
 * an index: the position after the value's last byte. A scalar ends before the first byte that cannot belong to it.
 */
export class ValueScanner implements ValueFacts {
  depth = 0;
  hasLossyNumber = false;
  private level = 0;
  private inString = false;
  private escaped = false;
  private isScalar = false;
  private started = false;
  // The number under way: its length, its last byte, and whether a point or a minus was seen.
  private digits = 0;
  private lastDigit = 0;
  private hasPoint = false;
  private hasMinus = false;

  /** The position after the value in `bytes`, or -1 when it goes on in the next chunk. */
  scan(bytes: Uint8Array, from: number): number {
    let at = from;
    if (!this.started) {
      const first = bytes[at];
      if (first === undefined) return -1;
      this.started = true;
      this.isScalar = first !== quote && first !== 0x7b && first !== 0x5b;
    }
    if (this.isScalar) return this.scanScalar(bytes, at);
    const end = bytes.length;
    while (at < end) {
      if (this.inString) {
        at = this.skipString(bytes, at);
        if (this.inString) return -1;
        if (this.level === 0) return at;
        continue;
      }
      const byte = bytes[at] as number;
      at++;
      if (byte === quote) this.inString = true;
      else if (byte === 0x7b || byte === 0x5b) {
        this.level++;
        if (this.level > this.depth) this.depth = this.level;
      } else if (byte === 0x7d || byte === 0x5d) {
        if (this.digits > 0) this.endNumber();
        this.level--;
        if (this.level === 0) return at;
      } else if ((byte >= zero && byte <= 0x39) || byte === point || byte === minus) this.digit(byte);
      else if (this.digits > 0) this.afterDigits(byte);
    }
    return -1;
  }

  private skipString(bytes: Uint8Array, from: number): number {
    let at = from;
    const end = bytes.length;
    if (this.escaped && at < end) {
      this.escaped = false;
      at++;
    }
    while (at < end) {
      const byte = bytes[at] as number;
      at++;
      if (byte === quote) {
        this.inString = false;
        return at;
      }
      if (byte === backslash) {
        if (at === end) this.escaped = true;
        at++;
      }
    }
    return end;
  }

  private scanScalar(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      // whitespace , ] }
      if (byte <= 0x20 || byte === 0x2c || byte === 0x5d || byte === 0x7d) {
        if (this.digits > 0) this.endNumber();
        return at;
      }
      if ((byte >= zero && byte <= 0x39) || byte === point || byte === minus) this.digit(byte);
      else if (this.digits > 0) this.afterDigits(byte);
    }
    return -1;
  }

  private digit(byte: number): void {
    this.digits++;
    if (byte === point) this.hasPoint = true;
    else if (byte === minus) this.hasMinus = true;
    this.lastDigit = byte;
  }

  private afterDigits(byte: number): void {
    // e and E: an exponent may be written in another way than a double is.
    if (byte === 0x65 || byte === 0x45) this.hasLossyNumber = true;
    this.endNumber();
  }

  private endNumber(): void {
    // 16 characters may be 16 significant digits; 3.10 and -0 lose a character; 0.0000001 is written 1e-7. A number with
    // a point and 9 characters is only taken for the last to keep this cheap.
    if (this.digits >= 16 || (this.hasPoint && (this.lastDigit === zero || this.digits >= 9)))
      this.hasLossyNumber = true;
    else if (this.hasMinus && this.lastDigit === zero && this.digits === 2) this.hasLossyNumber = true;
    this.digits = 0;
    this.hasPoint = false;
    this.hasMinus = false;
  }
}
