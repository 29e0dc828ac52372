// Values of --param as the connector's settings want them.
import type { Connector } from '../connectors/connector.ts';
import { typedParams } from './config-params.ts';

/** Texts become what the connector's schema asks for: lists, numbers and switches are written as JSON. */
export function paramsOf(connector: Connector | undefined, texts: string[] | undefined): Record<string, unknown> {
  const shape = connector?.settings.shape ?? {};
  const takesText = (name: string, text: string) => shape[name]?.safeParse(text).success ?? true;
  return typedParams(texts, { option: '--param', takesText });
}
