// The guard's rules at, above and below every limit, and against a second reading of the same rules.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Kind, kinds } from '../../catalog/item.ts';
import { type GuardFacts, type GuardLimits, guard, guardDefaults } from './guard.ts';
import { guardLimits } from './guard-limits.ts';

const quiet: GuardFacts = {
  live: 0,
  removed: 0,
  priced: 0,
  moved: 0,
  zeroed: 0,
  unavailable: 0,
  received: 0,
  rejected: 0,
  filtered: 0,
};

function rulesOf(
  facts: Partial<Record<Kind, Partial<GuardFacts>>>,
  limits: Partial<GuardLimits> = {},
  adopted = false,
) {
  const all = { products: { ...quiet }, modifiers: { ...quiet }, discounts: { ...quiet } };
  for (const kind of kinds) Object.assign(all[kind], { received: (facts[kind]?.live ?? 0) + 1 }, facts[kind]);
  return guard(all, { ...guardDefaults, ...limits }, { adopted }).map(({ rule, kind }) => `${kind} ${rule}`);
}

function productRules(facts: Partial<GuardFacts>, limits: Partial<GuardLimits> = {}): string[] {
  return rulesOf({ products: facts }, limits).map((rule) => rule.replace('products ', ''));
}

describe('the guard', () => {
  it('holds removals above 20 % and above 50 items, both', () => {
    expect(productRules({ live: 255, removed: 51 })).toEqual([]);
    expect(productRules({ live: 254, removed: 51 })).toEqual(['removes_many']);
    expect(productRules({ live: 240, removed: 50 })).toEqual([]);
    expect(productRules({ live: 1_000_000, removed: 200_000 })).toEqual([]);
    expect(productRules({ live: 1_000_000, removed: 200_001 })).toEqual(['removes_many']);
  });

  it('holds an answer without a single item, however small the catalog', () => {
    const none = { live: 2, removed: 2, received: 0 };
    const rest = { received: 0 };
    expect(rulesOf({ products: none, modifiers: rest, discounts: rest })).toEqual(['products answer_is_empty']);
    expect(rulesOf({ products: none, modifiers: { received: 1 }, discounts: rest })).toEqual([]);
    const unusable = { ...none, received: 3, rejected: 2, filtered: 1 };
    expect(rulesOf({ products: unusable, modifiers: rest, discounts: rest })).toEqual(['products answer_is_empty']);
    expect(rulesOf({ products: { ...none, removed: 0 }, modifiers: rest, discounts: rest })).toEqual([]);
  });

  it('holds removals above half of a kind with at least five live items', () => {
    expect(productRules({ live: 10, removed: 5 })).toEqual([]);
    expect(productRules({ live: 10, removed: 6 })).toEqual(['removes_most_of_kind']);
    expect(productRules({ live: 5, removed: 3 })).toEqual(['removes_most_of_kind']);
    expect(productRules({ live: 4, removed: 3 })).toEqual([]);
  });

  it('holds the removal of a whole kind of at least three', () => {
    expect(productRules({ live: 2, removed: 2 })).toEqual([]);
    expect(productRules({ live: 3, removed: 3 })).toEqual(['removes_whole_kind']);
    expect(productRules({ live: 3, removed: 2 })).toEqual([]);
    expect(productRules({ live: 400, removed: 400 })).toEqual(['removes_whole_kind']);
  });

  it('holds when above 30 % of at least five known prices move by more than half', () => {
    expect(productRules({ live: 9, priced: 4, moved: 4 })).toEqual([]);
    expect(productRules({ live: 9, priced: 5, moved: 2 })).toEqual(['prices_move']);
    expect(productRules({ live: 9, priced: 5, moved: 1 })).toEqual([]);
    expect(productRules({ live: 20, priced: 10, moved: 3 })).toEqual([]);
    expect(productRules({ live: 20, priced: 10, moved: 4 })).toEqual(['prices_move']);
  });

  it('holds when above 20 % of at least five known prices go to zero', () => {
    expect(productRules({ live: 20, priced: 4, zeroed: 4 })).toEqual([]);
    expect(productRules({ live: 20, priced: 10, zeroed: 2 })).toEqual([]);
    expect(productRules({ live: 20, priced: 10, zeroed: 3 })).toEqual(['prices_go_to_zero']);
    expect(productRules({ live: 20, priced: 10, zeroed: 4, moved: 4 })).toEqual(['prices_go_to_zero', 'prices_move']);
  });

  it('holds when above half turn unavailable, at least ten', () => {
    expect(productRules({ live: 17, unavailable: 9 })).toEqual([]);
    expect(productRules({ live: 20, unavailable: 10 })).toEqual([]);
    expect(productRules({ live: 19, unavailable: 10 })).toEqual(['turns_unavailable']);
    expect(productRules({ live: 20, unavailable: 11 })).toEqual(['turns_unavailable']);
  });

  it('holds when above 20 % are rejected, at least five', () => {
    expect(productRules({ live: 9, received: 10, rejected: 4 })).toEqual([]);
    expect(productRules({ live: 9, received: 25, rejected: 5 })).toEqual([]);
    expect(productRules({ live: 9, received: 24, rejected: 5 })).toEqual(['rejects_many']);
    expect(productRules({ live: 9, received: 5, rejected: 5 })).toEqual(['rejects_many']);
  });

  it('never holds a source without live items, holds one whose other kind has some, and nothing when it is off', () => {
    const worst = { received: 10, rejected: 10 };
    expect(rulesOf({ products: worst })).toEqual([]);
    expect(rulesOf({ products: worst, modifiers: { live: 1 } })).toEqual(['products rejects_many']);
    expect(rulesOf({ products: { ...worst, live: 9, removed: 9 } }, { enabled: false })).toEqual([]);
  });

  it('takes the prices of an adopted source as they come, and guards its removals', () => {
    const facts = { products: { live: 10, removed: 10, priced: 10, moved: 10, zeroed: 10 } };
    expect(rulesOf(facts, {}, true)).toEqual(['products removes_whole_kind']);
    expect(rulesOf(facts)).toHaveLength(3);
  });

  it('says in its sentence how many of how many', () => {
    const all = { products: { ...quiet, live: 425, removed: 425 }, modifiers: quiet, discounts: quiet };
    expect(guard(all, guardDefaults, { adopted: false })).toEqual([
      {
        rule: 'removes_whole_kind',
        kind: 'products',
        message: 'All 425 products would be removed.',
        removed: 425,
        live: 425,
      },
    ]);
  });

  it('agrees with a second reading of the rules on random numbers', () => {
    const count = fc.nat(120);
    const facts = fc.tuple(count, count, count, count, count, count, count).map(([live, a, b, c, d, e, f]) => {
      const [removed, priced] = [a % (live + 1), b % (live + 1)];
      const [received, unavailable] = [live - removed + f, d % (live - removed + 1)];
      const [moved, zeroed, rejected] = [c % (priced + 1), e % (priced + 1), (a + f) % (received + 1)];
      return { live, removed, priced, moved, zeroed, unavailable, received, rejected };
    });
    fc.assert(
      fc.property(facts, (of) => {
        // In whole numbers: 20 % of n is n / 5, and so on.
        const removes =
          (5 * of.removed > of.live && of.removed > 50) ||
          (2 * of.removed > of.live && of.live >= 5) ||
          (of.removed === of.live && of.live >= 3);
        const expected = [
          removes,
          of.priced >= 5 && 5 * of.zeroed > of.priced,
          of.priced >= 5 && 10 * of.moved > 3 * of.priced,
          of.unavailable >= 10 && 2 * of.unavailable > of.live,
          of.rejected >= 5 && 5 * of.rejected > of.received,
        ];
        const found = productRules(of);
        const seen = [
          found.some((rule) => rule.startsWith('removes_')),
          found.includes('prices_go_to_zero'),
          found.includes('prices_move'),
          found.includes('turns_unavailable'),
          found.includes('rejects_many'),
        ];
        expect(seen).toEqual(of.live === 0 ? [false, false, false, false, false] : expected);
      }),
      { seed: 4, numRuns: 3_000 },
    );
  });
});

describe('the limits of one config', () => {
  it('stand over the defaults, one by one', () => {
    expect(guardLimits({})).toEqual(guardDefaults);
    expect(guardLimits({ removed_share: 0.5, enabled: false })).toEqual({
      ...guardDefaults,
      removed_share: 0.5,
      enabled: false,
    });
    expect(
      productRules({ live: 100, removed: 51 }, guardLimits({ removed_share: 0.6, removed_kind_share: 0.6 })),
    ).toEqual([]);
  });

  it('are refused by name when they make no sense', () => {
    for (const wrong of [
      { removed_shares: 0.1 },
      { removed_share: 1.1 },
      { removed_count: -1 },
      { removed_count: '5' },
    ]) {
      expect(() => guardLimits(wrong)).toThrow(Object.keys(wrong)[0]);
    }
    expect(() => guardLimits({ enabled: 1 })).toThrow(/“enabled” cannot be 1/);
    expect(() => guardLimits({ toString: 1 })).toThrow(/toString/);
  });
});
