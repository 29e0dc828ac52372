// Entries that could fill the log if each were written: refusals, and the use of a key.
import type { Queryable } from '../../db/database.ts';

/** Somebody who was refused. */
export interface Denial {
  /** As in requested_by, or 'anonymous'. */
  actor: string;
  actorId: string | null;
  address: string | null;
  requestId: string | null;
  /** e.g. 'POST /api/v1/configs': the route, never an address with ids or a query in it. */
  route: string;
  /** What it would have taken. */
  permission: string;
  /** Why, as the code of the answer. */
  reason: string;
}

/** So many refusals of one actor are written in a minute, each route once. */
const mostInAMinute = 10;

/** Writes a refusal unless the same actor was refused at the same route within a minute; says whether. */
export async function appendDenial(q: Queryable, denial: Denial): Promise<boolean> {
  const { actor, actorId, route, address, requestId, permission, reason } = denial;
  const { rowCount } = await q.query(
    `insert into integration_audit_log (actor, actor_id, action, subject_type, subject_id, address, request_id, after)
     select $1::text, $2::uuid, 'access.denied', 'route', $3::text, $4::text, $5::text, $6::jsonb
      where not exists (
        select from integration_audit_log
         where actor = $1 and at > now() - interval '1 minute' and action = 'access.denied' and subject_id = $3)
        and (select count(*) from (
          select from integration_audit_log
           where actor = $1 and at > now() - interval '1 minute' and action = 'access.denied' limit ${mostInAMinute}) recent
        ) < ${mostInAMinute}`,
    [actor, actorId, route, address, requestId, JSON.stringify({ permission, reason })],
  );
  return rowCount === 1;
}

/** Writes that a key is used from an address, once a day (UTC) for both. `keyId` null = the admin key. */
export async function appendKeyUse(
  q: Queryable,
  use: { actor: string; keyId: string | null; name: string; address: string | null; requestId: string | null },
): Promise<void> {
  await q.query(
    `insert into integration_audit_log (actor, actor_id, action, subject_type, subject_id, subject_name, address, request_id,
       concept_id, company_id, site_id)
     select $1::text, $2::uuid, 'key.used', 'key', coalesce($2::text, 'admin'), $3::text, $4::text, $5::text,
            case when k.level = 'concept' then k.level_id end, case when k.level = 'company' then k.level_id end,
            case when k.level = 'site' then k.level_id end
       from (select) one_row left join integration_api_keys k on k.id = $2::uuid
      where not exists (
        select from integration_audit_log
         where subject_type = 'key' and subject_id = coalesce($2::text, 'admin') and action = 'key.used'
           and at >= date_trunc('day', now()) and address is not distinct from $4::text)`,
    [use.actor, use.keyId, use.name, use.address, use.requestId],
  );
}
