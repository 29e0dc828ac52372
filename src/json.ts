// JSON without loss: numbers that a double cannot carry keep their source text, in and out.

/** Any JSON value; numbers whose text a double cannot carry are JSON.rawJSON objects (JSON.stringify writes them verbatim). */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json } | RawNumber;

/** A number kept as its source text, e.g. 9007199254740993 or 1.10. */
export interface RawNumber {
  readonly rawJSON: string;
}

// In the language since ES2026, in Node 22+ and Deno 2+, not yet in the compiler's library.
interface JsonWithSource {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
}
const json = JSON as unknown as JsonWithSource;

/** Whether a value is a number kept as text. */
export function isRawNumber(value: unknown): value is RawNumber {
  return json.isRawJSON(value);
}

/** A JSON number's text as a value: a plain number where that writes the same text, else the text itself. */
export function numberFromSource(source: string): number | RawNumber {
  const value = Number(source);
  return String(value) === source ? value : json.rawJSON(source);
}

// Texts without such a number (the usual case) take the fast parser. Up to 15 significant digits survive a double; past
// that, and with exponents, trailing zeros, -0 or more leading zeros than a double is written with, they may not.
const lossyNumber = /[\d.]{16}|\d[eE][+-]?\d|\.\d*0(?!\d)|0\.0{6}|-0(?!\.)/;

/**
 * Parses JSON text without losing digits. Throws SyntaxError on malformed text.
 * Not for documents of many megabytes: those are read in a stream (catalog/read-json-stream.ts).
 */
export function parseJson(text: string): Json {
  if (!lossyNumber.test(text)) return JSON.parse(text) as Json;
  return json.parse(text, (_key, value, context) =>
    typeof value === 'number' && context.source !== undefined ? numberFromSource(context.source) : value,
  ) as Json;
}

// Far more than any document of a POS; what recurses over one breaks at some thousands.
const mostLevels = 1_000;

/** JSON text of a stranger as a value; undefined where it is none, or is nested deeper than 1,000 levels. */
export function parseForeign(text: string): Json | undefined {
  try {
    const value = parseJson(text);
    return isDeep(value, mostLevels) ? undefined : value;
  } catch (error) {
    // The second comes of a parser that recurses.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function isDeep(value: Json, levels: number): boolean {
  if (value === null || typeof value !== 'object' || isRawNumber(value)) return false;
  return levels === 0 || Object.values(value).some((inner: Json) => isDeep(inner, levels - 1));
}
