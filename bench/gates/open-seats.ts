// A database with sessions of one contender on it, for as long as a gate or a fleet needs it.
import type { Contender, Session, Sync } from '../contender.ts';
import type { BenchDatabase, Cluster } from '../server/open-cluster.ts';

/** Opens `sessions` sessions on a new database, and drops it after the work. */
export async function withSessions<T>(
  cluster: Cluster,
  { contender, sessions }: { contender: Contender; sessions: number },
  work: (database: BenchDatabase, sessions: readonly Session[]) => Promise<T>,
): Promise<T> {
  const database = await cluster.makeDatabase(`gate_${contender.id}`, {
    trigger: contender.role === 'ours',
    setup: contender.setup,
  });
  const opened: Session[] = [];
  try {
    for (let i = 0; i < sessions; i++) opened.push(await contender.open(database.url));
    return await work(database, opened);
  } finally {
    for (const session of opened) await session.close();
    await cluster.dropDatabase(database);
  }
}

/** One whole save with what belongs before it. */
export async function saveOnce(session: Session, sync: Sync): Promise<void> {
  await session.prepare?.(sync);
  await session.save(sync);
}

/** The only session of a gate that opened one. */
export function only(sessions: readonly Session[]): Session {
  return sessions[0] as Session;
}
