// Makes a mapping of a recipe ready to run: its paths parsed once, its names checked, every fault with its place.
import type { Kind } from '../../../catalog/item.ts';
import { type Path, parsePath } from '../path/parse-path.ts';
import { PathFault } from '../path/path-fault.ts';
import type { Mapping } from '../schema/mapping-schema.ts';
import { recipeInvalid } from '../schema/recipe-error.ts';
import type { AvailableRule, MoneyRule, TextRule } from '../schema/text-schema.ts';

interface ReadyPart {
  path: Path;
  /** Where the text is cut, and which parts stay. */
  cut: { by: string; take: readonly number[] } | null;
}

/** A text of one part, or of several with `by` between them. */
export interface ReadyText {
  parts: readonly ReadyPart[];
  by: string;
  /** As the recipe says it, for messages. */
  shown: string;
}

export interface ReadyMoney {
  path: Path;
  shown: string;
  isMinor: boolean;
  currency: string | null;
  currencyPath: Path | null;
  strip: readonly string[];
}

export interface ReadyAvailable {
  path: Path;
  shown: string;
  negated: boolean;
  is: ReadonlySet<string> | null;
}

export interface ReadyLevel {
  path: Path;
  shown: string;
  as: string | null;
  down: string | null;
  lookup: Path | null;
}

export interface ReadyMapping {
  kind: Kind;
  /** Place in the recipe, e.g. 'requests[0].products'. */
  where: string;
  levels: readonly ReadyLevel[];
  key: ReadyText;
  path: ReadyText | null;
  name: ReadyText | null;
  itemType: ReadyText | null;
  category: ReadyText | null;
  groupId: ReadyText | null;
  /** The price, or the amount of a discount. */
  amount: ReadyMoney | null;
  percent: { path: Path; shown: string } | null;
  available: ReadyAvailable | null;
  skipWhen: Path | null;
  removedWhen: Path | null;
  duplicates: { prefer: 'none' } | { prefer: 'priced' } | { prefer: 'highest'; of: Path };
}

const fieldsOfKind: Readonly<Record<Kind, readonly string[]>> = {
  products: ['name', 'item_type', 'category', 'price', 'is_available'],
  modifiers: ['name', 'category', 'modifier_group_id', 'price', 'is_available'],
  discounts: ['name', 'category', 'discount_amount', 'discount_percent', 'is_available'],
};

/** Throws TillsyncError recipe_invalid. */
export function compileMapping(kind: Kind, mapping: Mapping, where: string): ReadyMapping {
  for (const name of Object.keys(mapping.fields)) {
    if (fieldsOfKind[kind].includes(name)) continue;
    const fix = `Fields of ${kind} are ${fieldsOfKind[kind].join(', ')}.`;
    throw recipeInvalid(`${where}.fields.${name}`, `${kind} have no such field`, fix);
  }
  const names = ['document'];
  const levels = mapping.each.map((level, index): ReadyLevel => {
    const at = `${where}.each[${index}]`;
    const path = compilePath(level.path, `${at}.path`, names);
    const lookup = level.lookup === undefined ? null : compilePath(level.lookup, `${at}.lookup`, names);
    if (level.as !== undefined && names.includes(level.as)) {
      throw recipeInvalid(`${at}.as`, `a level above is called ${level.as}, too`, 'Give each level a name of its own.');
    }
    if (level.as !== undefined) names.push(level.as);
    return { path, shown: level.path, as: level.as ?? null, down: level.down ?? null, lookup };
  });
  const { fields, duplicates } = mapping;
  const path = (text: string | undefined, name: string) =>
    text === undefined ? null : compilePath(text, `${where}.${name}`, names);
  const text = (rule: TextRule | undefined, name: string) =>
    rule === undefined ? null : compileText(rule, `${where}.${name}`, names);
  const amount = kind === 'discounts' ? 'discount_amount' : 'price';
  return {
    kind,
    where,
    levels,
    key: compileText(mapping.key, `${where}.key`, names),
    path: text(mapping.path, 'path'),
    name: text(fields.name, 'fields.name'),
    itemType: text(fields.item_type, 'fields.item_type'),
    category: text(fields.category, 'fields.category'),
    groupId: text(fields.modifier_group_id, 'fields.modifier_group_id'),
    amount: compileMoney(fields[amount], `${where}.fields.${amount}`, names),
    percent: compilePercent(fields.discount_percent, `${where}.fields.discount_percent`, names),
    available: compileAvailable(fields.is_available, `${where}.fields.is_available`, names),
    skipWhen: path(mapping.skip_when, 'skip_when'),
    removedWhen: path(mapping.removed_when, 'removed_when'),
    duplicates:
      duplicates.prefer === 'highest'
        ? { prefer: 'highest', of: compilePath(duplicates.of, `${where}.duplicates.of`, names) }
        : duplicates,
  };
}

/** Parses a path whose $names must be among `names`. Throws TillsyncError recipe_invalid. */
export function compilePath(text: string, where: string, names: readonly string[]): Path {
  try {
    const path = parsePath(text);
    const unknown = variablesIn(path).find((name) => !names.includes(name));
    if (unknown === undefined) return path;
    const known = names.map((name) => `$${name}`).join(', ');
    throw recipeInvalid(
      where,
      `no level above is called $${unknown}`,
      `Known there are ${known}; a level is named by as.`,
    );
  } catch (error) {
    if (!(error instanceof PathFault)) throw error;
    const fix = 'Paths are a part of JMESPath without functions: see docs/reference/recipes.md#paths.';
    throw recipeInvalid(where, `the path ${JSON.stringify(text.slice(0, 80))} is wrong: ${error.message}`, fix);
  }
}

function variablesIn(path: Path): string[] {
  if (path.type === 'variable') return [path.name];
  const inner = Object.values(path).filter(
    (part): part is Path => typeof part === 'object' && part !== null && 'type' in part,
  );
  return inner.flatMap(variablesIn);
}

function compileText(rule: TextRule, where: string, names: readonly string[]): ReadyText {
  if (typeof rule === 'object' && 'join' in rule) {
    const parts = rule.join.map((part, index) => compilePart(part, `${where}.join[${index}]`, names));
    return { parts, by: rule.by, shown: rule.join.map(shownPart).join(' and ') };
  }
  return { parts: [compilePart(rule, where, names)], by: '', shown: shownPart(rule) };
}

type Part = Exclude<TextRule, { join: unknown }>;

function compilePart(part: Part, where: string, names: readonly string[]): ReadyPart {
  if (typeof part === 'string') return { path: compilePath(part, where, names), cut: null };
  return { path: compilePath(part.split, `${where}.split`, names), cut: { by: part.by, take: part.take } };
}

function shownPart(part: Part): string {
  return typeof part === 'string' ? part : part.split;
}

function compileMoney(rule: MoneyRule | undefined, where: string, names: readonly string[]): ReadyMoney | null {
  if (rule === undefined) return null;
  const full = typeof rule === 'string' ? { path: rule, unit: 'major' as const, strip: [] } : rule;
  const from = full.currency_path;
  return {
    path: compilePath(full.path, typeof rule === 'string' ? where : `${where}.path`, names),
    shown: full.path,
    isMinor: full.unit === 'minor',
    currency: full.currency ?? null,
    currencyPath: from === undefined ? null : compilePath(from, `${where}.currency_path`, names),
    strip: full.strip,
  };
}

function compilePercent(text: string | undefined, where: string, names: readonly string[]): ReadyMapping['percent'] {
  return text === undefined ? null : { path: compilePath(text, where, names), shown: text };
}

function compileAvailable(
  rule: AvailableRule | undefined,
  where: string,
  names: readonly string[],
): ReadyAvailable | null {
  if (rule === undefined) return null;
  if (typeof rule === 'string') {
    return { path: compilePath(rule, where, names), shown: rule, negated: false, is: null };
  }
  const path = compilePath(rule.path, `${where}.path`, names);
  return { path, shown: rule.path, negated: 'not' in rule, is: 'is' in rule ? new Set(rule.is) : null };
}
