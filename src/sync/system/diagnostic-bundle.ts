// The diagnostic bundle: one JSON text for whoever helps from afar, of everything that explains a fault, and without secrets.
import { arch, cpus, freemem, loadavg, platform, release, totalmem } from 'node:os';
import { readServerSettings, readTableSizes } from '../../db/facts/server-details.ts';
import { verify } from '../../db/verify/verify.ts';
import { TillsyncError } from '../../errors.ts';
import { appendAudit, takesEntries } from '../../records/audit/append-audit.ts';
import { listConfigs } from '../../records/configs/read-configs.ts';
import { listFailedRuns } from '../../records/system/failed-runs.ts';
import type { Deps } from '../deps.ts';
import { openCleaner } from './clean-bundle.ts';
import { readSystem } from './read-system.ts';
import type { LimitsReport } from './system-report.ts';

export interface BundleOptions extends Pick<LimitsReport, 'calls'> {
  /** Who takes it along; default: whom the transaction tells of. */
  actor?: string;
}

const mostRuns = 200;
const lastLines = 20;
const mostSchedules = 5_000;

/**
 * Writes 'diagnostics.exported' into the audit log, then reads everything. A part that cannot be read says why in its place,
 * so that a broken database can be diagnosed as well. The text is JSON; every secret that is stored, set or shaped like one
 * is taken out of it.
 */
export async function makeBundle(deps: Deps, { calls, actor }: BundleOptions): Promise<string> {
  await deps.database.transaction(async (q) => {
    if (await takesEntries(q)) await appendAudit(q, { action: 'diagnostics.exported', actor });
  });
  const { database } = deps;
  const failed = await part(() => listFailedRuns(database, { limit: mostRuns, lines: lastLines }));
  const cleaner = await openCleaner(deps, Array.isArray(failed) ? failed : []);
  const bundle = {
    format: 1,
    made_at: new Date().toISOString(),
    redaction: cleaner.told,
    machine: aboutMachine(),
    system: await part(() => readSystem(deps, { calls })),
    verify: await part(() => database.withConnection((connection) => verify(connection))),
    postgres_settings: await part(() => readServerSettings(database)),
    tables: await part(() => readTableSizes(database)),
    schedules: await part(() => aboutSchedules(deps)),
    failed_runs: failed,
  };
  return JSON.stringify(cleaner.clean(bundle), null, 2);
}

type Unread = { unread: { code: string; message: string } };

async function part<T>(read: () => Promise<T>): Promise<T | Unread> {
  try {
    return await read();
  } catch (error) {
    const code = error instanceof TillsyncError ? error.code : 'unexpected';
    return { unread: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}

function aboutMachine(): object {
  return {
    platform: `${platform()} ${release()} ${arch()}`,
    processors: cpus().length,
    load: loadavg(),
    memory_bytes: totalmem(),
    free_memory_bytes: freemem(),
    versions: process.versions,
  };
}

/** When each config is synced, and how it went last; none of its settings. */
async function aboutSchedules({ database }: Deps): Promise<object[]> {
  const configs = await listConfigs(database);
  return configs.slice(0, mostSchedules).map((config) => ({
    config_id: config.id,
    name: config.name,
    connector_id: config.connector_id,
    level: config.level,
    source_id: config.source_id,
    is_active: config.is_active,
    schedule: config.schedule,
    last_sync_at: config.last_sync_at,
    last_sync_status: config.last_sync_status,
    last_error: config.last_error,
  }));
}
