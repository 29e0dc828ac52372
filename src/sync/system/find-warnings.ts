// What in a system report needs a person, each with the way out; errors first.
import type { ProcessState, SystemReport, SystemWarning } from './system-report.ts';

type Report = Omit<SystemReport, 'warnings'>;

const mostClockMs = 2_000;
const longWaitSeconds = 600;
const mostConnections = 0.9;

/** Pure over the report; `settings` are sentences about the settings themselves. */
export function findWarnings(report: Report, settings: readonly string[]): SystemWarning[] {
  const found = [
    ...ofSchema(report),
    ...ofWorkers(report),
    ...ofVault(report),
    ...ofRights(report),
    ...ofServer(report),
    ...settings.map((message) => worth('setting_odd', message, 'Settings are listed in docs/reference/config.md.')),
  ];
  return [
    ...found.filter(({ severity }) => severity === 'error'),
    ...found.filter(({ severity }) => severity !== 'error'),
  ];
}

const urgent = (code: string, message: string, hint: string): SystemWarning => ({
  code,
  severity: 'error',
  message,
  hint,
});
const worth = (code: string, message: string, hint: string): SystemWarning => ({
  code,
  severity: 'warning',
  message,
  hint,
});

function ofSchema({ database: { schema, broken_keys, is_standby } }: Report): SystemWarning[] {
  const found: SystemWarning[] = [];
  if (schema.problem !== null) found.push(urgent(schema.problem.code, schema.problem.message, schema.problem.hint));
  const [first] = broken_keys;
  if (first !== undefined) {
    const more = broken_keys.length === 1 ? '' : ` And ${broken_keys.length - 1} more.`;
    found.push(
      urgent('keys_broken', `${first}${more}`, 'The schema doctor, or `tillsync verify`, has the SQL that mends it.'),
    );
  }
  if (is_standby) {
    found.push(
      urgent('database_read_only', 'This database only reads: it is a standby.', 'Point DATABASE_URL at the primary.'),
    );
  }
  return found;
}

function ofWorkers({ workers, queue, process: { version } }: Report): SystemWarning[] {
  const found: SystemWarning[] = [];
  const alive = workers.filter(({ is_alive }) => is_alive);
  if (alive.length === 0) {
    const hint = 'Start one: `tillsync start` brings one along, `tillsync worker` is one.';
    const message = 'No worker is alive: schedules, webhooks and queued syncs wait.';
    found.push(queue.queued > 0 ? urgent('worker_none', message, hint) : worth('worker_none', message, hint));
  }
  for (const worker of workers.filter((one) => one.slots !== null && !one.is_alive && !one.is_replaced)) {
    found.push(silent(worker));
  }
  for (const worker of alive.filter((one) => one.version !== null && one.version !== version)) {
    found.push(
      worth(
        'worker_version',
        `The worker ${worker.worker} is tillsync ${worker.version}, this server is ${version}.`,
        'Bring both to one version.',
      ),
    );
  }
  if (alive.length > 0 && queue.oldest_queued_seconds > longWaitSeconds) {
    found.push(
      worth(
        'queue_slow',
        `The oldest queued sync has waited for ${minutes(queue.oldest_queued_seconds)}, at ${queue.active} of ${queue.slots} slots in use.`,
        'Start more workers, or raise TILLSYNC_WORKER_SLOTS.',
      ),
    );
  }
  return found;
}

function silent({ worker, silent_seconds }: ProcessState): SystemWarning {
  return worth(
    'worker_silent',
    `The worker ${worker} has not been heard of for ${minutes(silent_seconds ?? 0)}, and did not say that it stops.`,
    'What it was at is given to others. Look at its log and its machine; a day after its last sign it is forgotten.',
  );
}

function minutes(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}

const secrets = (count: number) => (count === 1 ? '1 stored secret' : `${count} stored secrets`);

function ofVault({ vault }: Report): SystemWarning[] {
  const found: SystemWarning[] = [];
  if (vault.key_from === 'nowhere') {
    found.push(
      worth(
        'encryption_key_missing',
        'No encryption key is set: credentials can neither be stored nor read.',
        'Set TILLSYNC_ENCRYPTION_KEY (`openssl rand -base64 32`).',
      ),
    );
  }
  for (const { id, opens } of vault.keys.filter(({ state }) => state === 'missing')) {
    found.push(
      urgent(
        'encryption_key_unknown',
        `The key ${id} is not here, and ${secrets(opens)} cannot be read without it.`,
        'Name it in TILLSYNC_ENCRYPTION_KEY_PREVIOUS, or set those credentials again.',
      ),
    );
  }
  if (vault.damaged > 0) {
    const what = vault.damaged === 1 ? 'is damaged: no key opens it.' : 'are damaged: no key opens them.';
    found.push(
      urgent(
        'credential_unreadable',
        `${secrets(vault.damaged)} ${what}`,
        'Set them again; `tillsync vault status` says where.',
      ),
    );
  }
  if (vault.left_to_rotate > 0) {
    found.push(
      worth(
        'rotation_unfinished',
        `A rotation of the encryption key is not done: an older key still opens ${secrets(vault.left_to_rotate)}.`,
        'Run `tillsync vault rotate`; it goes on where it was.',
      ),
    );
  }
  return found;
}

function ofRights({ database: { login, is_superuser, is_embedded, row_security_gap } }: Report): SystemWarning[] {
  const found: SystemWarning[] = [];
  if (is_superuser && !is_embedded) {
    found.push(
      worth(
        'login_superuser',
        `tillsync logs in as ${login}, a superuser: more rights than it needs.`,
        'Give it a login of its own that owns its database only.',
      ),
    );
  }
  if (row_security_gap !== null) {
    found.push(worth('row_security_missing', row_security_gap, '`tillsync verify` prints the SQL that mends it.'));
  }
  return found;
}

function ofServer({ database, retention }: Report): SystemWarning[] {
  const found: SystemWarning[] = [];
  const { clock_difference_ms: difference, round_trip_ms, connections, max_connections } = database;
  if (Math.abs(difference) > mostClockMs + round_trip_ms) {
    const where = difference > 0 ? 'ahead of' : 'behind';
    found.push(
      worth(
        'clock_differs',
        `The clock of the database is ${minutes(Math.abs(difference) / 1000)} ${where} that of this server.`,
        'Let both follow the same time server; leases go by the database, so no run is in danger.',
      ),
    );
  }
  if (connections > mostConnections * max_connections) {
    found.push(
      worth(
        'connections_scarce',
        `PostgreSQL has ${connections} of at most ${max_connections} connections in use.`,
        'Raise max_connections, or run fewer workers and slots.',
      ),
    );
  }
  const left = retention.last?.done.left ?? 0;
  if (left > 0) {
    found.push(
      worth(
        'retention_left',
        `The last retention could not do ${left === 1 ? '1 source' : `${left} sources`}.`,
        'The next pass comes back to it; the log of the worker says why.',
      ),
    );
  }
  return found;
}
