// API keys through whoever answers: the database of this machine, or the /api/v1 of a server.
import type { Command } from 'commander';
import type { CreatedKey } from '../../access/create-key.ts';
import type { ListedKey } from '../../records/access/api-keys.ts';
import type { KeyToMake } from '../verbs/keys/key-options.ts';
import { requestedBy, serverOf, withApp } from '../with-app.ts';
import { withClient } from './with-backend.ts';

export interface KeyVerbs {
  list(): Promise<ListedKey[]>;
  create(key: KeyToMake): Promise<CreatedKey>;
  rotate(id: string, overlapHours: number): Promise<CreatedKey>;
  revoke(id: string): Promise<ListedKey>;
}

/** Runs a verb of keys. Throws what the API's routes answer. */
export async function withKeys(command: Command, work: (keys: KeyVerbs) => Promise<void>): Promise<void> {
  if (serverOf(command) !== null) {
    const { everyPage, send } = await import('./remote-calls.ts');
    return await withClient(command, async (client) => {
      await work({
        list: () => everyPage(client, '/keys'),
        create: ({ levelId, expiresAt, ...key }) => {
          const place = levelId === undefined ? {} : { level_id: Number(levelId) };
          const end = expiresAt === undefined ? {} : { expires_at: expiresAt.toISOString() };
          return send(client, { method: 'POST', path: '/keys', body: { ...key, ...place, ...end } });
        },
        rotate: (id, overlap_hours) =>
          send(client, { method: 'POST', path: `/keys/${encodeURIComponent(id)}/rotate`, body: { overlap_hours } }),
        revoke: (id) => send(client, { method: 'DELETE', path: `/keys/${encodeURIComponent(id)}` }),
      });
      return 0;
    });
  }
  await withApp(command, async ({ database }) => {
    const { addKey, listKeys, revokeKey, rotateKey } = await import('../../access/manage-keys.ts');
    const by = requestedBy();
    await work({
      async list() {
        const all: ListedKey[] = [];
        let cursor: string | undefined;
        do {
          const page = await listKeys(database, { limit: 1000, cursor });
          all.push(...page.data);
          cursor = page.next ?? undefined;
        } while (cursor !== undefined);
        return all;
      },
      create: (key) => addKey(database, { ...key, by }),
      rotate: (id, overlapHours) => rotateKey(database, { id, overlapHours, by }),
      revoke: (id) => revokeKey(database, { id, by }),
    });
    return 0;
  });
}
