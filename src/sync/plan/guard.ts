// The save guard: looks at a plan's numbers and says which rules it trips. Pure.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { HoldRule } from '../../records/runs/run.ts';

/** The limits of the guard; a config may override each. Shares are between 0 and 1. */
export interface GuardLimits {
  enabled: boolean;
  /** Removals above this share and above this count are held. */
  removed_share: number;
  removed_count: number;
  /** Removals above this share of a kind with at least so many live items are held. */
  removed_kind_share: number;
  removed_kind_live: number;
  /** Removing every item of a kind with at least so many is held. */
  removed_whole_kind: number;
  /** Prices that move by more than half, among so many items with a known old price. */
  price_moved_share: number;
  price_zero_share: number;
  price_known_items: number;
  unavailable_share: number;
  unavailable_count: number;
  rejected_share: number;
  rejected_count: number;
}

export const guardDefaults: GuardLimits = {
  enabled: true,
  removed_share: 0.2,
  removed_count: 50,
  removed_kind_share: 0.5,
  removed_kind_live: 5,
  removed_whole_kind: 3,
  price_moved_share: 0.3,
  price_zero_share: 0.2,
  price_known_items: 5,
  unavailable_share: 0.5,
  unavailable_count: 10,
  rejected_share: 0.2,
  rejected_count: 5,
};

/** What the guard looks at, of one kind. */
export interface GuardFacts {
  /** Live stored rows before the run. */
  live: number;
  removed: number;
  /** Incoming items whose stored row is live and has a known price. */
  priced: number;
  /** Of those: moved by more than half (or lost their price), and gone to zero. */
  moved: number;
  zeroed: number;
  /** Live rows that were available and are not any more. */
  unavailable: number;
  received: number;
  rejected: number;
  /** Left out by the connector's own rule. */
  filtered: number;
}

/** The rules that the plan trips; none when the source has no live items, or when the guard is off. */
export function guard(
  facts: Readonly<Record<Kind, GuardFacts>>,
  limits: GuardLimits,
  options: { adopted: boolean; delta?: boolean },
): HoldRule[] {
  if (!limits.enabled || kinds.every((kind) => facts[kind].live === 0)) return [];
  const tripped = kinds.flatMap((kind) => [
    ...removals(kind, facts[kind], limits),
    // The prices of an adopted database may be older than any run; they are taken as they come, once.
    ...(options.adopted ? [] : prices(kind, facts[kind], limits)),
    ...availability(kind, facts[kind], limits),
    ...rejects(kind, facts[kind], limits),
  ]);
  // Among changes a removal may well come alone; it says of itself that it is one.
  return tripped.length > 0 || options.delta === true ? tripped : emptied(facts);
}

/** However small the catalog: an answer without one usable item is more likely a fault of the POS than the end of a menu. */
function emptied(facts: Readonly<Record<Kind, GuardFacts>>): HoldRule[] {
  const kind = kinds.find((name) => facts[name].removed > 0);
  if (kind === undefined || kinds.some((name) => usable(facts[name]) > 0)) return [];
  const live = kinds.reduce((sum, name) => sum + facts[name].live, 0);
  const removed = kinds.reduce((sum, name) => sum + facts[name].removed, 0);
  const message = `The answer holds no usable item; ${removed} of ${live} items would be removed.`;
  return [{ rule: 'answer_is_empty', kind, message, removed, live }];
}

function usable({ received, rejected, filtered }: GuardFacts): number {
  return received - rejected - filtered;
}

function removals(kind: Kind, { live, removed }: GuardFacts, limits: GuardLimits): HoldRule[] {
  const rule = (name: string, message: string): HoldRule[] => [{ rule: name, kind, message, removed, live }];
  if (removed === 0) return [];
  if (removed === live && live >= limits.removed_whole_kind) {
    return rule('removes_whole_kind', `All ${live} ${kind} would be removed.`);
  }
  if (live >= limits.removed_kind_live && removed > limits.removed_kind_share * live) {
    return rule('removes_most_of_kind', `${removed} of ${live} ${kind} would be removed (${percent(removed, live)}).`);
  }
  if (removed > limits.removed_count && removed > limits.removed_share * live) {
    return rule('removes_many', `${removed} of ${live} ${kind} would be removed (${percent(removed, live)}).`);
  }
  return [];
}

function prices(kind: Kind, { priced, moved, zeroed }: GuardFacts, limits: GuardLimits): HoldRule[] {
  if (priced < limits.price_known_items) return [];
  const tripped: HoldRule[] = [];
  if (zeroed > limits.price_zero_share * priced) {
    const message = `${zeroed} of ${priced} ${kind} with a price would go to zero (${percent(zeroed, priced)}).`;
    tripped.push({ rule: 'prices_go_to_zero', kind, message, zeroed, priced });
  }
  if (moved > limits.price_moved_share * priced) {
    const message = `${moved} of ${priced} ${kind} would change their price by more than half (${percent(moved, priced)}).`;
    tripped.push({ rule: 'prices_move', kind, message, moved, priced });
  }
  return tripped;
}

function availability(kind: Kind, { live, unavailable }: GuardFacts, limits: GuardLimits): HoldRule[] {
  if (unavailable < limits.unavailable_count || unavailable <= limits.unavailable_share * live) return [];
  const message = `${unavailable} of ${live} ${kind} would become unavailable (${percent(unavailable, live)}).`;
  return [{ rule: 'turns_unavailable', kind, message, unavailable, live }];
}

function rejects(kind: Kind, { received, rejected }: GuardFacts, limits: GuardLimits): HoldRule[] {
  if (rejected < limits.rejected_count || rejected <= limits.rejected_share * received) return [];
  const message = `${rejected} of ${received} ${kind} could not be read (${percent(rejected, received)}).`;
  return [{ rule: 'rejects_many', kind, message, rejected, received }];
}

function percent(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}
