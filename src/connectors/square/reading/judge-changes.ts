// Decides what changed objects mean for the stored rows: nothing, a delta that says it soundly, or that all must be read.
import { versionName } from './remembered.ts';
import type { ObjectFacts } from './scan-page.ts';

export type Judgement =
  | { means: 'nothing' }
  /** `missingItems`: items of changed variations that are not among the changes, to be asked for by id. */
  | { means: 'delta'; missingItems: readonly string[] }
  | { means: 'all'; reason: string };

/**
 * For each changed item all modifiers of all lists that it does not use are told as gone (see mapping/), since nobody
 * remembers which it used before: 250 items and 600 modifiers are 150,000 keys to look up. Beyond that reading all is cheaper.
 */
export const mostChangedItems = 250;

/**
 * `objects` are the changes since the remembered position, deleted ones included, of the types ITEM, ITEM_VARIATION,
 * MODIFIER_LIST, MODIFIER and DISCOUNT; `seen` names the versions that are saved already. Pure.
 *
 * A delta can say: items and variations that are new or changed, variations and discounts that are gone, discounts. It
 * cannot say
 * - that a list or a modifier changed: its rows hang under every item that uses the list, and those items are not in the
 *   delta (up to 35 items were seen to share one list);
 * - that an item is gone: its tombstone need not name its variations, whose ids are the keys of the products.
 */
export function judgeChanges(objects: readonly ObjectFacts[], seen: ReadonlySet<string>): Judgement {
  const fresh = objects.filter((facts) => !seen.has(versionName(facts)));
  if (fresh.length === 0) return { means: 'nothing' };
  const items = new Set<string>();
  for (const { type, id, isDeleted } of objects) if (type === 'ITEM' && !isDeleted) items.add(id);
  const missing = new Set<string>();
  for (const { type, id, isDeleted, parent } of fresh) {
    if (type === 'MODIFIER_LIST' || type === 'MODIFIER') return all(`${type} ${id} changed`);
    if (type === 'ITEM' && isDeleted) return all(`ITEM ${id} was deleted`);
    if (type !== 'ITEM_VARIATION' || isDeleted) continue;
    if (parent === null) return all(`ITEM_VARIATION ${id} does not say its item`);
    if (!items.has(parent)) missing.add(parent);
  }
  const changed = items.size + missing.size;
  if (changed > mostChangedItems) return all(`${changed} items changed`);
  return { means: 'delta', missingItems: [...missing] };
}

function all(reason: string): Judgement {
  return { means: 'all', reason };
}
