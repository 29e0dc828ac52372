// Assigns archived rows that nothing attributed to a source: a person says where they belong, and they come back.
import { type Kind, kinds } from '../catalog/item.ts';
import { inputError } from '../errors.ts';
import { appendAudit } from '../records/audit/append-audit.ts';
import type { ItemKey } from '../records/items/move-items.ts';
import { type ArchiveSelection, readArchived, restoreArchived } from '../records/items/restore-archived.ts';
import { isUuid } from '../records/row-values.ts';
import { getSource } from '../records/sources/read-sources.ts';
import { lockIdleSources } from './configs/lock-idle-sources.ts';
import type { Deps } from './deps.ts';
import { sourceUnknown } from './split-source.ts';

/** An archived row that stayed in the archive, and why. */
export interface RefusedRow extends Omit<ItemKey, 'external_id'> {
  archive_id: string;
  external_id: string | null;
  reason: 'key_exists' | 'no_external_id';
}

export interface AssignResult {
  source_id: string;
  restored: Record<Kind, number>;
  refused: RefusedRow[];
}

/**
 * Brings archived rows back into a source, in one transaction. A row whose key the source holds already stays in the
 * archive and is listed. Throws TillsyncError source_unknown, archive_ids_unknown, source_busy.
 */
export async function assignItems(
  deps: Pick<Deps, 'database' | 'log'>,
  of: { sourceId: string; select: ArchiveSelection; requestedBy: string },
): Promise<AssignResult> {
  const { select } = of;
  if ('ids' in select) refuseUnknown(select.ids.filter((id) => !isUuid(id)));
  const result = await deps.database.transaction(
    async (q) => {
      const source = await getSource(q, of.sourceId);
      if (source === null) throw sourceUnknown(of.sourceId);
      await lockIdleSources(q, [of.sourceId]);
      const archived = await readArchived(q, select);
      const found = new Set(archived.map((row) => row.id));
      if ('ids' in select) refuseUnknown(select.ids.filter((id) => !found.has(id.toLowerCase())));
      const back = await restoreArchived(q, { sourceId: of.sourceId, ids: [...found] });
      const refused = archived
        .filter((row) => !back.has(row.id))
        .map(({ id, reason: _, ...key }): RefusedRow => {
          return { archive_id: id, ...key, reason: key.external_id ? 'key_exists' : 'no_external_id' };
        });
      const count = (kind: Kind) => archived.filter((row) => row.kind === kind && back.has(row.id)).length;
      const restored = Object.fromEntries(kinds.map((kind) => [kind, count(kind)])) as Record<Kind, number>;
      await appendAudit(q, {
        action: 'source.assigned',
        actor: of.requestedBy,
        subject: { type: 'source', id: source.id, name: source.name },
        place: { sourceId: source.id },
        after: { restored, refused: refused.length, ...('reason' in select ? { reason: select.reason } : {}) },
      });
      return { source_id: of.sourceId, restored, refused };
    },
    { ownWrites: true },
  );
  deps.log.info({ ...of, restored: result.restored, refused: result.refused.length }, 'archived items were assigned');
  return result;
}

function refuseUnknown(ids: readonly string[]): void {
  const id = ids[0];
  if (id === undefined) return;
  throw inputError(
    'archive_ids_unknown',
    `The archive has no row ${id} that is still waiting to be assigned.`,
    'Look at integration_items_archive for the rows without restored_at.',
  );
}
