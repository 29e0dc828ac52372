// Values of --param as the connector's settings want them.
import type { Connector } from '../connectors/connector.ts';
import { type Json, parseJson } from '../json.ts';
import { pairs } from './parse-options.ts';

/** Texts become what the connector's schema asks for: lists, numbers and switches are written as JSON. */
export function paramsOf(connector: Connector | undefined, texts: string[] | undefined): Record<string, unknown> {
  const shape = connector?.settings.shape ?? {};
  const found: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(pairs('--param', texts))) {
    const schema = shape[name];
    const takesText = schema === undefined || schema.safeParse(text).success;
    found[name] = takesText ? text : jsonOrText(text);
  }
  return found;
}

/** JSON, or the text as it is: a schema then says what it should have been. */
export function jsonOrText(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return text;
  }
}
