// The second step: the trigger for foreign writers, and the original's updated_at triggers kept off our own writes.
import type { Connection } from '../../database.ts';
import { itemTables, quoteName } from '../../keys/key-definitions.ts';
import { type Adoption, notAsPromised, runStep } from '../adoption.ts';
import type { StepFacts } from '../adoption-report.ts';

interface LegacyTrigger {
  table: string;
  name: string;
  definition: string;
  /** pg_trigger.tgenabled: O origin, D disabled, R replica, A always. */
  enabled: string;
}

const notOurs = `current_setting('tillsync.sync', true) is distinct from '1'`;

// Before-row triggers on UPDATE (bits 1, 2 and 16 of tgtype) whose function sets updated_at, and that our writes fire.
const stampingTriggers = `
select t.tgrelid::regclass::text as table, t.tgname as name, pg_get_triggerdef(t.oid) as definition, t.tgenabled as enabled
  from pg_trigger t join pg_proc p on p.oid = t.tgfoid
 where t.tgrelid = any ($1::regclass[]) and not t.tgisinternal and t.tgtype & 19 = 19
   and (p.prosrc ~* 'updated_at' or p.proname = 'moddatetime')
   and pg_get_triggerdef(t.oid) !~ 'tillsync\\.sync'
 order by 1, 2`;

/** From here on a foreign write fills both source columns, and a backfill of ours moves no updated_at. */
export async function settleTriggers(adoption: Adoption): Promise<void> {
  await runStep(adoption, 'triggers', async (connection) => {
    await connection.query(adoption.model.createTrigger);
    const facts = await guardTriggers(connection);
    const left = await readTriggers(connection);
    if (left.length > 0)
      throw notAsPromised(
        'triggers',
        left.map(({ name }) => `${name} still fires`),
      );
    return facts;
  });
}

async function readTriggers(connection: Connection): Promise<LegacyTrigger[]> {
  return (await connection.query<LegacyTrigger>(stampingTriggers, [[...itemTables]])).rows;
}

async function guardTriggers(connection: Connection): Promise<StepFacts> {
  const facts: StepFacts = { lines: [], warnings: [] };
  for (const trigger of await readTriggers(connection)) {
    const name = quoteName(trigger.name);
    await connection.query(`drop trigger ${name} on ${trigger.table}`);
    await connection.query(guardedDefinition(trigger.definition));
    const state = { D: 'disable', R: 'enable replica', A: 'enable always' }[trigger.enabled];
    if (state) await connection.query(`alter table ${trigger.table} ${state} trigger ${name}`);
    facts.lines.push(`${trigger.table}: trigger ${trigger.name} no longer moves updated_at when tillsync writes`);
  }
  return facts;
}

/** A CREATE TRIGGER statement with our exception added to its WHEN clause. */
export function guardedDefinition(definition: string): string {
  const found = /^([\s\S]*?)(?: WHEN \(([\s\S]*)\))? EXECUTE (FUNCTION [\s\S]*)$/.exec(definition);
  if (!found) throw new Error(`not a trigger definition: ${definition}`);
  const [, head, condition, call] = found;
  return `${head} when (${condition === undefined ? '' : `(${condition}) and `}${notOurs}) execute ${call}`;
}
