// The rules of the catalog lint: what each looks for, and how bad it is.

export const severities = ['error', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

interface LintRule {
  severity: Severity;
  /** What it looks for, as half a sentence. */
  finds: string;
}

/** An error cannot be ordered, a warning is most likely a mistake, an info is worth a look. */
export const lintRules = {
  required_group_empty: { severity: 'error', finds: 'a required modifier group with fewer options than it asks for' },
  min_over_max: { severity: 'error', finds: 'a modifier group that asks for more options than it allows' },
  orphan_modifier: { severity: 'warning', finds: 'a modifier that belongs to no group and hangs nowhere' },
  duplicate_name: { severity: 'warning', finds: 'two products of one name in one category' },
  zero_price: { severity: 'warning', finds: 'an available product that costs nothing' },
  no_name: { severity: 'warning', finds: 'an item without a name' },
  discount_nowhere: { severity: 'warning', finds: 'a discount for items that are not in the catalog' },
  discount_without_value: { severity: 'info', finds: 'a discount with neither an amount nor a percentage' },
  id_in_two_kinds: { severity: 'info', finds: 'an id that is a product and a modifier' },
} as const satisfies Record<string, LintRule>;

export type LintRuleName = keyof typeof lintRules;

/** Whether a text names a rule. */
export function isLintRule(name: unknown): name is LintRuleName {
  return typeof name === 'string' && Object.hasOwn(lintRules, name);
}
