// One adoption under way: its ports, its journal, and how a step is run once and only once.
import { TillsyncError } from '../../errors.ts';
import type { Connection, Database, Queryable } from '../database.ts';
import { withShortLock } from '../keys/retry-lock.ts';
import type { StepFacts } from './adoption-report.ts';
import type { Model } from './tables/read-shape.ts';

/** A source's identity as the connector reads it from merged params. */
export interface FoundIdentity {
  /** Origin of the base URL, e.g. 'https://pos.example:8443'. */
  origin: string;
  /** Identity params and their values, byte-exact text. */
  identity: Record<string, string>;
  /** Canonical text of connector, origin and identity; equal keys share one source. */
  key: string;
  /** Params that the original had built in; put under the config's own ones. */
  defaults?: Readonly<Record<string, unknown>>;
}

/**
 * Port: the identity behind a config's merged params; null where it is not known. `baseUrl` is the vendor row's URL
 * template with {param} filled in as far as the params go.
 */
export type Identify = (
  connectorId: string,
  params: Readonly<Record<string, unknown>>,
  baseUrl?: string,
) => FoundIdentity | null;

/** Port: encrypts one credential for the config and field that it is bound to. */
export type EncryptCredential = (configId: string, field: string, value: string) => Promise<string>;

export interface AdoptOptions {
  /** Reports what would be done and writes nothing. */
  dryRun?: boolean;
  /** Default: every identity is unknown. Opened where there is something to adopt. */
  identify?: Identify | { open(): Promise<Identify> };
  /** Needed where configs hold plaintext credentials. */
  encryptCredential?: EncryptCredential;
  /** Leaves the plaintext credentials where they are (they are encrypted all the same). */
  keepLegacyCredentials?: boolean;
  /** Receives one line of progress at a time, for people. */
  report?: (line: string) => void;
}

/** What every step gets. */
export interface Adoption {
  database: Database;
  model: Model;
  options: AdoptOptions;
  /** Facts of the steps that are done, in the order in which they were done. */
  journal: Map<string, StepFacts>;
}

const journalTable = `create table if not exists integration_adoption_steps (
  step text primary key,
  seq integer generated always as identity,
  finished_at timestamptz not null default now(),
  details jsonb not null default '{}'
)`;

/** Makes the journal where it is missing, and reads it. */
export async function openJournal(database: Database): Promise<Map<string, StepFacts>> {
  await database.query(journalTable);
  return await readJournal(database);
}

/** The steps that are done, with their facts; empty where no adoption has begun. */
export async function readJournal(queryable: Queryable): Promise<Map<string, StepFacts>> {
  const found = await queryable.query<{ found: boolean }>(
    `select to_regclass('integration_adoption_steps') is not null as found`,
  );
  if (!found.rows[0]?.found) return new Map();
  const { rows } = await queryable.query<{ step: string; details: StepFacts }>(
    'select step, details from integration_adoption_steps order by seq',
  );
  return new Map(rows.map(({ step, details }) => [step, details]));
}

/** Runs a step in one transaction together with its journal row; a step that is done is passed over. */
export async function runStep(
  adoption: Adoption,
  step: string,
  work: (connection: Connection) => Promise<StepFacts>,
): Promise<void> {
  if (adoption.journal.has(step)) return;
  const inTransaction = async (connection: Connection) => {
    const found = await work(connection);
    await writeJournal(connection, step, found);
    return found;
  };
  const onRetry = (attempt: number) => adoption.options.report?.(`${step} waits for a lock (try ${attempt})`);
  const facts = await named(step, async () => {
    try {
      return await withShortLock(adoption.database, inTransaction, { onRetry });
    } catch (error) {
      // A killed adoption's last commit came in meanwhile: what it did stands, ours was rolled back.
      const done = (await readJournalAfter(error, adoption.database)).get(step);
      if (done === undefined) throw error;
      return done;
    }
  });
  finish(adoption, step, facts);
}

async function readJournalAfter(error: unknown, database: Database): Promise<Map<string, StepFacts>> {
  const isTaken = error instanceof TillsyncError && error.facts.constraint === 'integration_adoption_steps_pkey';
  return isTaken ? await readJournal(database) : new Map();
}

/** Runs a step that cannot be one transaction (index builds, batches): it must be safe to begin again anywhere. */
export async function runLongStep(adoption: Adoption, step: string, work: () => Promise<StepFacts>): Promise<void> {
  if (adoption.journal.has(step)) return;
  const facts = await named(step, async () => {
    const found = await work();
    try {
      await writeJournal(adoption.database, step, found);
      return found;
    } catch (error) {
      // As above; this step was safe to do twice.
      const done = (await readJournalAfter(error, adoption.database)).get(step);
      if (done === undefined) throw error;
      return done;
    }
  });
  finish(adoption, step, facts);
}

async function writeJournal(queryable: Queryable, step: string, facts: StepFacts): Promise<void> {
  await queryable.query('insert into integration_adoption_steps (step, details) values ($1, $2)', [
    step,
    JSON.stringify(facts),
  ]);
}

function finish(adoption: Adoption, step: string, facts: StepFacts): void {
  adoption.journal.set(step, facts);
  for (const line of facts.lines) adoption.options.report?.(line);
  for (const warning of facts.warnings) adoption.options.report?.(`warning: ${warning}`);
}

/** A database error that no retry mends becomes a sentence that names the step; everything else goes up as it is. */
async function named<T>(step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const raw = error instanceof TillsyncError ? error.cause : error;
    const state = raw instanceof Error && 'code' in raw ? raw.code : null;
    const mends = error instanceof TillsyncError && error.retry !== 'no';
    if (mends || !(raw instanceof Error) || typeof state !== 'string' || !/^[0-9A-Z]{5}$/.test(state)) throw error;
    throw new TillsyncError(`Adoption stopped at the step ${step}: ${raw.message}.`, {
      code: 'adoption_failed',
      step: 'sync',
      effect: 'The steps before it are done and stay done; no row was lost.',
      hint: 'Remove what stands in the way and run `tillsync migrate` again: it goes on from this step.',
      cause: error,
      facts: { sqlstate: state, adoption_step: step },
    });
  }
}

/** What a step promised does not hold after it: never passed over in silence. */
export function notAsPromised(step: string, problems: readonly string[]): TillsyncError {
  return new TillsyncError(`After the adoption step ${step} this is still not right: ${problems.join('; ')}.`, {
    code: 'adoption_incomplete',
    step: 'sync',
    retry: 'later',
    effect: 'The steps before it are done and stay done; no row was lost.',
    hint: 'Stop programs that change these tables and run `tillsync migrate` again: it goes on from this step.',
    facts: { adoption_step: step, problems },
  });
}
