// The disk of the database is full: of its tables, and of its log. What was said to be saved is there when it has room again.
import { chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startFakeQu } from '../../../src/connectors/qu/fake.ts';
import { addProducts } from '../../../src/connectors/qu/fake-catalog.ts';
import { openDatabase } from '../../../src/db/database.ts';
import { startEmbedded } from '../../../src/db/embedded/start-embedded.ts';
import { migrate } from '../../../src/db/migrate/migrate.ts';
import { freshDataFolder } from '../../support/data-folder.ts';
import { clusterSuperuserUrl } from '../../support/database.ts';
import { depsOver } from '../../support/deps-over.ts';
import { addQuConfig, countsText, openEngine, syncNow } from '../../support/engine.ts';
import { readStored } from '../../support/stored-rows.ts';
import { superuserOf } from '../../support/superuser.ts';
import { until } from '../../support/until.ts';
import { growDisk, mountSmallDisk } from './small-disk.ts';

// Without the right to mount nothing can be full; the two then prove nothing, and say so.
const noMount = 'a small disk cannot be mounted here: full disks were not tried\n';

it('F50: tables on a full disk fail the run by name, stay as they were, and the next sync with room saves all', async () => {
  const folder = await freshDataFolder();
  if (!mountSmallDisk(folder, 8)) return void process.stdout.write(noMount);
  const place = join(folder, 'tables');
  mkdirSync(place, { mode: 0o700 });
  const [data] = await superuserOf<{ folder: string }>(
    clusterSuperuserUrl(),
    `select current_setting('data_directory') as folder`,
  );
  const { uid, gid } = statSync(data?.folder ?? '');
  chownSync(place, uid, gid);
  const deps = await openEngine();
  const pos = await startFakeQu({ products: 50, modifiers: 50, discounts: 5 });
  const { configId, sourceId } = await addQuConfig(deps, pos.url);
  expect((await syncNow(deps, configId)).status).toBe('success');
  const before = await readStored(deps.database, sourceId);
  await superuserOf(clusterSuperuserUrl(), `create tablespace small location '${place}'`);
  await superuserOf(deps.url, 'alter table integration_products set tablespace small');

  addProducts(pos.catalog, 9_000);
  const failed = await syncNow(deps, configId);
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'disk_full', retry: 'later', step: 'save' } });
  expect(await readStored(deps.database, sourceId)).toEqual(before);
  growDisk(folder, 200);
  const saved = await syncNow(deps, configId);
  expect([saved.error, saved.status]).toEqual([null, 'success']);
  expect(countsText(saved)).toContain('products +9000 ~0 =50 -0');
  await superuserOf(deps.url, 'alter table integration_products set tablespace pg_default');
  await superuserOf(clusterSuperuserUrl(), 'drop tablespace small');
  await pos.stop();
}, 120_000);

it('F51: when there is no room for the log either, runs that said success are there after it', async () => {
  const dataDir = await freshDataFolder();
  if (!mountSmallDisk(dataDir, 130)) return void process.stdout.write(noMount);
  const embedded = await startEmbedded({ dataDir, durable: true });
  const database = await openDatabase({ url: embedded.url, queryTimeout: 5_000 });
  await migrate(database);
  const deps = { ...(await depsOver(database)), leaseSeconds: 1 };
  const pos = await startFakeQu({ products: 2_000, modifiers: 2_000, discounts: 10 });
  const acknowledged = new Map<string, number>();
  let failures = 0;
  for (let n = 0; n < 200 && failures < 3; n++) {
    // A new source each time: the disk fills.
    try {
      const { configId, sourceId } = await addQuConfig(deps, pos.url, { establishment: `e${n}` });
      const run = await syncNow(deps, configId);
      if (run.status === 'success') acknowledged.set(sourceId, run.items_synced ?? -1);
      else failures += 1;
    } catch {
      failures += 1;
    }
  }
  expect(failures).toBe(3);
  expect(acknowledged.size).toBeGreaterThan(3);
  growDisk(dataDir, 500);
  const stored = await until(
    'the database is back',
    () =>
      database
        .query<{ id: string; rows: number }>(
          `select wand_source_id as id, count(*)::int as rows from (
           select wand_source_id from integration_products union all select wand_source_id from integration_modifiers
           union all select wand_source_id from integration_discounts) i group by 1`,
        )
        .catch(() => null),
    60_000,
  );
  const found = new Map(stored.rows.map(({ id, rows }) => [id, rows]));
  for (const [sourceId, items] of acknowledged) expect([sourceId, found.get(sourceId)]).toEqual([sourceId, items]);
  const { configId } = await addQuConfig(deps, pos.url, { establishment: 'after' });
  expect((await syncNow(deps, configId)).status).toBe('success');
  await database.close();
  await embedded.stop();
  await pos.stop();
}, 300_000);
