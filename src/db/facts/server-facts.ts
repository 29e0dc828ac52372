// What PostgreSQL says of itself and of our login: version, size, connections, rights, and how its clock differs from ours.
import type { Database } from '../database.ts';
import { rowSecurityGap } from '../roles/row-security-gap.ts';

export interface ServerFacts {
  /** E.g. '18.4'. */
  version: string;
  /** Name of the database. */
  name: string;
  bytes: number;
  started_at: string;
  /** The role that logged in, and the one that statements run as. */
  login: string;
  role: string;
  is_superuser: boolean;
  /** Only reads: a standby. */
  is_standby: boolean;
  connections: number;
  max_connections: number;
  /** Milliseconds that the database's clock is ahead of this process; behind = negative. Good to half the round trip. */
  clock_difference_ms: number;
  round_trip_ms: number;
  /** One sentence on why row level security does not bind this process; null where it does. */
  row_security_gap: string | null;
}

type FactsRow = Pick<
  ServerFacts,
  'version' | 'name' | 'login' | 'role' | 'is_superuser' | 'is_standby' | 'connections' | 'max_connections'
> & { bytes: string; started_at: Date };

/** Reads them in three short statements. */
export async function readServerFacts(database: Database): Promise<ServerFacts> {
  const { rows } = await database.query<FactsRow>(
    `select split_part(current_setting('server_version'), ' ', 1) as version, current_database()::text as name,
            pg_database_size(current_database())::text as bytes, pg_postmaster_start_time() as started_at,
            session_user::text as login, current_user::text as role, r.rolsuper as is_superuser,
            pg_is_in_recovery() as is_standby, current_setting('max_connections')::int as max_connections,
            (select coalesce(sum(numbackends), 0)::int from pg_stat_database) as connections
       from pg_roles r where r.rolname = session_user`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no row about the login');
  return {
    ...row,
    bytes: Number(row.bytes),
    started_at: row.started_at.toISOString(),
    ...(await compareClocks(database)),
    row_security_gap: await rowSecurityGap(database),
  };
}

async function compareClocks(database: Database): Promise<Pick<ServerFacts, 'clock_difference_ms' | 'round_trip_ms'>> {
  const asked = Date.now();
  const since = performance.now();
  const { rows } = await database.query<{ now: Date }>('select clock_timestamp() as now');
  const took = performance.now() - since;
  const theirs = rows[0]?.now.getTime() ?? asked;
  return { clock_difference_ms: Math.round(theirs - asked - took / 2), round_trip_ms: Math.round(took) };
}
