// What a plan saw of the stored rows, and moving last_synced_at of those.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { Connection } from '../../db/database.ts';
import { type SaveContext, touchAllItems, touchItems } from '../../records/items/save-items.ts';
import type { Plan } from './plan.ts';

/** Whether the payload spoke of every live row that stays, so that one time stands for all of them. */
export function sawAll(plan: Plan): boolean {
  return kinds.every((kind) => sawAllOf(plan, kind));
}

function sawAllOf({ draft, removals }: Plan, kind: Kind): boolean {
  const { keys, live } = draft.kinds[kind];
  let seen = 0;
  for (let index = 0; index < keys.size; index++) {
    if (!isSeen(draft.kinds[kind], index)) continue;
    seen += 1;
    // A rejected row that another program wrote last has no fingerprint, by which both the touch of all and the views know
    // what was seen.
    if (!keys.isIncoming(index) && !keys.isHashKnown(index)) return false;
  }
  return live - removals[kind].length === seen;
}

function isSeen({ keys }: Plan['draft']['kinds'][Kind], index: number): boolean {
  return keys.isLive(index) && (keys.isIncoming(index) || keys.isRejected(index));
}

/** Moves last_synced_at, and the owner, of every live row that the payload spoke of. */
export async function touchSeen(connection: Connection, context: SaveContext, plan: Plan): Promise<void> {
  for (const kind of kinds) {
    if (sawAllOf(plan, kind)) {
      if (plan.draft.kinds[kind].live > 0) await touchAllItems(connection, context, kind);
      continue;
    }
    const { keys } = plan.draft.kinds[kind];
    const touched: { externalId: string; pathId: string | null }[] = [];
    for (let index = 0; index < keys.size; index++) {
      if (!isSeen(plan.draft.kinds[kind], index)) continue;
      touched.push({ externalId: keys.externalIdOf(index), pathId: keys.pathIdOf(index) });
    }
    if (touched.length > 0) await touchItems(connection, context, { kind, keys: touched });
  }
}

/** How many items the payload holds, each key once: what is live once a plan is applied that saw every row and rejected nothing. */
export function itemsIn({ draft }: Plan): number {
  let items = 0;
  for (const kind of kinds) {
    const { keys } = draft.kinds[kind];
    for (let index = 0; index < keys.size; index++) if (keys.isIncoming(index)) items += 1;
  }
  return items;
}

/** Live rows before the plan. */
export function liveIn({ draft }: Plan): number {
  return kinds.reduce((sum, kind) => sum + draft.kinds[kind].live, 0);
}

/** Live rows once the plan is applied to so many; null = not known. */
export function rowsAfter({ counts }: Plan, before: number | null): number | null {
  if (before === null) return null;
  return kinds.reduce((sum, kind) => sum + counts[kind].created + counts[kind].restored - counts[kind].removed, before);
}
