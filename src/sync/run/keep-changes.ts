// What a held or dry run keeps of its plan, so that `diff` works on it: removals first, then changed, then new items.
import { kinds } from '../../catalog/item.ts';
import type { Connection } from '../../db/database.ts';
import type { SaveContext } from '../../records/items/save-items.ts';
import { type ChangeRow, writeChanges } from '../../records/runs/write-outcome.ts';
import type { ItemStream } from '../draft/collect-items.ts';
import { itemsToWrite } from '../draft/items-to-write.ts';
import { changeRow, removedRows } from '../plan/apply-plan.ts';
import { compareBatch, type PlannedChange } from '../plan/compare-batch.ts';
import type { Plan } from '../plan/plan.ts';

// Past so many the rest is counted, and the run says so.
const keptChanges = 10_000;

/** Writes the change rows of a plan that is not applied, up to a stated number; notes in the plan when there are more. */
export async function keepChanges(
  connection: Connection,
  context: SaveContext,
  { plan, stream }: { plan: Plan; stream: ItemStream },
): Promise<void> {
  const rows: ChangeRow[] = [];
  for (const kind of kinds) {
    const indexes = plan.removals[kind].slice(0, keptChanges - rows.length);
    if (indexes.length > 0)
      rows.push(...(await removedRows(connection, { sourceId: context.sourceId, plan, kind, indexes })));
  }
  for await (const changes of plan.changes === null
    ? comparedAgain(connection, context, { plan, stream })
    : [plan.changes]) {
    for (const change of changes) {
      const row = rows.length < keptChanges ? changeRow(change) : null;
      if (row !== null) rows.push(row);
    }
    if (rows.length >= keptChanges) break;
  }
  for (const kind of kinds) {
    const { keys, items } = plan.draft.kinds[kind];
    for (let index = 0; index < keys.size && rows.length < keptChanges; index++) {
      if (keys.verdictOf(index) !== 'created') continue;
      rows.push({
        kind,
        externalId: keys.externalIdOf(index),
        pathId: keys.pathIdOf(index),
        operation: 'created',
        name: items.get(index)?.item.name ?? null,
        fields: {},
        oldHash: '',
        newHash: keys.hashOf(index),
      });
    }
  }
  const counted = kinds.reduce((sum, kind) => sum + changesIn(plan, kind), 0);
  if (counted > rows.length) plan.notes.push(`Of ${counted} changes that wait, the first ${rows.length} are listed.`);
  await writeChanges(connection, context, rows);
}

/** The changes that did not fit into memory while planning: the payload is streamed once more. */
async function* comparedAgain(
  connection: Connection,
  context: SaveContext,
  { plan, stream }: { plan: Plan; stream: ItemStream },
): AsyncGenerator<PlannedChange[], void, void> {
  for await (const batch of itemsToWrite(plan.draft, stream, ['compare', 'restored'])) {
    yield* compareBatch(connection, { sourceId: context.sourceId, draft: plan.draft, batch, facts: null });
  }
}

function changesIn(plan: Plan, kind: (typeof kinds)[number]): number {
  const { created, updated, removed, restored } = plan.counts[kind];
  return created + updated + removed + restored;
}
