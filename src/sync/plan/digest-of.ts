// Names a plan by what it would change; worked out only where a person decides on it, since it costs 2 us per change.
import { itemKey, type Kind, kinds } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import { readRows } from '../../records/items/read-rows.ts';
import { storedKeyOf } from '../draft/stored-key.ts';
import { contentDigest, type PlannedChange } from './compare-batch.ts';
import type { Plan } from './plan.ts';

/** The plan's digest, 32 hex digits; once per plan. */
export async function digestOf(queryable: Queryable, plan: Plan, sourceId: string): Promise<string> {
  for (const change of plan.changes ?? []) addChange(plan, change);
  for (const kind of kinds) {
    if (plan.changes === null) addCertain(plan, kind);
    addCreated(plan, kind);
    await addRemoved(queryable, plan, { kind, sourceId });
  }
  return plan.digest.hex();
}

/** Adds one changed item to the plan's digest. */
export function addChange({ draft, digest }: Plan, { item, index, operation, storedDigest }: PlannedChange): void {
  if (operation === 'filled') return;
  const { kind, keys } = draft.kinds[item.kind];
  digest.add({ kind, key: keys.keyOf(index), operation, oldHash: storedDigest, newHash: keys.hashOf(index) });
}

/** Items that were not compared with their rows, because both fingerprints were known. */
function addCertain({ draft, digest }: Plan, kind: Kind): void {
  const { keys } = draft.kinds[kind];
  for (let index = 0; index < keys.size; index++) {
    const verdict = keys.verdictOf(index);
    if ((verdict !== 'compare' && verdict !== 'restored') || !keys.isHashKnown(index)) continue;
    const operation = verdict === 'restored' ? 'restored' : 'updated';
    const [oldHash, newHash] = [keys.storedHashOf(index), keys.hashOf(index)];
    digest.add({ kind, key: keys.keyOf(index), operation, oldHash, newHash });
  }
}

function addCreated({ draft, digest }: Plan, kind: Kind): void {
  const { keys } = draft.kinds[kind];
  for (let index = 0; index < keys.size; index++) {
    if (keys.verdictOf(index) !== 'created') continue;
    digest.add({ kind, key: keys.keyOf(index), operation: 'created', oldHash: '', newHash: keys.hashOf(index) });
  }
}

async function addRemoved(
  queryable: Queryable,
  { draft, digest, removals }: Plan,
  { kind, sourceId }: { kind: Kind; sourceId: string },
): Promise<void> {
  const { keys } = draft.kinds[kind];
  const unknown = removals[kind].filter((index) => !keys.isHashKnown(index));
  const contents = new Map<string, string>();
  for (let start = 0; start < unknown.length; start += 1_000) {
    const asked = unknown.slice(start, start + 1_000).map((index) => storedKeyOf(draft, kind, index));
    for (const row of await readRows(queryable, { sourceId, kind, keys: asked, hasLocations: draft.hasLocations })) {
      contents.set(itemKey(kind, row.externalId, row.pathId), contentDigest(row));
    }
  }
  for (const index of removals[kind]) {
    const key = keys.keyOf(index);
    const oldHash = contents.get(key) ?? keys.storedHashOf(index);
    digest.add({ kind, key, operation: 'removed', oldHash, newHash: '' });
  }
}
