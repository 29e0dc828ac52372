// Values of --param as the connector's settings want them, also where the connector is a stored recipe.
import type { App } from '../app.ts';
import type { Connector } from '../connectors/connector.ts';
import { TillsyncError } from '../errors.ts';
import { typedParams } from './config-params.ts';

interface TypedParams {
  connectorId: string;
  /** As typed: 'name=value'. */
  texts: string[] | undefined;
  /** The option's name, for the refusal of what has no `=`. */
  option: string;
}

/**
 * Texts become what the connector's schema asks for: lists, numbers and switches are written as JSON. Of a connector that is not
 * there they stay texts: what is asked for next says in its own words that there is none. Throws TillsyncError recipe_invalid.
 */
export async function readParams(
  { database, deps }: Pick<App, 'database' | 'deps'>,
  { connectorId, texts, option }: TypedParams,
): Promise<Record<string, unknown>> {
  if (texts === undefined) return {};
  const { findConnector } = await import('../sync/recipes/find-connector.ts');
  const connector = await findConnector(database, deps, connectorId).catch(unknownIsNull);
  const shape = connector?.settings.shape ?? {};
  const takesText = (name: string, text: string) =>
    Object.hasOwn(shape, name) ? (shape[name]?.safeParse(text).success ?? true) : true;
  return typedParams(texts, { option, takesText });
}

function unknownIsNull(error: unknown): Connector | null {
  if (error instanceof TillsyncError && error.code === 'connector_unknown') return null;
  throw error;
}
