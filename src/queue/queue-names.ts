// The names in the queue's own schema, and how long its jobs may live.

/** pg-boss keeps its tables here; nothing of ours stands beside them. */
export const queueSchema = 'tillsync_jobs';

/** The version of those tables that the installed pg-boss makes and needs. */
export const queueSchemaVersion = 43;

/** Runs that wait for a worker; the job names the run, and the truth stands in the run. */
export const runsQueue = 'runs';

/** Syncs that are asked for at a later time: retries of runs that failed for a while. */
export const laterQueue = 'later-syncs';
