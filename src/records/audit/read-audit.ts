// Reads the audit log, newest first: a page of it, within the places that somebody may look at.
import type { Scope } from '../../db/claims.ts';
import type { Queryable } from '../../db/database.ts';
import { type Page, type PageRequest, pageLimit, pageOf, readTimeCursor, writeCursor } from '../cursor.ts';
import { numberOf } from '../row-values.ts';

/** An entry as callers see it. */
export interface AuditRow {
  id: string;
  /** ISO text in UTC. */
  at: string;
  actor: string;
  /** Of the user or key. */
  actor_id: string | null;
  action: string;
  subject_type: string | null;
  subject_id: string | null;
  subject_name: string | null;
  source_id: string | null;
  concept_id: number | null;
  company_id: number | null;
  site_id: number | null;
  address: string | null;
  request_id: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface AuditFilter extends PageRequest {
  actor?: string | undefined;
  /** 'config.changed', or all of a subject: 'config'. */
  action?: string | undefined;
  /** The id of what it was done to. */
  subject?: string | undefined;
  /** ISO times; from is included, to is not. */
  from?: string | undefined;
  to?: string | undefined;
}

interface StoredRow extends Omit<AuditRow, 'concept_id' | 'company_id' | 'site_id'> {
  concept_id: string | null;
  company_id: string | null;
  site_id: string | null;
}

/**
 * A page of entries, newest first; 100 unless asked otherwise. Entries of no place, e.g. of users, are only for who may
 * look everywhere. Throws TillsyncError cursor_invalid, limit_invalid.
 */
export async function listAudit(q: Queryable, filter: AuditFilter, scope: Scope): Promise<Page<AuditRow>> {
  const limit = pageLimit(filter, 100);
  const after = readTimeCursor(filter.cursor);
  const { rows } = await q.query<StoredRow>(
    `select id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, actor, actor_id, action, subject_type,
            subject_id, subject_name, wand_source_id as source_id, concept_id, company_id, site_id, address, request_id,
            before, after
       from integration_audit_log a
      where ($1::text is null or actor = $1)
        and ($2::text is null or action = $2 or split_part(action, '.', 1) = $2)
        and ($3::text is null or subject_id = $3)
        and ($4::timestamptz is null or a.at >= $4)
        and ($5::timestamptz is null or a.at < $5)
        and ($6::timestamptz is null or (a.at, a.id) < ($6::timestamptz, $7::uuid))
        and ($8::boolean or concept_id = any($9::bigint[]) or company_id = any($10::bigint[]) or site_id = any($11::bigint[]))
      order by a.at desc, a.id desc
      limit $12`,
    [
      filter.actor ?? null,
      filter.action ?? null,
      filter.subject ?? null,
      filter.from ?? null,
      filter.to ?? null,
      after?.[0] ?? null,
      after?.[1] ?? null,
      scope.all,
      scope.concepts,
      scope.companies,
      scope.sites,
      limit + 1,
    ],
  );
  const page = pageOf(rows, limit, (last) => writeCursor([last.at, last.id]));
  return { data: page.data.map(rowOf), next: page.next };
}

function rowOf(row: StoredRow): AuditRow {
  return {
    ...row,
    concept_id: numberOf(row.concept_id),
    company_id: numberOf(row.company_id),
    site_id: numberOf(row.site_id),
  };
}
