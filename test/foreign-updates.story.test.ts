// Another program that holds rows which a sync is about to write: the sync waits, looks again where it must, and ends well.
import { expect, it } from 'vitest';
import { startFakeQu } from '../src/connectors/qu/fake.ts';
import { changePrices } from '../src/connectors/qu/fake-catalog.ts';
import type { Deps } from '../src/sync/deps.ts';
import { openAgain } from './support/database.ts';
import { addQuConfig, countsText, syncNow } from './support/engine.ts';
import { openTrip } from './support/trip.ts';
import { until } from './support/until.ts';

const size = { products: 12, modifiers: 5, discounts: 3, repeated: 0 };

for (const [what, statement, lastSynced] of [
  ['changes', /^update integration_products t set path_id/, 'row'],
  ['changes, where one time stands for all rows', /^update integration_products t set path_id/, 'source'],
  ['removes', /^update integration_products t set removed_at/, 'row'],
  ['touches', /^update integration_products set last_synced_at/, 'row'],
] as const satisfies readonly [string, RegExp, Deps['lastSynced']][]) {
  for (const meanwhile of ['update', 'delete'] as const) {
    it(`a row that another program is about to ${meanwhile} while a sync ${what} it ends as the POS has it`, async () => {
      const pos = await startFakeQu(size);
      const { deps, onStatement } = await openTrip({ lastSynced });
      const { configId, sourceId } = await addQuConfig(deps, pos.url);
      await syncNow(deps, configId);
      const changed = changePrices(pos.catalog, 2);
      const gone = String(pos.catalog.menuItems.splice(-1, 1)[0]?.pathId);
      // Of the touched ones, one that nothing else writes.
      const id = what === 'removes' ? gone : what === 'touches' ? String(pos.catalog.menuItems[5]?.pathId) : changed[0];
      const beside = await openAgain(deps.url);
      let foreign: Promise<void> | null = null;
      onStatement(async (text) => {
        if (!statement.test(text) || foreign !== null) return;
        const holds = Promise.withResolvers<void>();
        foreign = beside.transaction(async (q) => {
          const change =
            meanwhile === 'update'
              ? `update integration_products set name = 'theirs'`
              : 'delete from integration_products';
          await q.query(`${change} where wand_source_id = $1 and external_id = $2`, [sourceId, id]);
          holds.resolve();
          await until('the sync waits for the row', async () => {
            const { rows } = await beside.query<{ waits: boolean }>(
              `select exists (select from pg_locks where not granted and locktype in ('transactionid', 'tuple')
                 and pid in (select pid from pg_stat_activity where datname = current_database())) as waits`,
            );
            return rows[0]?.waits;
          });
        });
        await holds.promise;
      });
      const run = await syncNow(deps, configId);
      await foreign;
      onStatement(null);
      expect([run.error, foreign === null]).toEqual([null, false]);
      const next = await syncNow(deps, configId);
      expect(next.error).toBeNull();
      const { rows } = await deps.database.query<{ rows: number; theirs: number }>(
        `select count(*)::int as rows, count(*) filter (where name = 'theirs')::int as theirs
           from integration_products_current where wand_source_id = $1`,
        [sourceId],
      );
      expect(rows).toEqual([{ rows: 11, theirs: 0 }]);
      const last = await syncNow(deps, configId);
      expect(countsText(last)).toBe('products +0 ~0 =11 -0, modifiers +0 ~0 =5 -0, discounts +0 ~0 =3 -0');
      await pos.stop();
    });
  }
}
