// Puts pg-boss's own tables and our two queues into the database: part of bringing it to this version.
import type { Database } from '../db/database.ts';
import { openQueueToRoles } from '../db/roles/open-queue-to-roles.ts';
import { laterQueue, queueSchema, queueSchemaVersion, runsQueue } from './queue-names.ts';

/**
 * Installs or upgrades the queue; does nothing, in two short statements, where it is there. Safe from several processes at
 * once. Throws what the database throws, e.g. privilege_missing where the role may not create a schema.
 */
export async function installQueue(database: Database): Promise<void> {
  if (await isInstalled(database)) return;
  const { PgBoss } = await import('pg-boss');
  const boss = new PgBoss({
    db: { executeSql: (text: string, values?: unknown[]) => database.query<never>(text, values) },
    schema: queueSchema,
    schedule: false,
    supervise: false,
  });
  // Its errors are thrown by the calls as well.
  boss.on('error', () => undefined);
  await boss.start();
  try {
    // 'short': at most one job of a key waits; the one that is worked on does not stand in its way.
    for (const name of [runsQueue, laterQueue]) await boss.createQueue(name, { policy: 'short' });
  } finally {
    await boss.stop({ graceful: false });
  }
  await openQueueToRoles(database);
}

/** Whether this version's tables and queues are there. */
async function isInstalled(database: Database): Promise<boolean> {
  const { rows } = await database.query<{ there: boolean }>(
    `select to_regclass('${queueSchema}.version') is not null and to_regclass('${queueSchema}.queue') is not null as there`,
  );
  if (rows[0]?.there !== true) return false;
  const found = await database.query<{ ready: boolean }>(
    `select (select max(version) from ${queueSchema}.version) >= $1
        and (select count(*) from ${queueSchema}.queue where name = any ($2)) = 2 as ready`,
    [queueSchemaVersion, [runsQueue, laterQueue]],
  );
  return found.rows[0]?.ready === true;
}
