// Gives an adopted modifier that was stored without its path the path that it comes with.
import type { KindDraft } from './draft.ts';

/** An adopted modifier without a path that meets exactly one incoming path of its id is that item: it gets the path. */
export function givePaths({ keys }: KindDraft): void {
  const waiting: number[] = [];
  for (let index = 0; index < keys.size; index++) {
    const isUnknown = keys.isStored(index) && !keys.isHashKnown(index);
    if (isUnknown && !keys.isIncoming(index) && keys.pathIdOf(index) === null) waiting.push(index);
  }
  if (waiting.length === 0) return;
  const met = new Map<string, number[]>();
  for (let index = 0; index < keys.size; index++) {
    // A rejected item came too: with it there may be two paths.
    if (!keys.isIncoming(index) && !keys.isRejected(index)) continue;
    const id = keys.externalIdOf(index);
    const same = met.get(id);
    if (same) same.push(index);
    else met.set(id, [index]);
  }
  for (const old of waiting) {
    const same = met.get(keys.externalIdOf(old));
    const only = same?.length === 1 ? same[0] : undefined;
    if (only !== undefined && !keys.isStored(only) && keys.isIncoming(only)) keys.moveStored(old, only);
  }
}
