// What every connector does with its settings: read them by a schema, refuse the first wrong one, take a base URL or not.
import type { z } from 'zod';
import { inputError, type TillsyncError } from '../errors.ts';

type Params = Readonly<Record<string, unknown>>;

/**
 * Reads the settings of a config that is to run; what the schema does not know is ignored then. Made once for each schema,
 * since a schema is compiled at its first use. `title` names the POS in the error, e.g. 'Qu'. Throws TillsyncError
 * settings_invalid naming the first wrong field.
 */
export function settingsReader<Schema extends z.ZodObject>(
  schema: Schema,
  title: string,
): (params: Params) => z.output<Schema> {
  const known = schema.strip();
  return (params) => {
    const parsed = known.safeParse(params);
    if (parsed.success) return parsed.data as z.output<Schema>;
    const [issue] = parsed.error.issues;
    throw settingUnusable(title, {
      field: issue?.path.join('.') ?? 'params',
      why: issue?.message ?? 'it is invalid',
    });
  };
}

/** The refusal of one setting, TillsyncError settings_invalid. */
export function settingUnusable(title: string, { field, why }: { field: string; why: string }): TillsyncError {
  return inputError(
    'settings_invalid',
    `The setting ${field} of this ${title} config is not usable: ${why}.`,
    `Correct it: tillsync configs set <config> --param ${field}=…`,
  );
}

/** The text as a base URL: http or https, perhaps with a path, but without user, query and fragment; null = it is none. */
export function usableBase(text: unknown): URL | null {
  const url = typeof text === 'string' ? URL.parse(text) : null;
  if (url === null || !['https:', 'http:'].includes(url.protocol)) return null;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '' ? url : null;
}
