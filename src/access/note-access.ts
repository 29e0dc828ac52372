// Writes down who was refused, and from where a key is used; never in the way of the request itself.
import type { Database } from '../db/database.ts';
import type { Logger } from '../log.ts';
import { appendDenial, appendKeyUse, type Denial } from '../records/audit/append-rarely.ts';
import { type Caller, whoOf } from './caller.ts';

type Deps = { database: Database; log: Logger };

/** The request that it was about; null where it is not known. */
export interface NotedRequest {
  address: string | null;
  requestId: string | null;
}

/**
 * Writes a refusal into the audit log: of one caller each route once a minute, and no more than ten routes. Everybody who
 * proved nothing is one caller, so that nobody can fill the log. A database that is away is said in the process's log only.
 */
export async function noteDenial(
  { database, log }: Deps,
  of: { caller: Caller | null; request: NotedRequest } & Pick<Denial, 'route' | 'permission' | 'reason'>,
): Promise<void> {
  const { caller, request, ...why } = of;
  const actor = caller === null ? 'anonymous' : whoOf(caller);
  try {
    await appendDenial(database, { actor, actorId: caller?.id ?? null, ...request, ...why });
  } catch (error) {
    log.error({ err: error, actor, ...why }, 'a refusal could not be written into the audit log');
  }
}

// What this process wrote already, so that the usual request costs nothing; beyond the most it asks the table again.
const written = new WeakMap<Database, Set<string>>();
const mostRemembered = 10_000;

/** Writes the first use of a key from an address on each day (UTC); nothing for callers without a key. */
export async function noteKeyUse({ database, log }: Deps, caller: Caller, request: NotedRequest): Promise<void> {
  if (caller.kind !== 'key' && caller.kind !== 'admin_key') return;
  const use = `${new Date().toISOString().slice(0, 10)} ${caller.id ?? 'admin'} ${request.address ?? ''}`;
  const known = written.get(database) ?? new Set();
  if (known.has(use)) return;
  if (known.size >= mostRemembered) known.clear();
  written.set(database, known.add(use));
  try {
    await appendKeyUse(database, { actor: whoOf(caller), keyId: caller.id, name: caller.name, ...request });
  } catch (error) {
    known.delete(use);
    log.error({ err: error, key: caller.id }, 'the use of a key could not be written into the audit log');
  }
}
