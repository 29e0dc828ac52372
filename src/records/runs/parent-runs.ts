// Requests for a concept or a company: a run without a source whose children each sync one source once.
import { kinds } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import type { RunTrigger } from './create-run.ts';
import type { KindCounts, RunCounts, RunStatus } from './run.ts';

export interface NewParent {
  /** What was asked for, as history shows it, e.g. 'company 12'. */
  name: string;
  /** Who may look at that level may look at the parent. */
  place: { conceptId?: number; companyId?: number };
  trigger: RunTrigger;
  requestedBy: string;
  dryRun: boolean;
  /** Seconds that the process has for asking for the next child before the parent counts as given up. */
  leaseSeconds: number;
}

/** Makes a parent that children are asked for now. Returns its id. */
export async function createParent(queryable: Queryable, of: NewParent): Promise<string> {
  const { rows } = await queryable.query<{ id: string }>(
    `insert into integration_sync_history
       (source_name, status, trigger, requested_by, dry_run, is_parent, started_at, lease_expires_at, concept_id, company_id)
     values ($1, 'in_progress', $2, $3, $4, true, now(), now() + make_interval(secs => $5), $6, $7) returning id`,
    [
      of.name,
      of.trigger,
      of.requestedBy,
      of.dryRun,
      of.leaseSeconds,
      of.place.conceptId ?? null,
      of.place.companyId ?? null,
    ],
  );
  return rows[0]?.id ?? '';
}

/** Prolongs the asking; false when somebody ended the parent meanwhile, or wished to. */
export async function renewParent(
  queryable: Queryable,
  of: { parentId: string; leaseSeconds: number },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `update integration_sync_history set lease_expires_at = now() + make_interval(secs => $2)
      where id = $1 and status = 'in_progress' and cancel_requested_at is null`,
    [of.parentId, of.leaseSeconds],
  );
  return rowCount === 1;
}

/** Every child was asked for: from now on the parent is over when they are. */
export async function sealParent(
  queryable: Queryable,
  of: { parentId: string; notes: readonly string[] },
): Promise<void> {
  await queryable.query(
    `update integration_sync_history set lease_expires_at = null, notes = $2 where id = $1 and status = 'in_progress'`,
    [of.parentId, JSON.stringify(of.notes)],
  );
}

// Of a child that was done over only the last one says what became of its source.
const lastChildren = `c.parent_id = p.id and not exists (
  select from integration_sync_history r where r.parent_id = p.id and r.retry_of_run_id = c.id)`;

/** Ends parents whose children are all over, at most `most`; returns how many. */
export async function settleParents(queryable: Queryable, most = 100): Promise<number> {
  const { rows } = await queryable.query<{
    id: string;
    dry_run: boolean;
    by_status: Partial<Record<RunStatus, number>>;
  }>(
    `select p.id, p.dry_run,
            coalesce((select jsonb_object_agg(s.status, s.count) from (
               select c.status, count(*) as count from integration_sync_history c where ${lastChildren} group by c.status) s),
              '{}') as by_status
       from integration_sync_history p
      where p.is_parent and p.status = 'in_progress' and p.lease_expires_at is null
        and not exists (select from integration_sync_history u
                         where u.parent_id = p.id and u.status in ('queued', 'in_progress'))
      order by p.created_at, p.id limit $1`,
    [most],
  );
  let settled = 0;
  for (const parent of rows) {
    const counts = await countsOfChildren(queryable, parent.id);
    const { rowCount } = await queryable.query(
      `update integration_sync_history
          set status = $2, phase = null, completed_at = clock_timestamp(), counts = $3, items_synced = $4,
              notes = notes || $5::jsonb
        where id = $1 and status = 'in_progress' and lease_expires_at is null`,
      [
        parent.id,
        statusOf(parent.by_status, parent.dry_run),
        counts === null ? null : JSON.stringify(counts),
        counts === null ? 0 : kinds.reduce((sum, kind) => sum + itemsOf(counts[kind]), 0),
        JSON.stringify([sentenceOf(parent.by_status)]),
      ],
    );
    settled += rowCount;
  }
  return settled;
}

const itemsOf = (of: KindCounts) => of.created + of.updated + of.unchanged + of.restored;

async function countsOfChildren(queryable: Queryable, parentId: string): Promise<RunCounts | null> {
  const { rows } = await queryable.query<{ kind: string; field: string; sum: string }>(
    `select k.key as kind, f.key as field, sum(f.value::bigint)::text as sum
       from integration_sync_history p join integration_sync_history c on ${lastChildren},
            jsonb_each(c.counts) k, jsonb_each_text(k.value) f
      where p.id = $1 group by k.key, f.key`,
    [parentId],
  );
  if (rows.length === 0) return null;
  const counts: Record<string, Record<string, number>> = {};
  for (const { kind, field, sum } of rows) counts[kind] = { ...counts[kind], [field]: Number(sum) };
  return counts as unknown as RunCounts;
}

/** All of one kind: that; some good and some not: partial; none good: failed. */
function statusOf(by: Partial<Record<RunStatus, number>>, dryRun: boolean): RunStatus {
  const statuses = Object.keys(by) as RunStatus[];
  if (statuses.length === 0) return dryRun ? 'planned' : 'success';
  if (statuses.every((status) => status === 'success' || status === 'planned')) return dryRun ? 'planned' : 'success';
  if (statuses.every((status) => status === 'cancelled')) return 'cancelled';
  return statuses.some((status) => ['success', 'partial', 'planned', 'held'].includes(status)) ? 'partial' : 'failed';
}

function sentenceOf(by: Partial<Record<RunStatus, number>>): string {
  const all = Object.values(by).reduce((sum, count) => sum + Number(count), 0);
  const parts = Object.entries(by).map(([status, count]) => `${count} ${status}`);
  return all === 0 ? 'No source below was asked for.' : `${all} sources: ${parts.sort().join(', ')}.`;
}
