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

// The filter's parameters are $1 to $7; the statement is planned with its values.
const isWanted = `($1::text is null or a.actor = $1)
    and ($2::text is null or case when strpos($2, '.') > 0 then a.action = $2 else split_part(a.action, '.', 1) = $2 end)
    and ($3::text is null or a.subject_id = $3)
    and ($4::timestamptz is null or a.at >= $4)
    and ($5::timestamptz is null or a.at < $5)
    and ($6::timestamptz is null or (a.at, a.id) < ($6::timestamptz, $7::uuid))`;
const newestFirst = 'order by a.at desc, a.id desc limit $8';

const everywhere = `select a.id, a.at from integration_audit_log a where ${isWanted} ${newestFirst}`;

// The newest of each place by its own index; an entry that belongs to two of them comes once.
const ofPlaces = (['concept_id', 'company_id', 'site_id'] as const)
  .map(
    (column, at) => `select found.id, found.at from unnest($${at + 9}::bigint[]) place(id) cross join lateral (
        select a.id, a.at from integration_audit_log a where a.${column} = place.id and ${isWanted} ${newestFirst}) found`,
  )
  .join(' union ');

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
      where id in (select id from (${scope.all ? everywhere : ofPlaces}) page order by at desc, id desc limit $8)
      order by a.at desc, a.id desc`,
    [
      filter.actor ?? null,
      filter.action ?? null,
      filter.subject ?? null,
      filter.from ?? null,
      filter.to ?? null,
      after?.[0] ?? null,
      after?.[1] ?? null,
      limit + 1,
      ...(scope.all ? [] : [scope.concepts, scope.companies, scope.sites]),
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
