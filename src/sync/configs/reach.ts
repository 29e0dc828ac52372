// Where settings send secrets, and who would get a new one that sends it elsewhere.
import { TillsyncError } from '../../errors.ts';
import type { MergedConfig } from './merge-levels.ts';

/** Where these settings send secrets: the origins of the POS and of its tokens, as text; null = nowhere yet. */
export function reachOf({ connector, params }: MergedConfig): string | null {
  const { token } = connector;
  const origin = addressOf(() => connector.origin(params));
  if (origin === null) return null;
  return JSON.stringify([
    origin,
    token?.applies?.(params) === false ? null : addressOf(() => token?.url(params).origin),
  ]);
}

/** Whether a config below would send one of these new secrets of a level above to another address than that level does. */
export function sendsElsewhere(below: MergedConfig, above: MergedConfig, fresh: readonly string[]): boolean {
  const reach = reachOf(below);
  if (reach === null || reach === reachOf(above)) return false;
  return fresh.some((field) => below.sealed.get(field)?.configId === above.config.id);
}

/** The refusal that names them; who sets the secret may say that it is meant so. */
export function secretReachesElsewhere(configs: readonly MergedConfig['config'][]): TillsyncError {
  const [first] = configs;
  const more = configs.length > 1 ? ` and ${configs.length - 1} more` : '';
  return new TillsyncError(
    `The config "${first?.name}" (${first?.id})${more} would send this secret to an address of its own.`,
    {
      code: 'secret_reaches_elsewhere',
      step: 'validation',
      status: 409,
      exitCode: 2,
      effect: 'Nothing was changed.',
      hint: 'Look at the addresses of the configs below; if they are meant to get the secret, say --share-secrets (share_secrets over HTTP).',
      facts: { config_ids: configs.map(({ id }) => id) },
    },
  );
}

function addressOf(read: () => string | undefined): string | null {
  try {
    return read() ?? null;
  } catch (error) {
    // Without a usable address nothing is sent.
    if (error instanceof TillsyncError) return null;
    throw error;
  }
}
