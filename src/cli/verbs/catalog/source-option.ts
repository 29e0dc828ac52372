// Which source --source and --config name.
import { inputError } from '../../../errors.ts';
import type { Backend } from '../../backend/backend.ts';

/** The source that the options name; undefined = all. */
export async function sourceOfOptions(
  backend: Backend,
  { source, config }: { source?: string; config?: string },
): Promise<string | undefined> {
  if (config === undefined) return source;
  const found = await backend.findConfig(config);
  if (found.source_id !== null) return found.source_id;
  throw inputError(
    'config_without_source',
    `The config "${found.name}" has no source yet.`,
    `See what it lacks with \`tillsync configs show ${found.id}\`.`,
  );
}
