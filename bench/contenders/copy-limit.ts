// The limit of a first sync: COPY of text that was prepared before the clock, into the same tables, in one transaction.
import { randomUUID } from 'node:crypto';
import { kinds } from '../../src/catalog/item.ts';
import { copyIn } from '../../src/db/copy.ts';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { byKind, type Contender, type Sync } from '../contender.ts';
import { copyStatement, linePieces } from './item-rows.ts';

export const copyLimit: Contender = {
  id: 'limit_copy',
  label: 'limit: COPY of prepared text',
  role: 'limit',
  scenarios: ['first'],
  removes: false,
  rows: 'items',
  async open(url) {
    const database = await openDatabase({ url, max: 1 });
    let prepared: PreparedCopy | null = null;
    return {
      begin: () => Promise.resolve(randomUUID()),
      prepare: async (sync) => {
        prepared = prepareCopy(sync);
      },
      save: async (sync) => {
        await runCopy(database, prepared ?? prepareCopy(sync));
        prepared = null;
      },
      close: () => database.close(),
    };
  },
};

type PreparedCopy = { statement: string; pieces: Buffer[] }[];

/** The COPY text of a catalog. */
export function prepareCopy({ items, sourceId }: Sync): PreparedCopy {
  const time = new Date().toISOString();
  const sorted = byKind(items);
  return kinds.map((kind) => ({
    statement: copyStatement(kind),
    pieces: linePieces(sorted[kind], sourceId, time),
  }));
}

/** Stores it in one transaction. */
export async function runCopy(database: Database, copies: PreparedCopy): Promise<void> {
  await database.transaction(async (connection) => {
    for (const { statement, pieces } of copies) await copyIn(connection, statement, pieces);
  });
}
