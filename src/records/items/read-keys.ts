// Reads every key of one source and kind with its fingerprint: the one read that a plan rests on.
import type { Kind } from '../../catalog/item.ts';
import { copyOut } from '../../db/copy.ts';
import type { Connection } from '../../db/database.ts';
import { itemTables, uuidLiteral } from './item-table.ts';

/** One stored row as the plan needs it. */
export interface StoredKey {
  externalId: string;
  /** Null also for kinds whose key has no path. */
  pathId: string | null;
  /** 32 hex digits; '' = not known (adopted, or written by another program). */
  hash: string;
  removed: boolean;
}

/**
 * Streams the keys of a source in no particular order to `onKey`. COPY, because it is the cheapest read PostgreSQL has
 * (1-1.8 M rows/s); the key's INCLUDE columns make it an index-only scan.
 */
export async function readKeys(
  connection: Connection,
  of: { sourceId: string; kind: Kind },
  onKey: (key: StoredKey) => void,
): Promise<void> {
  const { table, keyHasPath } = itemTables[of.kind];
  const decoder = new TextDecoder();
  let rest = '';
  const take = (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onKey(parseKey(line));
  };
  await copyOut(
    connection,
    `copy (select coalesce(encode(content_hash, 'hex'), ''), (removed_at is not null)::int, external_id,
             ${keyHasPath ? 'path_id' : 'null::text'}
           from ${table} where wand_source_id = ${uuidLiteral(of.sourceId)}) to stdout`,
    (bytes) => take(decoder.decode(bytes, { stream: true })),
  );
  take(decoder.decode());
}

function parseKey(line: string): StoredKey {
  const [hash = '', removed = '', externalId = '', pathId = '\\N'] = line.split('\t');
  return {
    hash,
    removed: removed === '1',
    externalId: unescapeCopyText(externalId),
    pathId: pathId === '\\N' ? null : unescapeCopyText(pathId),
  };
}

const unescaped: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v' };

function unescapeCopyText(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.)/g, (_all, letter: string) => unescaped[letter] ?? letter) : text;
}
