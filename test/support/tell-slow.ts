// Says what PostgreSQL is at when a test takes far longer than it should, so that a rare stall leaves a trace.
import { openDatabase } from '../../src/db/database.ts';
import { superuserUrlOf } from './database.ts';

const patienceMilliseconds = 20_000;

/** Does `work`; when it is not done after 20 s, writes the active statements and the planner's figures to stderr, once. */
export async function tellSlow<T>(url: string, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => void tell(url), patienceMilliseconds);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

async function tell(url: string): Promise<void> {
  const admin = await openDatabase({ url: superuserUrlOf(url), max: 1 });
  const activity = await admin.query(
    `select pid, state, wait_event_type, wait_event, (clock_timestamp() - query_start)::text as since, left(query, 2000) as query
       from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
  const figures = await admin.query(
    `select relname, reltuples, relpages, relallvisible from pg_class where relname like 'integration_modifiers%'`,
  );
  process.stderr.write(`slow: ${JSON.stringify({ activity: activity.rows, figures: figures.rows })}\n`);
  await admin.close();
}
