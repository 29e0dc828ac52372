// The catalog lint: takes the items of one source one by one, and says what is most likely wrong with them. Pure.
import type { Json } from '../../json.ts';
import type { Kind } from '../item.ts';
import { type LintRuleName, lintRules, type Severity } from './lint-rules.ts';
import { categoryIn, type EmbeddedGroup, type GroupLimits, groupsIn, limitsIn, targetsIn } from './read-hints.ts';

/** A live item as the lint looks at it. */
export interface LintItem {
  kind: Kind;
  external_id: string;
  path_id: string | null;
  name: string | null;
  modifier_group_id: string | null;
  modifier_group_name: string | null;
  price: string | null;
  discount_amount: string | null;
  discount_percent: string | null;
  is_available: boolean | null;
  data: Json;
}

export interface Finding {
  rule: LintRuleName;
  severity: Severity;
  kind: Kind;
  /** Null where it is about a group. */
  external_id: string | null;
  path_id: string | null;
  name: string | null;
  /** One sentence. */
  message: string;
}

export interface LintResult {
  /** Errors first; of one rule at most 200. */
  findings: Finding[];
  /** How often each rule found something, those that found nothing left out. */
  counts: Record<string, number>;
  /** Items that were looked at. */
  items: number;
}

const mostPerRule = 200;

/** What is known of a group from all its options. */
interface Group extends GroupLimits {
  name: string | null;
  options: Set<string>;
  available: Set<string>;
}

interface Target {
  item: LintItem;
  ids: string[];
}

/** Feed it products, then modifiers, then discounts. Keeps ids, names and groups, never the data of an item. */
export class CatalogLint {
  readonly #off: ReadonlySet<LintRuleName>;
  readonly #findings = new Map<LintRuleName, Finding[]>();
  readonly #counts = new Map<LintRuleName, number>();
  readonly #names = new Map<string, string>();
  readonly #products = new Set<string>();
  readonly #modifiers = new Set<string>();
  readonly #groups = new Map<string, Group>();
  readonly #embedded = new Map<string, EmbeddedGroup & { of: LintItem }>();
  readonly #targets: Target[] = [];
  #items = 0;

  constructor(off: readonly LintRuleName[] = []) {
    this.#off = new Set(off);
  }

  add(item: LintItem): void {
    this.#items++;
    if ((item.name ?? '').trim() === '') this.#find('no_name', item, `It has no name.`);
    if (item.kind === 'products') this.#product(item);
    else if (item.kind === 'modifiers') this.#modifier(item);
    else this.#discount(item);
  }

  result(): LintResult {
    this.#judgeGroups();
    this.#judgeTargets();
    const rules = Object.keys(lintRules) as LintRuleName[];
    return {
      findings: rules.flatMap((rule) => this.#findings.get(rule) ?? []),
      counts: Object.fromEntries(rules.flatMap((rule) => [...this.#counts].filter(([name]) => name === rule))),
      items: this.#items,
    };
  }

  #product(item: LintItem): void {
    const { external_id, name, price, is_available, data } = item;
    this.#products.add(external_id);
    if (is_available !== false && price !== null && /^-?0*\.?0*$/.test(price)) {
      this.#find('zero_price', item, `${called(item)} is available and costs ${price}.`);
    }
    if (name !== null && name.trim() !== '' && is_available !== false) {
      const key = JSON.stringify([categoryIn(data), name.trim().toLowerCase()]);
      const other = this.#names.get(key);
      if (other === undefined) this.#names.set(key, external_id);
      else this.#find('duplicate_name', item, `${called(item)} has the name of product ${other} in the same category.`);
    }
    for (const group of groupsIn(data)) this.#embedded.set(group.id, { ...group, of: { ...item, data: null } });
  }

  #modifier(item: LintItem): void {
    const { external_id, path_id, modifier_group_id, modifier_group_name, is_available, data } = item;
    if (!this.#modifiers.has(external_id) && this.#products.has(external_id)) {
      this.#find('id_in_two_kinds', item, `${called(item)} bears the id of a product: ${external_id}.`);
    }
    this.#modifiers.add(external_id);
    if (modifier_group_id === null && modifier_group_name === null && path_id === null) {
      this.#find('orphan_modifier', item, `${called(item)} belongs to no group and hangs nowhere.`);
    }
    const key = modifier_group_id ?? modifier_group_name;
    if (key === null) return;
    const limits = limitsIn(data);
    const group = this.#groups.get(key) ?? newGroup(modifier_group_name);
    // The same group may ask for different numbers at different products: the strictest counts.
    group.min = strictest(Math.max, group.min, limits.min);
    group.max = strictest(Math.min, group.max, limits.max);
    group.options.add(external_id);
    if (is_available !== false) group.available.add(external_id);
    this.#groups.set(key, group);
  }

  #discount(item: LintItem): void {
    if (item.discount_amount === null && item.discount_percent === null && item.price === null) {
      this.#find('discount_without_value', item, `${called(item)} has neither an amount nor a percentage.`);
    }
    const ids = targetsIn(item.data);
    if (ids !== null) this.#targets.push({ item: { ...item, data: null }, ids });
  }

  #judgeGroups(): void {
    for (const [id, { of, name, min, max, options }] of this.#embedded) {
      if (this.#groups.has(id)) continue;
      const shown = { ...of, name };
      if (min !== null && min > 0 && options === 0) {
        this.#find(
          'required_group_empty',
          shown,
          `The group ${name ?? id} of ${called(of)} asks for ${min} and has no options.`,
        );
      }
      if (isUpsideDown({ min, max })) this.#find('min_over_max', shown, sentenceOf(name ?? id, { min, max }));
    }
    for (const [id, { name, min, max, options, available }] of this.#groups) {
      const group = aboutGroup(name ?? id);
      if (isUpsideDown({ min, max })) this.#find('min_over_max', group, sentenceOf(name ?? id, { min, max }));
      if (min === null || available.size >= min) continue;
      const have = `${available.size} of its ${options.size} options ${available.size === 1 ? 'is' : 'are'} available`;
      this.#find('required_group_empty', group, `The group ${name ?? id} asks for ${min}, and ${have}.`);
    }
  }

  #judgeTargets(): void {
    for (const { item, ids } of this.#targets) {
      if (ids.some((id) => this.#products.has(id) || this.#modifiers.has(id) || this.#groups.has(id))) continue;
      this.#find(
        'discount_nowhere',
        item,
        `${called(item)} is for ${ids.slice(0, 3).join(', ')}, and none of it is in the catalog.`,
      );
    }
  }

  #find(
    rule: LintRuleName,
    item: Pick<LintItem, 'kind' | 'path_id' | 'name'> & { external_id: string | null },
    message: string,
  ): void {
    if (this.#off.has(rule)) return;
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
    const found = this.#findings.get(rule) ?? [];
    this.#findings.set(rule, found);
    if (found.length >= mostPerRule) return;
    const { kind, external_id, path_id, name } = item;
    found.push({ rule, severity: lintRules[rule].severity, kind, external_id, path_id, name, message });
  }
}

function newGroup(name: string | null): Group {
  return { name, min: null, max: null, options: new Set(), available: new Set() };
}

function aboutGroup(name: string): { kind: Kind; external_id: null; path_id: null; name: string } {
  return { kind: 'modifiers', external_id: null, path_id: null, name };
}

function strictest(pick: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : pick(a, b);
}

function isUpsideDown({ min, max }: GroupLimits): boolean {
  return min !== null && max !== null && min > max;
}

function sentenceOf(name: string, { min, max }: GroupLimits): string {
  return `The group ${name} asks for at least ${min} and allows at most ${max}.`;
}

function called({ kind, external_id, name }: Pick<LintItem, 'kind' | 'external_id' | 'name'>): string {
  return name === null || name.trim() === '' ? `The ${kind.slice(0, -1)} ${external_id}` : name;
}
