// One row of the audit log, written in the transaction that does what it tells.
import type { Queryable } from '../../db/database.ts';

/** What was done to what. Never a secret in `before` and `after`. */
export interface AuditEntry {
  /** Subject and verb, e.g. 'config.changed'. */
  action: string;
  /** Who did it, as in requested_by; absent = the caller that the transaction was told of. */
  actor?: string;
  subject?: { type: string; id: string; name?: string };
  /** Where it belongs, so that who may look at that place sees it. */
  place?: { sourceId?: string | null; conceptId?: string | null; companyId?: string | null; siteId?: string | null };
  before?: Readonly<Record<string, unknown>>;
  after?: Readonly<Record<string, unknown>>;
}

/** Appends an entry; who asked, from where and in which request come from the transaction's claims (db/claims.ts). */
export async function appendAudit(q: Queryable, entry: AuditEntry): Promise<void> {
  const { subject, place } = entry;
  await q.query(
    `insert into integration_audit_log (actor, actor_id, action, subject_type, subject_id, subject_name, wand_source_id,
       concept_id, company_id, site_id, address, request_id, before, after)
     select coalesce($1, c.claims ->> 'who', 'unknown'), (c.claims ->> 'id')::uuid, $2, $3, $4, $5, $6, $7, $8, $9,
            c.claims ->> 'address', c.claims ->> 'request_id', $10, $11
       from (select nullif(current_setting('tillsync.claims', true), '')::jsonb as claims) c`,
    [
      entry.actor ?? null,
      entry.action,
      subject?.type ?? null,
      subject?.id ?? null,
      subject?.name ?? null,
      place?.sourceId ?? null,
      place?.conceptId ?? null,
      place?.companyId ?? null,
      place?.siteId ?? null,
      entry.before === undefined ? null : JSON.stringify(entry.before),
      entry.after === undefined ? null : JSON.stringify(entry.after),
    ],
  );
}
