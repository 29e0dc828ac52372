// Notes a proven webhook in one statement: its id, the configs that it hints at, and the endpoint's counts.
import type { Queryable } from '../../db/database.ts';

export interface WebhookEvent {
  endpointId: string;
  connectorId: string;
  /** The same for the same event. */
  eventId: string;
  /** For so long the same event is refused. */
  keepSeconds: number;
  /** Identity params that it speaks of; a source that has all params of one is meant. */
  identities: readonly Readonly<Record<string, string>>[];
  /** From the first hint of a config to its sync. */
  debounceSeconds: number;
}

// Old ids go with new ones, a few at a time; what another webhook is deleting just now is left to it.
const expired = `delete from integration_webhook_events where (endpoint_id, event_id) in
  (select endpoint_id, event_id from integration_webhook_events where expires_at < clock_timestamp()
    order by expires_at limit 100 for update skip locked)`;

/** Notes it. Returns whether it came before, and how many configs it hints at; then nothing but the count has changed. */
export async function noteEvent(q: Queryable, event: WebhookEvent): Promise<{ replayed: boolean; hinted: number }> {
  const { rows } = await q.query<{ seen: number; hinted: number }>(
    `with expired as (${expired}),
     seen as (
       insert into integration_webhook_events (endpoint_id, event_id, expires_at)
       values ($1, $2, clock_timestamp() + make_interval(secs => $3)) on conflict do nothing returning event_id),
     named as (
       select i.ordinality, c.id as config_id, c.wand_source_id
         from seen cross join jsonb_array_elements($4::jsonb) with ordinality as i(identity, ordinality)
              left join wand_integration_sources s
                on s.integration_type = $5 and i.identity <> '{}' and s.identity @> i.identity and s.retired_at is null
              left join integration_source_configs c on c.wand_source_id = s.id and c.is_active),
     hinted as (
       insert into integration_sync_hints as h (source_config_id, wand_source_id, endpoint_id, first_at, last_at, due_at)
       select distinct on (config_id) config_id, wand_source_id, $1::uuid, clock_timestamp(), clock_timestamp(),
              clock_timestamp() + make_interval(secs => $6)
         from named where config_id is not null order by config_id
       on conflict (source_config_id) do update
         set hints = h.hints + 1, last_at = excluded.last_at, wand_source_id = excluded.wand_source_id
       returning h.source_config_id),
     strangers as (
       select count(*) as count from (select ordinality from named group by ordinality having count(config_id) = 0) as n),
     counted as (
       update integration_webhook_endpoints
          set last_received_at = clock_timestamp(),
              accepted = accepted + (select count(*) from seen),
              replayed = replayed + 1 - (select count(*) from seen),
              unknown = unknown + (select count from strangers)
        where id = $1)
     select (select count(*)::int from seen) as seen, (select count(*)::int from hinted) as hinted`,
    [
      event.endpointId,
      event.eventId,
      event.keepSeconds,
      // An event that names nobody is one of an unknown account.
      JSON.stringify(event.identities.length === 0 ? [{}] : event.identities),
      event.connectorId,
      event.debounceSeconds,
    ],
  );
  return { replayed: rows[0]?.seen !== 1, hinted: rows[0]?.hinted ?? 0 };
}
