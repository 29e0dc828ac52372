// What in a system report needs a person, each with the way out; errors first.
import type { SettingWarning } from '../../config.ts';
import type { ProcessState, SystemReport, SystemWarning } from './system-report.ts';

type Report = Omit<SystemReport, 'warnings'>;

const mostClockMs = 2_000;
const longWaitSeconds = 600;
const mostConnections = 0.9;

type Said = Pick<SystemWarning, 'message' | 'hint'> & Partial<Pick<SystemWarning, 'facts'>>;

/** Pure over the report; `settings` is what is wrong with the settings themselves. */
export function findWarnings(report: Report, settings: readonly SettingWarning[]): SystemWarning[] {
  const found = [
    ...ofSchema(report),
    ...ofWorkers(report),
    ...ofVault(report),
    ...ofRights(report),
    ...ofServer(report),
    ...settings.map((one) => worth(one.code, { ...one, hint: 'Settings are listed in docs/reference/config.md.' })),
  ];
  return [
    ...found.filter(({ severity }) => severity === 'error'),
    ...found.filter(({ severity }) => severity !== 'error'),
  ];
}

const warning =
  (severity: SystemWarning['severity']) =>
  (code: string, { message, hint, facts = {} }: Said): SystemWarning => ({ code, severity, message, hint, facts });
const urgent = warning('error');
const worth = warning('warning');

function ofSchema({ database: { schema, broken_keys, is_standby } }: Report): SystemWarning[] {
  const found: SystemWarning[] = [];
  if (schema.problem !== null)
    found.push(urgent(schema.problem.code, { ...schema.problem, facts: { pending: schema.pending.length } }));
  const [first] = broken_keys;
  if (first !== undefined) {
    const others = broken_keys.length - 1;
    found.push(
      urgent('keys_broken', {
        message: `${first}${others === 0 ? '' : ` And ${others} more.`}`,
        hint: 'The schema doctor, or `tillsync verify`, has the SQL that mends it.',
        facts: { first, others },
      }),
    );
  }
  if (is_standby) {
    found.push(
      urgent('database_read_only', {
        message: 'This database only reads: it is a standby.',
        hint: 'Point DATABASE_URL at the primary.',
      }),
    );
  }
  return found;
}

function ofWorkers({ workers, queue, process: { version } }: Report): SystemWarning[] {
  const found: SystemWarning[] = [];
  const alive = workers.filter(({ is_alive }) => is_alive);
  if (alive.length === 0) {
    const none = {
      message: 'No worker is alive: schedules, webhooks and queued syncs wait.',
      hint: 'Start one: `tillsync start` brings one along, `tillsync worker` is one.',
    };
    found.push(queue.queued > 0 ? urgent('worker_none', none) : worth('worker_none', none));
  }
  for (const worker of workers.filter((one) => one.slots !== null && !one.is_alive && !one.is_replaced)) {
    found.push(silent(worker));
  }
  for (const { worker, version: other } of alive) {
    if (other === null || other === version) continue;
    found.push(
      worth('worker_version', {
        message: `The worker ${worker} is tillsync ${other}, this server is ${version}.`,
        hint: 'Bring both to one version.',
        facts: { worker, other, version },
      }),
    );
  }
  const { oldest_queued_seconds: seconds, active, slots } = queue;
  if (alive.length > 0 && seconds > longWaitSeconds) {
    found.push(
      worth('queue_slow', {
        message: `The oldest queued sync has waited for ${minutes(seconds)}, at ${active} of ${slots} slots in use.`,
        hint: 'Start more workers, or raise TILLSYNC_WORKER_SLOTS.',
        facts: { seconds, active, slots },
      }),
    );
  }
  return found;
}

function silent({ worker, silent_seconds }: ProcessState): SystemWarning {
  const seconds = silent_seconds ?? 0;
  return worth('worker_silent', {
    message: `The worker ${worker} has not been heard of for ${minutes(seconds)}, and did not say that it stops.`,
    hint: 'What it was at is given to others. Look at its log and its machine; a day after its last sign it is forgotten.',
    facts: { worker, seconds },
  });
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
      worth('encryption_key_missing', {
        message: 'No encryption key is set: credentials can neither be stored nor read.',
        hint: 'Set TILLSYNC_ENCRYPTION_KEY (`openssl rand -base64 32`).',
      }),
    );
  }
  for (const { id, opens } of vault.keys.filter(({ state }) => state === 'missing')) {
    found.push(
      urgent('encryption_key_unknown', {
        message: `The key ${id} is not here, and ${secrets(opens)} cannot be read without it.`,
        hint: 'Name it in TILLSYNC_ENCRYPTION_KEY_PREVIOUS, or set those credentials again.',
        facts: { id, count: opens },
      }),
    );
  }
  if (vault.damaged > 0) {
    const what = vault.damaged === 1 ? 'is damaged: no key opens it.' : 'are damaged: no key opens them.';
    found.push(
      urgent('credential_unreadable', {
        message: `${secrets(vault.damaged)} ${what}`,
        hint: 'Set them again; `tillsync vault status` says where.',
        facts: { count: vault.damaged },
      }),
    );
  }
  if (vault.left_to_rotate > 0) {
    found.push(
      worth('rotation_unfinished', {
        message: `A rotation of the encryption key is not done: an older key still opens ${secrets(vault.left_to_rotate)}.`,
        hint: 'Run `tillsync vault rotate`; it goes on where it was.',
        facts: { count: vault.left_to_rotate },
      }),
    );
  }
  return found;
}

function ofRights({ database: { login, is_superuser, is_embedded, row_security_gap } }: Report): SystemWarning[] {
  const found: SystemWarning[] = [];
  if (is_superuser && !is_embedded) {
    found.push(
      worth('login_superuser', {
        message: `tillsync logs in as ${login}, a superuser: more rights than it needs.`,
        hint: 'Give it a login of its own that owns its database only.',
        facts: { login },
      }),
    );
  }
  if (row_security_gap !== null) {
    found.push(
      worth('row_security_missing', {
        message: row_security_gap,
        hint: '`tillsync verify` prints the SQL that mends it.',
        facts: { login },
      }),
    );
  }
  return found;
}

function ofServer({ database, retention }: Report): SystemWarning[] {
  const found: SystemWarning[] = [];
  const { clock_difference_ms: difference, round_trip_ms, connections, max_connections } = database;
  if (Math.abs(difference) > mostClockMs + round_trip_ms) {
    const where = difference > 0 ? 'ahead of' : 'behind';
    const seconds = Math.abs(difference) / 1000;
    found.push(
      worth('clock_differs', {
        message: `The clock of the database is ${minutes(seconds)} ${where} that of this server.`,
        hint: 'Let both follow the same time server; leases go by the database, so no run is in danger.',
        facts: { seconds, where: difference > 0 ? 'ahead' : 'behind' },
      }),
    );
  }
  if (connections > mostConnections * max_connections) {
    found.push(
      worth('connections_scarce', {
        message: `PostgreSQL has ${connections} of at most ${max_connections} connections in use.`,
        hint: 'Raise max_connections, or run fewer workers and slots.',
        facts: { used: connections, most: max_connections },
      }),
    );
  }
  const count = retention.last?.done.left ?? 0;
  if (count > 0) {
    found.push(
      worth('retention_left', {
        message: `The last retention could not do ${count === 1 ? '1 source' : `${count} sources`}.`,
        hint: 'The next pass comes back to it; the log of the worker says why.',
        facts: { count },
      }),
    );
  }
  return found;
}
