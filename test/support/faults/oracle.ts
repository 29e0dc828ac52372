// Compares what stands in the tables of a source with the model's rows.
import { isDeepStrictEqual } from 'node:util';
import { kinds } from '../../../src/catalog/item.ts';
import type { Queryable } from '../../../src/db/database.ts';
import type { ModelRows } from '../model.ts';
import { readStored } from '../stored-rows.ts';

/** What differs, one line each; none when the tables are the model. */
export async function differences(database: Queryable, sourceId: string, model: ModelRows): Promise<string[]> {
  const stored = await readStored(database, sourceId);
  const wanted = new Map(kinds.flatMap((kind) => [...model[kind]]));
  const different: string[] = [];
  for (const key of stored.keys()) if (!wanted.has(key)) different.push(`${key} is stored, and should not be`);
  for (const [key, row] of wanted) {
    const found = stored.get(key);
    if (found === undefined) different.push(`${key} is not stored`);
    else if (found.removed !== row.removed) different.push(`${key} is ${found.removed ? '' : 'not '}removed`);
    else if (!isDeepStrictEqual(found.columns, row.columns)) different.push(`${key} has other content`);
  }
  return different;
}
