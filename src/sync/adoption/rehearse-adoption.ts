// What adoption, migrations and a lock-down would do to this database, or did: read only, for people to look at first.
import { adopt } from '../../db/adopt/adopt.ts';
import { readJournal } from '../../db/adopt/adoption.ts';
import type { AdoptionReport } from '../../db/adopt/adoption-report.ts';
import { isUnadopted } from '../../db/adopt/is-unadopted.ts';
import { readMigrationFiles } from '../../db/migrate/migration-files.ts';
import { readJournal as readMigrations } from '../../db/migrate/migration-journal.ts';
import { lockDown } from '../../db/roles/lock-down.ts';
import { identifyLegacy } from '../configs/identify-legacy.ts';
import type { Deps } from '../deps.ts';

export interface AdoptionRehearsal {
  /** none: the tables are tillsync's own; waiting: tables of the original wait for adoption; adopted: they are adopted. */
  state: 'none' | 'waiting' | 'adopted';
  /** What adoption would do (waiting), or did (adopted). */
  report: AdoptionReport | null;
  /** Migrations that would be applied, with their SQL. */
  pending: { name: string; sql: string }[];
  /** What `tillsync migrate --lock-down` would run. */
  lock_down: string[];
}

/** Rehearses it; nothing is written. Migrations of a newer tillsync are none that wait. */
export async function rehearseAdoption(deps: Pick<Deps, 'database' | 'connectors'>): Promise<AdoptionRehearsal> {
  const { database } = deps;
  const isWaiting = await isUnadopted(database);
  const report = isWaiting
    ? await adopt(database, { dryRun: true, identify: identifyLegacy(deps) })
    : await adoptedReport(database);
  const applied = await readMigrations(database);
  const pending = (await readMigrationFiles()).filter(({ name }) => applied?.has(name) !== true);
  const { statements } = await lockDown(database, { dryRun: true });
  return {
    state: isWaiting ? 'waiting' : report === null ? 'none' : 'adopted',
    report,
    pending: pending.map(({ name, sql }) => ({ name, sql })),
    lock_down: statements,
  };
}

async function adoptedReport(database: Deps['database']): Promise<AdoptionReport | null> {
  return (await readJournal(database)).has('complete') ? await adopt(database, { dryRun: true }) : null;
}
