// What a source remembers of its last saved fetch, and when that may be used: SQL for the statement that begins a fetch.
import { allHashedCount } from '../items/read-keys.ts';

/**
 * SQL that gives `remembered` of source $1 while it is good for anything: bound to $6, all rows owned by $7, the last whole read
 * younger than $8 hours, no plan waits for a person (a newer whole read would end it), and nobody else wrote to the tables since.
 * After a run with rejects no probe may say that all is well.
 */
export function rememberedFor(cte: string): string {
  return `select case when l.status = 'success' then s.remembered else s.remembered - 'probe' end as remembered
    from ${cte} join integration_sync_state s on s.wand_source_id = $1
         left join integration_sync_history l on l.wand_source_id = $1 and l.id = s.last_run_id
   where s.remembered ->> 'key' = $6 and s.owner = $7
     and s.full_read_at > clock_timestamp() - make_interval(hours => $8)
     and not exists (select from integration_sync_history w where w.wand_source_id = $1
                       and (w.hold_open or (w.status = 'planned' and (w.hold ->> 'resolution') is null)))
     and case when s.item_rows is not null then s.item_rows = ${allHashedCount} end`;
}
