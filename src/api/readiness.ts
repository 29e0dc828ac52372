// Whether this process can sync: the database answers, its schema is this version's, and every key is in place.
import { checkSchemaVersion } from '../db/migrate/migration-journal.ts';
import { watchKeys } from '../db/verify/check-keys.ts';
import type { FunctionsDeps } from './functions/functions-options.ts';

/** `checks` says 'ok' or what to do, in the order in which they are made; later ones are left out after a failure. */
export interface Readiness {
  ready: boolean;
  checks: { database?: string; schema?: string; keys?: string };
}

// Anyone who reaches the port may ask, so the answer names the command and the log has the details.
const advice = {
  database: 'The database does not answer.',
  schema: 'Run `tillsync migrate`.',
  keys: 'Run `tillsync verify`.',
} as const;

/** Asks the database; takes at most `timeoutMs` (default 5 s). Never throws. */
export async function checkReadiness(deps: FunctionsDeps, timeoutMs = 5000): Promise<Readiness> {
  const checks: Readiness['checks'] = {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the database did not answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([ask(deps, checks), late]);
    return { ready: true, checks };
  } catch (error) {
    deps.log.warn({ err: error }, 'not ready');
    const failed = checks.database === undefined ? 'database' : checks.schema === undefined ? 'schema' : 'keys';
    return { ready: false, checks: { ...checks, [failed]: advice[failed] } };
  } finally {
    clearTimeout(timer);
  }
}

async function ask({ database }: FunctionsDeps, checks: Readiness['checks']): Promise<void> {
  await database.query('select 1');
  checks.database = 'ok';
  await checkSchemaVersion(database);
  checks.schema = 'ok';
  const broken = (await watchKeys(database)).find((finding) => finding.severity === 'error');
  if (broken !== undefined) throw new Error(broken.message);
  checks.keys = 'ok';
}
