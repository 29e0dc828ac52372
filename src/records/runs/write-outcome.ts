// Writes what a run found, inside its transaction: change rows, rejects and repeated keys, each by COPY.
import type { Kind, Reject } from '../../catalog/item.ts';
import { copyIn, copyLine } from '../../db/copy.ts';
import type { Connection } from '../../db/database.ts';
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

/** Stores change rows; returns how many. */
export async function writeChanges(
  connection: Connection,
  context: Context,
  changes: Iterable<ChangeRow> | AsyncIterable<ChangeRow>,
): Promise<number> {
  async function* lines() {
    for await (const change of changes) {
      yield copyLine([
        context.sourceId,
        context.runId,
        change.kind,
        change.externalId,
        change.pathId,
        change.operation,
        change.name,
        JSON.stringify(change.fields),
        bytes(change.oldHash),
        bytes(change.newHash),
        context.time,
      ]);
    }
  }
  return await copyIn(
    connection,
    `copy integration_item_changes (wand_source_id, run_id, kind, external_id, path_id, operation, name, fields, old_hash,
       new_hash, created_at) from stdin`,
    lines(),
  );
}

/** Stores rejected items, numbered in the order in which they were met. */
export async function writeRejects(
  connection: Connection,
  context: Context,
  rejects: readonly Reject[],
): Promise<void> {
  if (rejects.length === 0) return;
  await copyIn(
    connection,
    `copy integration_rejected_items (wand_source_id, run_id, seq, kind, external_id, path_id, reason, message, raw,
       created_at) from stdin`,
    rejects.map((reject, seq) =>
      copyLine([
        context.sourceId,
        context.runId,
        String(seq),
        reject.kind,
        reject.externalId,
        reject.pathId,
        reject.reason,
        reject.message,
        JSON.stringify(reject.raw),
        context.time,
      ]),
    ),
  );
}

/** Stores the repeated keys of an earlier run for this one too, whose payload is the same. */
export async function repeatDuplicates(connection: Connection, context: Context, earlierRunId: string): Promise<void> {
  await connection.query(
    `insert into integration_duplicate_items (wand_source_id, run_id, kind, external_id, path_id, copies, identical, created_at)
     select wand_source_id, $2, kind, external_id, path_id, copies, identical, $4
       from integration_duplicate_items where wand_source_id = $1 and run_id = $3`,
    [context.sourceId, context.runId, earlierRunId, context.time],
  );
}

/** Stores which keys came more than once. */
export async function writeDuplicates(
  connection: Connection,
  context: Context,
  duplicates: readonly DuplicateRow[],
): Promise<void> {
  if (duplicates.length === 0) return;
  await copyIn(
    connection,
    `copy integration_duplicate_items (wand_source_id, run_id, kind, external_id, path_id, copies, identical, created_at)
       from stdin`,
    duplicates.map((duplicate) =>
      copyLine([
        context.sourceId,
        context.runId,
        duplicate.kind,
        duplicate.externalId,
        duplicate.pathId,
        String(duplicate.copies),
        String(duplicate.identical),
        context.time,
      ]),
    ),
  );
}
