// Which stored answers of the POS a run read, for people: their size and when they came, without their bodies.
import type { Queryable } from '../../db/database.ts';
import { numberOf, timeOf } from '../row-values.ts';

/** One page of a run's answer. */
export interface RunPayload {
  page: number;
  payload_id: string;
  form: 'connector' | 'formatted';
  /** Size before compression; null = the body is no longer kept. */
  bytes: number | null;
  /** Hex; null = the body is no longer kept. */
  content_hash: string | null;
  /** ISO time, UTC. */
  fetched_at: string;
}

/** The pages of a run in order, at most the first 1,000. */
export async function listRunPayloads(
  queryable: Queryable,
  of: { sourceId: string; runId: string },
): Promise<RunPayload[]> {
  const { rows } = await queryable.query<
    Omit<RunPayload, 'bytes' | 'fetched_at'> & { bytes: string | null; fetched_at: Date }
  >(
    `select r.page, r.payload_id, r.form, p.raw_bytes as bytes, encode(p.content_hash, 'hex') as content_hash, r.fetched_at
       from integration_run_payloads r
            left join integration_payloads p on p.wand_source_id = r.wand_source_id and p.id = r.payload_id
      where r.wand_source_id = $1 and r.run_id = $2 order by r.page limit 1000`,
    [of.sourceId, of.runId],
  );
  return rows.map((row) => ({ ...row, bytes: numberOf(row.bytes), fetched_at: timeOf(row.fetched_at) }));
}

/** The stored body of one page of a run; null where there is no such page, or its body is no longer kept. */
export async function payloadOfPage(
  queryable: Queryable,
  of: { sourceId: string; runId: string; page: number },
): Promise<string | null> {
  const { rows } = await queryable.query<{ id: string }>(
    `select p.id from integration_run_payloads r
            join integration_payloads p on p.wand_source_id = r.wand_source_id and p.id = r.payload_id
      where r.wand_source_id = $1 and r.run_id = $2 and r.page = $3`,
    [of.sourceId, of.runId, of.page],
  );
  return rows[0]?.id ?? null;
}
