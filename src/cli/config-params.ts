// Params as people type them become what the connector's schema asks for: lists, numbers and switches are written as JSON.
import { type Json, parseJson } from '../json.ts';
import { pairs } from './parse-options.ts';

/** ['brand=acme'] → {brand: 'acme'}; `takesText` says of a name whether its text is fine as it is. */
export function typedParams(
  texts: string[] | undefined,
  of: { option: string; takesText: (name: string, text: string) => boolean },
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(pairs(of.option, texts))) {
    found[name] = of.takesText(name, text) ? text : jsonOrText(text);
  }
  return found;
}

/** A value that is no JSON stays text; the schema then says what it should have been. */
export function jsonOrText(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return text;
  }
}

/** ['a'] → {a: null}, which takes it away. */
export function nulls(names: string[] | undefined): Record<string, null> {
  return Object.fromEntries((names ?? []).map((name) => [name, null]));
}
