// One row of the audit log, written in the transaction that does what it tells.
import type { Queryable } from '../../db/database.ts';

/** Where an entry belongs in the hierarchy; what is above is found by itself, and from a source alone its only config's. */
export interface AuditPlace {
  sourceId?: string | null;
  conceptId?: string | number | null;
  companyId?: string | number | null;
  siteId?: string | number | null;
}

/** What was done to what. Never a secret in `before` and `after`. */
export interface AuditEntry {
  /** Subject and verb, e.g. 'config.changed'. */
  action: string;
  /** Who did it, as in requested_by; absent = the caller that the transaction was told of. */
  actor?: string | undefined;
  subject?: { type: string; id: string; name?: string | null };
  /** Where it belongs, so that who may look at that place sees it. */
  place?: AuditPlace;
  before?: Readonly<Record<string, unknown>> | undefined;
  after?: Readonly<Record<string, unknown>> | undefined;
}

/** Appends an entry; who asked, from where and in which request come from the transaction's claims (db/claims.ts). */
export async function appendAudit(q: Queryable, entry: AuditEntry): Promise<void> {
  const { subject, place } = entry;
  await q.query(
    `insert into integration_audit_log (actor, actor_id, action, subject_type, subject_id, subject_name, wand_source_id,
       concept_id, company_id, site_id, address, request_id, before, after)
     select coalesce($1::text, c.claims ->> 'who', 'unknown'), (c.claims ->> 'id')::uuid, $2::text, $3::text, $4::text,
            $5::text, $6::uuid,
            coalesce(w.concept_id, (select concept_id from companies where id = coalesce(w.company_id, s.company_id))),
            coalesce(w.company_id, s.company_id), w.site_id,
            c.claims ->> 'address', c.claims ->> 'request_id', $10::jsonb, $11::jsonb
       from (select nullif(current_setting('tillsync.claims', true), '')::jsonb as claims) c
       cross join (
         select coalesce($7::bigint, only_one.concept_id) as concept_id, coalesce($8::bigint, only_one.company_id) as company_id,
                coalesce($9::bigint, only_one.site_id) as site_id
           from (select min(concept_id) as concept_id, min(company_id) as company_id, min(site_id) as site_id
                   from integration_source_configs
                  where wand_source_id = $6::uuid and $7::bigint is null and $8::bigint is null and $9::bigint is null
                 having count(*) <= 1) only_one
         right join (select) one_row on true) w
       left join stores s on s.id = w.site_id`,
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
      jsonOf(entry.before),
      jsonOf(entry.after),
    ],
  );
}

/** Whether the database has the log and can be written to: a backup is also made of an old one, and of a standby. */
export async function takesEntries(q: Queryable): Promise<boolean> {
  const { rows } = await q.query<{ takes: boolean }>(
    `select to_regclass('integration_audit_log') is not null and current_setting('transaction_read_only') = 'off' as takes`,
  );
  return rows[0]?.takes === true;
}

// PostgreSQL's jsonb knows no NUL; everything else that JSON can say, it can keep.
function jsonOf(fields: AuditEntry['before']): string | null {
  return fields === undefined ? null : JSON.stringify(fields).replaceAll('\\u0000', '\\ufffd');
}
