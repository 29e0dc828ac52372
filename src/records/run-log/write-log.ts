// Writes lines into the log of a run: those of its worker, and the one of the sweep that ended it.
import { storableText } from '../../catalog/storable.ts';
import type { Queryable } from '../../db/database.ts';
import type { NewLogLine } from './log-line.ts';

/** Appends lines in one statement. Sent twice, because an answer was lost, they stand there once. */
export async function writeLog(
  queryable: Queryable,
  of: { sourceId: string; runId: string },
  lines: readonly NewLogLine[],
): Promise<void> {
  await queryable.query(
    `insert into integration_sync_log (wand_source_id, run_id, seq, at, level, phase, event, message, facts)
     select $1, $2, l.seq, clock_timestamp() - make_interval(secs => l.age / 1000), l.level, l.phase, l.event, l.message,
            l.facts::jsonb
       from unnest($3::int[], $4::float8[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
         as l (seq, age, level, phase, event, message, facts)
     on conflict do nothing`,
    [
      of.sourceId,
      of.runId,
      lines.map(({ seq }) => seq),
      lines.map(({ age }) => age),
      lines.map(({ level }) => level),
      lines.map(({ phase }) => phase),
      lines.map(({ event }) => event),
      lines.map(({ message }) => storableText(message)),
      lines.map(({ facts }) =>
        JSON.stringify(facts, (_name, value) => (typeof value === 'string' ? storableText(value) : value)),
      ),
    ],
  );
}

// The last word on a run, whatever its worker still writes late.
const lastSeq = 2_000_000_000;

/**
 * Notes that the sweep ended these runs, in one statement. Call it after the sweep's commit and let its failure be only a
 * warning: a log that cannot be written ends no sweep.
 */
export async function logInterrupted(
  queryable: Queryable,
  runs: readonly { sourceId: string; runId: string; worker: string | null }[],
): Promise<void> {
  if (runs.length === 0) return;
  await queryable.query(
    `insert into integration_sync_log (wand_source_id, run_id, seq, at, level, phase, event, message, facts)
     select r.source, r.run, $4, clock_timestamp(), 'error', null, 'interrupted',
            'The process that ran this sync fell silent for longer than its lease; the run was ended.',
            jsonb_build_object('worker', r.worker)
       from unnest($1::uuid[], $2::uuid[], $3::text[]) as r (source, run, worker)
     on conflict do nothing`,
    [runs.map(({ sourceId }) => sourceId), runs.map(({ runId }) => runId), runs.map(({ worker }) => worker), lastSeq],
  );
}
