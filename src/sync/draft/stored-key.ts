// The key under which a row is stored now.
import type { Kind } from '../../catalog/item.ts';
import type { Draft } from './draft.ts';

/** It differs from the key's own path while an adopted row waits for its path. */
export function storedKeyOf(draft: Draft, kind: Kind, index: number): { externalId: string; pathId: string | null } {
  const { keys } = draft.kinds[kind];
  return { externalId: keys.externalIdOf(index), pathId: keys.storedPathIdOf(index) };
}
