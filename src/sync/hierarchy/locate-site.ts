// Says by hand which location of a source a site is.
import { appendAudit } from '../../records/audit/append-audit.ts';
import { setSiteLocation } from '../../records/hierarchy/write-hierarchy.ts';
import { lockSource } from '../../records/sources/lock-source.ts';
import { getSource } from '../../records/sources/read-sources.ts';
import type { Deps } from '../deps.ts';
import { sourceUnknown } from '../split-source.ts';
import { lockKnownNode } from './change-hierarchy.ts';

/** The views by site follow at once. Throws TillsyncError hierarchy_unknown, source_unknown. */
export async function locateSite(
  { database }: Pick<Deps, 'database'>,
  of: { siteId: number; sourceId: string; locationId: string },
): Promise<void> {
  await database.transaction(async (q) => {
    await lockKnownNode(q, 'site', { id: of.siteId, mode: 'share' });
    if ((await getSource(q, of.sourceId)) === null) throw sourceUnknown(of.sourceId);
    // A save of the source reads which site a location is, and writes the rows that follow here.
    await lockSource(q, of.sourceId);
    await setSiteLocation(q, of);
    await appendAudit(q, {
      action: 'site.located',
      subject: { type: 'site', id: String(of.siteId) },
      place: { siteId: of.siteId, sourceId: of.sourceId },
      after: { source_id: of.sourceId, location_id: of.locationId },
    });
  });
}
