// Opens the pool of connections: each settles in before its first use, in the forms we read and in its role.
import pg from 'pg';
import { parseJson } from '../json.ts';
import { type Role, roleSql } from './roles/database-roles.ts';
import { proveDirect } from './statement-names.ts';

/** Milliseconds to open a connection, to settle it, and to begin a transaction on it. */
export const handshake = 10_000;

export interface PoolOptions {
  url: string;
  /** Shown in pg_stat_activity; default 'tillsync'. */
  applicationName?: string;
  /** Size of the pool; default 10. Each run needs 2 and the heartbeat 1. */
  max?: number;
  /**
   * The role that its statements run as, where the login may take it and the database is made for it; default: the login's
   * own, which owns the tables.
   */
  role?: Role;
  /**
   * The connections are lent by a pooler that may give each transaction another session (Supabase's on port 6543): forms and
   * role are set in each transaction and end with it, and a statement of `query` is a transaction. What lasts longer, like
   * locks of a session, does not hold. Default false.
   */
  pooled?: boolean;
}

const types: pg.CustomTypesConfig = {
  getTypeParser(oid, format) {
    if (oid === pg.types.builtins.JSON || oid === pg.types.builtins.JSONB) return parseJson;
    return pg.types.getTypeParser(oid, format);
  },
};

/** The pool of a database; a connection that dies while idle is dropped by it. */
export function openPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName ?? 'tillsync',
    max: options.max ?? 10,
    connectionTimeoutMillis: handshake,
    keepAlive: true,
    // A connection whose other side has gone is noticed after this and ten probes, one each second.
    keepAliveInitialDelayMillis: 10_000,
    types,
    // On a session that others use next nothing may be left behind, least of all a role.
    ...(options.pooled ? {} : { verify: settleSession(options.role) }),
  });
  // A connection that dies while idle is dropped by the pool; the next statement gets a new one.
  pool.on('error', () => undefined);
  return pool;
}

/**
 * The statement that sets forms and role, for the session or for the transaction alone. Times and bytes are read as text in
 * these forms, whatever a database or role says. Not as start-up options: poolers refuse those. Without a role, or where the
 * login may not take it, the statements run as the login.
 */
export function settlingSql(role: Role | undefined, lasts: 'session' | 'transaction'): string {
  const isLocal = lasts === 'transaction';
  const taken = role === undefined ? `'none'` : `coalesce(${roleSql(role)}, 'none')`;
  return `select set_config('datestyle', 'ISO, YMD', ${isLocal}), set_config('timezone', 'UTC', ${isLocal}),
  set_config('intervalstyle', 'postgres', ${isLocal}), set_config('bytea_output', 'hex', ${isLocal}),
  set_config('extra_float_digits', '1', ${isLocal}), set_config('role', ${taken}, ${isLocal})`;
}

/** Settles a new connection before its first use, as `role` where it may: one round trip. One that refuses is not used. */
function settleSession(role: Role | undefined) {
  const text = `${settlingSql(role, 'session')}, pg_backend_pid() as backend`;
  return (client: pg.PoolClient, done: (error?: Error) => void): void => {
    // A connection that ends here tells it through its statement; without a listener it would end the process.
    const onError = () => undefined;
    client.on('error', onError);
    const end = (error?: Error) => {
      client.removeListener('error', onError);
      done(error);
    };
    client.query<{ backend: number }>({ text, query_timeout: handshake } as pg.QueryConfig).then(({ rows }) => {
      proveDirect(client, rows[0]?.backend ?? -1);
      end();
    }, end);
  };
}
