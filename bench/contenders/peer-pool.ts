// The pool of a peer that brings none of its own.
import pg from 'pg';

/** A pool whose connections may be ended from outside while they close: the database is dropped right after. */
export function openPeerPool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max });
  pool.on('error', () => undefined);
  return pool;
}
