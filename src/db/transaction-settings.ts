// What is set at the begin of a transaction, and for it alone.
export interface TransactionOptions {
  /** Milliseconds to wait for a lock before 55P03; default 10,000. */
  lockTimeout?: number;
  /** Milliseconds one statement may take before 57014; default 30,000 where `isShort`, else 0 = no limit. */
  statementTimeout?: number;
  /** Milliseconds the transaction may stand idle before the server ends it; default 60,000. */
  idleTimeout?: number;
  /** Sets tillsync.sync = '1', so that the foreign-write trigger lets our own writes pass. Default false. */
  ownWrites?: boolean;
  /**
   * Ends the transaction at once when it aborts: its connection is destroyed, whether the server answers or not, and the
   * signal's reason is thrown.
   */
  signal?: AbortSignal;
  /**
   * Its statements wait for their answers no longer than those of `query`: for short ones, which nothing else would end on
   * a connection whose other side has gone. Default false.
   */
  isShort?: boolean;
}

// Where a plan cannot do without one of them its cost looks enormous before 18, and would be compiled.
const byIndexOnly = {
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_bitmapscan: 'off',
  enable_seqscan: 'off',
  jit: 'off',
};

/** The statement that sets it, as one SELECT. */
export function transactionSettings(settings: TransactionOptions): string {
  const local: Record<string, string> = {
    lock_timeout: String(settings.lockTimeout ?? 10_000),
    statement_timeout: String(settings.statementTimeout ?? (settings.isShort ? 30_000 : 0)),
    idle_in_transaction_session_timeout: String(settings.idleTimeout ?? 60_000),
    'tillsync.sync': settings.ownWrites ? '1' : '',
    // Rows are found by their keys, a thousand at once, and rewritten by their id. A planner that knows nothing of the table
    // yet may read all of it for each batch to join the ids (a hash join); without that it takes the index, at 2 us a row.
    // The same with the small indexes that name ranges of pages: where the statistics are of the middle of a first sync, each
    // key would read the whole source through one (50 s instead of 0.5 s for 8,000 items).
    // And a table that is taken for empty is no cheaper to read as a whole.
    ...(settings.ownWrites ? byIndexOnly : {}),
  };
  return `select ${Object.entries(local)
    .map(([name, value]) => `set_config('${name}', '${value}', true)`)
    .join(', ')}`;
}
