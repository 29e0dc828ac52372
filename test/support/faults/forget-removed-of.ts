// Deletes what is left of the removed rows of one source, so that their return is a creation the next time.
import { kinds } from '../../../src/catalog/item.ts';
import type { Queryable } from '../../../src/db/database.ts';

/** As somebody would from outside: with a plain DELETE. */
export async function forgetRemovedOf(database: Queryable, sourceId: string): Promise<void> {
  for (const kind of kinds) {
    await database.query(`delete from integration_${kind} where removed_at is not null and wand_source_id = $1`, [
      sourceId,
    ]);
  }
}
