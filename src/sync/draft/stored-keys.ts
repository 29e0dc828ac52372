// What a plan knows of the stored rows: all keys of the source at once, or only those that the payload speaks of.
import { type Formatted, type Kind, kinds } from '../../catalog/item.ts';
import type { Connection } from '../../db/database.ts';
import { countLive, readKeys, readKeysOf } from '../../records/items/read-keys.ts';
import type { Draft } from './draft.ts';

/** Reads every key of the source into the draft (pull): absence can then mean removal. */
export async function loadKeys(connection: Connection, draft: Draft, sourceId: string): Promise<void> {
  for (const kind of kinds) {
    const of = draft.kinds[kind];
    await readKeys(connection, { sourceId, kind }, (key) => {
      if (!key.removed) of.live += 1;
      of.keys.addStored(key);
    });
  }
}

/**
 * For saves that never remove by absence (push): returns a reader that looks up the keys of each batch as it comes, so that
 * what is read and kept grows with the payload. The live rows are counted, in the keys' indexes: the guard must know them.
 */
export async function openLookUp(
  connection: Connection,
  draft: Draft,
  sourceId: string,
): Promise<(batch: readonly Formatted[]) => Promise<void>> {
  const live = await countLive(connection, sourceId);
  for (const kind of kinds) draft.kinds[kind].live = live[kind];
  return async (batch) => {
    for (const kind of kinds) {
      const { keys } = draft.kinds[kind];
      const asked = batch.flatMap((formatted) => keyIn(formatted, kind));
      for (let start = 0; start < asked.length; start += 5_000) {
        const part = asked.slice(start, start + 5_000);
        for (const key of await readKeysOf(connection, { sourceId, kind, keys: part })) keys.addStored(key);
      }
    }
  };
}

function keyIn(formatted: Formatted, kind: Kind): { externalId: string; pathId: string | null }[] {
  if (formatted.type === 'filtered') return [];
  const named = formatted.type === 'item' ? formatted.item : formatted.type === 'reject' ? formatted.reject : formatted;
  return named.kind === kind && named.externalId !== null
    ? [{ externalId: named.externalId, pathId: named.pathId }]
    : [];
}
