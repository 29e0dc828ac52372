// What a person does about a config that cannot be synced yet.
import type { ShownConnector } from '../../../connectors/describe-connector.ts';

/** One line, ended by a newline; '' for a config that lacks nothing. */
export function missingAdvice(
  { id, missing }: { id: string; missing: readonly string[] },
  connector: Pick<ShownConnector, 'identity' | 'finds_identity'> | undefined,
): string {
  if (missing.length === 0) return '';
  const what = `Not runnable yet: ${missing.join(', ')} missing.`;
  const canAsk = connector?.finds_identity === true && missing.every((name) => connector.identity.includes(name));
  return canAsk
    ? `${what} The POS can tell: run tillsync connectors test ${id} --save\n`
    : `${what} Set it with \`tillsync configs set\`.\n`;
}
