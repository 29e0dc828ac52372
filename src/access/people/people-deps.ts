// What the verbs about people are given, and who asks for them.
import { type Claims, everywhere } from '../../db/claims.ts';
import type { Connection, Database } from '../../db/database.ts';
import type { Vault } from '../../vault/open-vault.ts';
import { type Caller, whoOf } from '../caller.ts';
import type { Passwords } from './passwords/open-passwords.ts';

export interface PeopleDeps {
  database: Database;
  /** Encrypts the secrets of second factors. */
  vault: Vault;
  passwords: Passwords;
}

/** Who asks, and from where: for the audit log. */
export type Actor = Omit<Claims, 'scope'>;

/** One transaction of an actor; people belong to no place of the hierarchy. */
export async function inNameOf<T>(
  { database }: Pick<PeopleDeps, 'database'>,
  actor: Actor,
  work: (q: Connection) => Promise<T>,
): Promise<T> {
  return await database.as({ ...actor, scope: everywhere }).transaction(work, { isShort: true });
}

/** A caller as an actor. */
export function actorOfCaller(caller: Caller, from: Pick<Actor, 'address' | 'requestId'>): Actor {
  return { who: whoOf(caller), id: caller.id, address: from.address, requestId: from.requestId };
}
