// The guard's limits of one config: its overrides over the defaults.
import { isLintRule, lintRules } from '../../catalog/lint/lint-rules.ts';
import { inputError } from '../../errors.ts';
import { type GuardLimits, guardDefaults } from './guard.ts';

/** The limits in force. Throws guard_invalid for an unknown name or a value that is no share or count. */
export function guardLimits(overrides: Readonly<Record<string, unknown>>): GuardLimits {
  const limits: GuardLimits = { ...guardDefaults };
  for (const [name, value] of Object.entries(overrides)) {
    // Beside the limits: which rules of the catalog lint this config does not want to hear of.
    if (name === 'lint_off') checkLintOff(value);
    else if (name === 'enabled' && typeof value === 'boolean') limits.enabled = value;
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

function checkLintOff(value: unknown): void {
  if (Array.isArray(value) && value.every(isLintRule)) return;
  throw inputError(
    'guard_invalid',
    `“lint_off” cannot be ${JSON.stringify(value)}.`,
    `It is a list of rules, such as ["zero_price"]; known rules: ${Object.keys(lintRules).join(', ')}.`,
  );
}

function isLimit(name: string): name is Exclude<keyof GuardLimits, 'enabled'> {
  return name !== 'enabled' && Object.hasOwn(guardDefaults, name);
}
