// Writes what a run found, inside its transaction: change rows, rejects and repeated keys, some thousand in a statement.
import type { Kind, Reject } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import type { Json } from '../../json.ts';
import type { Operation } from './read-changes.ts';

export interface ChangeRow {
  kind: Kind;
  externalId: string;
  pathId: string | null;
  operation: Operation;
  name: string | null;
  /** Field → [old, new]; a third entry 'added' or 'removed' where one side does not exist at all. */
  fields: Record<string, Json[]>;
  /** Hex; '' = not known. */
  oldHash: string;
  newHash: string;
}

export interface DuplicateRow {
  kind: Kind;
  externalId: string;
  pathId: string | null;
  copies: number;
  identical: boolean;
}

interface Context {
  sourceId: string;
  runId: string;
  time: string;
}

const bytes = (hex: string) => (hex === '' ? null : `\\x${hex}`);

// Not by COPY, which is refused on a table under row level security; lists as parameters take 1.1 times as long (50,000 rows).
const rowsAtOnce = 5_000;
const charactersAtOnce = 4_194_304;

/** Stores change rows; returns how many. */
export async function writeChanges(
  q: Queryable,
  context: Context,
  changes: Iterable<ChangeRow> | AsyncIterable<ChangeRow>,
): Promise<number> {
  const write = (rows: Text[][]) =>
    q.query(
      `insert into integration_item_changes (wand_source_id, run_id, kind, external_id, path_id, operation, name, fields,
         old_hash, new_hash, created_at)
       select $1, $2, kind, external_id, path_id, operation, name, fields::jsonb, old_hash::bytea, new_hash::bytea, $3
         from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
                as c (kind, external_id, path_id, operation, name, fields, old_hash, new_hash)`,
      [...fixed(context), ...columnsOf(rows, 8)],
    );
  let count = 0;
  let rows: Text[][] = [];
  let characters = 0;
  for await (const change of changes) {
    const { kind, externalId, pathId, operation, name, oldHash, newHash } = change;
    const fields = JSON.stringify(change.fields);
    rows.push([kind, externalId, pathId, operation, name, fields, bytes(oldHash), bytes(newHash)]);
    count += 1;
    characters += fields.length;
    if (rows.length < rowsAtOnce && characters < charactersAtOnce) continue;
    await write(rows);
    rows = [];
    characters = 0;
  }
  if (rows.length > 0) await write(rows);
  return count;
}

type Text = string | null;

function fixed({ sourceId, runId, time }: Context): string[] {
  return [sourceId, runId, time];
}

/** Rows as one list for each of their columns. */
function columnsOf(rows: readonly Text[][], columns: number): Text[][] {
  return Array.from({ length: columns }, (_, column) => rows.map((row) => row[column] ?? null));
}

/** Stores rejected items, numbered in the order in which they were met. */
export async function writeRejects(q: Queryable, context: Context, rejects: readonly Reject[]): Promise<void> {
  for (let start = 0; start < rejects.length; ) {
    const rows: Text[][] = [];
    // A raw value may be large.
    for (let characters = 0; characters < charactersAtOnce && rows.length < rowsAtOnce; ) {
      const reject = rejects[start + rows.length];
      if (reject === undefined) break;
      const raw = JSON.stringify(reject.raw);
      characters += raw.length;
      const { kind, externalId, pathId, reason, message } = reject;
      rows.push([String(start + rows.length), kind, externalId, pathId, reason, message, raw]);
    }
    await q.query(
      `insert into integration_rejected_items (wand_source_id, run_id, seq, kind, external_id, path_id, reason, message, raw,
         created_at)
       select $1, $2, seq::int, kind, external_id, path_id, reason, message, raw::jsonb, $3
         from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
                as r (seq, kind, external_id, path_id, reason, message, raw)`,
      [...fixed(context), ...columnsOf(rows, 7)],
    );
    start += rows.length;
  }
}

/** Stores the repeated keys of an earlier run for this one too, whose payload is the same. */
export async function repeatDuplicates(q: Queryable, context: Context, earlierRunId: string): Promise<void> {
  await q.query(
    `insert into integration_duplicate_items (wand_source_id, run_id, kind, external_id, path_id, copies, identical, created_at)
     select wand_source_id, $2, kind, external_id, path_id, copies, identical, $4
       from integration_duplicate_items where wand_source_id = $1 and run_id = $3`,
    [context.sourceId, context.runId, earlierRunId, context.time],
  );
}

/** Stores which keys came more than once. */
export async function writeDuplicates(
  q: Queryable,
  context: Context,
  duplicates: readonly DuplicateRow[],
): Promise<void> {
  for (let start = 0; start < duplicates.length; start += rowsAtOnce) {
    const rows = duplicates
      .slice(start, start + rowsAtOnce)
      .map(({ kind, externalId, pathId, copies, identical }) => [
        kind,
        externalId,
        pathId,
        String(copies),
        String(identical),
      ]);
    await q.query(
      `insert into integration_duplicate_items (wand_source_id, run_id, kind, external_id, path_id, copies, identical,
         created_at)
       select $1, $2, kind, external_id, path_id, copies::int, identical::boolean, $3
         from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) as d (kind, external_id, path_id, copies, identical)`,
      [...fixed(context), ...columnsOf(rows, 5)],
    );
  }
}
