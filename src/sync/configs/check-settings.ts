// Checks what people set in a config against what its connector knows: names first, then values.
import type { Connector } from '../../connectors/connector.ts';
import { inputError, TillsyncError } from '../../errors.ts';

export type Params = Readonly<Record<string, unknown>>;

/** Refuses unknown names and secrets among params. Throws TillsyncError param_unknown, param_is_secret. */
export function checkParamNames(connector: Connector, names: readonly string[]): void {
  const known = Object.keys(connector.settings.shape);
  for (const name of names) {
    if (connector.secretFields.includes(name)) {
      throw inputError(
        'param_is_secret',
        `"${name}" is a secret of ${connector.title} and is never stored as a param.`,
        `Give it with --secret ${name}=- (asks on stdin) or --secret ${name}=@file.`,
      );
    }
    if (!known.includes(name)) throw paramUnknown(connector, name);
  }
}

/** The refusal of a param that the connector does not have. */
function paramUnknown(connector: Connector, name: string): TillsyncError {
  return inputError(
    'param_unknown',
    `${connector.title} has no param "${name}".`,
    `It knows ${Object.keys(connector.settings.shape).join(', ')}.`,
  );
}

/** Refuses secrets that the connector does not have. Throws TillsyncError secret_unknown. */
export function checkSecretNames(connector: Connector, names: readonly string[]): void {
  for (const name of names) {
    if (connector.secretFields.includes(name)) continue;
    throw inputError(
      'secret_unknown',
      `${connector.title} has no secret "${name}".`,
      `It knows ${connector.secretFields.join(', ')}.`,
    );
  }
}

/** Merged params after validation: usable (with the connector's defaults filled in), or what is missing. */
export interface CheckedParams {
  params: Params;
  /** Names of required params that no level sets; [] = complete. */
  missing: string[];
}

/**
 * Validates merged params. What is absent is reported as missing, what is wrong is refused.
 * Throws TillsyncError param_unknown, param_is_secret, param_invalid (names the param and what is expected), and
 * whatever the connector says about an unusable base URL.
 */
export function checkParams(connector: Connector, merged: Params): CheckedParams {
  checkParamNames(connector, Object.keys(merged));
  const missing = new Set(connector.identity.filter((name) => merged[name] === undefined));
  if (lacksAddress(connector, merged)) missing.add('base_url');
  const parsed = connector.settings.safeParse(merged);
  if (parsed.success) return { params: missing.size === 0 ? parsed.data : merged, missing: [...missing] };
  for (const issue of parsed.error.issues) {
    const name = String(issue.path[0] ?? '');
    if (name !== '' && merged[name] === undefined) missing.add(name);
    else throw paramInvalid(connector, issue.path.map(String).join('.'), issue.message);
  }
  return { params: merged, missing: [...missing] };
}

// Only the connector knows which params make its address; an address that was given and is wrong is refused.
function lacksAddress(connector: Connector, merged: Params): boolean {
  try {
    connector.origin(merged);
    return false;
  } catch (error) {
    if (!(error instanceof TillsyncError) || merged.base_url !== undefined) throw error;
    return true;
  }
}

function paramInvalid(connector: Connector, name: string, problem: string): TillsyncError {
  const what = name === '' ? `The params do not fit ${connector.title}` : `The param "${name}" is not usable`;
  return inputError(
    'param_invalid',
    `${what}: ${problem.replace(/\.?$/, '.')}`,
    'Correct it with `tillsync configs set <config> --param name=value`.',
  );
}
