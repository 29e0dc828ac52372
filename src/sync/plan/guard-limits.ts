// The guard's limits of one config: its overrides over the defaults.
import { inputError } from '../../errors.ts';
import { type GuardLimits, guardDefaults } from './guard.ts';

/** The limits in force. Throws guard_invalid for an unknown name or a value that is no share or count. */
export function guardLimits(overrides: Readonly<Record<string, unknown>>): GuardLimits {
  const limits: GuardLimits = { ...guardDefaults };
  for (const [name, value] of Object.entries(overrides)) {
    if (name === 'enabled' && typeof value === 'boolean') limits.enabled = value;
    else if (isLimit(name) && typeof value === 'number' && value >= 0 && (!name.endsWith('_share') || value <= 1)) {
      limits[name] = value;
    } else {
      throw inputError(
        'guard_invalid',
        `“${name}” cannot be ${JSON.stringify(value)} in the guard's limits.`,
        `Shares are between 0 and 1, counts 0 or more; known limits: ${Object.keys(guardDefaults).join(', ')}.`,
      );
    }
  }
  return limits;
}

function isLimit(name: string): name is Exclude<keyof GuardLimits, 'enabled'> {
  return name !== 'enabled' && Object.hasOwn(guardDefaults, name);
}
