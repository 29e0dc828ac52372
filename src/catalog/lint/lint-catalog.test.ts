// What the lint finds, rule by rule, and what it lets pass.
import { expect, test } from 'vitest';
import { CatalogLint, type LintItem } from './lint-catalog.ts';
import { type LintRuleName, lintRules } from './lint-rules.ts';

const item = (given: Partial<LintItem>): LintItem => ({
  kind: 'products',
  external_id: '1',
  path_id: null,
  name: 'Tea',
  modifier_group_id: null,
  modifier_group_name: null,
  price: '2.50',
  discount_amount: null,
  discount_percent: null,
  is_available: true,
  data: {},
  ...given,
});
const option = (external_id: string, given: Partial<LintItem> = {}): LintItem =>
  item({
    kind: 'modifiers',
    external_id,
    name: `option ${external_id}`,
    modifier_group_id: 'g',
    path_id: 'p',
    ...given,
  });
const limits = (min: number, max: number) => ({ modifierGroup: { minSelections: min, maxSelections: max } });

function lint(items: readonly LintItem[], off: LintRuleName[] = []) {
  const catalog = new CatalogLint(off);
  for (const each of items) catalog.add(each);
  return catalog.result();
}
const rulesOf = (items: readonly LintItem[]) => lint(items).findings.map(({ rule }) => rule);

test('a sound catalog has no finding', () => {
  const sound = [
    item({}),
    item({ external_id: '2', name: 'Tea', data: { category: 'Cold' } }),
    item({ external_id: '3', name: 'Water', price: '0', is_available: false }),
    item({ external_id: '4', name: 'Advice', price: null }),
    option('5', { data: limits(1, 1) }),
    option('6', { data: limits(1, 0) }),
    item({ kind: 'discounts', external_id: '7', name: 'Ten', discount_percent: '10', data: { product_ids: ['1', 9] } }),
  ];
  expect(lint(sound)).toEqual({ findings: [], counts: {}, items: 7 });
});

test('each rule finds what it is for', () => {
  const cases: Record<LintRuleName, LintItem[]> = {
    required_group_empty: [option('1', { data: limits(2, 2) }), option('2', { is_available: false })],
    min_over_max: [option('1', { data: limits(3, 2) }), option('2'), option('3')],
    orphan_modifier: [option('1', { modifier_group_id: null, path_id: null })],
    duplicate_name: [item({}), item({ external_id: '2', name: ' TEA' })],
    zero_price: [item({ price: '0.00', is_available: null })],
    no_name: [item({ name: ' ' })],
    discount_nowhere: [
      item({ kind: 'discounts', discount_amount: '1', data: { appliesTo: [{ guid: 'x' }, { guid: 'y' }] } }),
    ],
    discount_without_value: [item({ kind: 'discounts', price: null })],
    id_in_two_kinds: [item({}), option('1')],
  };
  expect(Object.keys(cases)).toEqual(Object.keys(lintRules));
  for (const [rule, items] of Object.entries(cases)) expect(rulesOf(items), rule).toEqual([rule]);
});

test('a required group that a product lists without options is found where its options would come', () => {
  const data = { modifier_groups: [{ id: 'g', name: 'Size', min_required: '1', modifiers: [] }] };
  expect(lint([item({ data })]).findings).toMatchObject([{ rule: 'required_group_empty', name: 'Size' }]);
  expect(rulesOf([item({ data }), option('2')])).toEqual([]);
});

test('of a group that products ask for differently the strictest demand counts', () => {
  const square = (min: number) => ({ modifier_list_info: { min_selected_modifiers: min, max_selected_modifiers: -1 } });
  expect(
    rulesOf([option('1', { path_id: 'a', data: square(0) }), option('1', { path_id: 'b', data: square(2) })]),
  ).toEqual(['required_group_empty']);
});

test('errors come first, many are counted and 200 are named, and a rule can be switched off', () => {
  const items = [
    ...Array.from({ length: 300 }, (_, at) => item({ external_id: `p${at}`, name: `tea ${at}`, price: '0' })),
    option('1', { data: limits(2, 1) }),
  ];
  const { findings, counts } = lint(items);
  expect(findings[0]).toMatchObject({ rule: 'required_group_empty', severity: 'error' });
  expect(findings).toHaveLength(202);
  expect(counts).toEqual({ required_group_empty: 1, min_over_max: 1, zero_price: 300 });
  expect(Object.keys(lint(items, ['zero_price', 'min_over_max']).counts)).toEqual(['required_group_empty']);
});
