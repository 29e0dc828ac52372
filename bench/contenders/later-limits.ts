// The limits of a later sync: reading keys and fingerprints, touching every row, both, and the client's own share.
import { hash, randomUUID } from 'node:crypto';
import { kinds } from '../../src/catalog/item.ts';
import { copyOut } from '../../src/db/copy.ts';
import { type Connection, openDatabase } from '../../src/db/database.ts';
import type { Contender, Sync } from '../contender.ts';
import { tableOf } from './item-rows.ts';

/** What a sync that changes nothing cannot do without when it wants to know: every key with its fingerprint, by COPY. */
export const readLimit = limit('limit_read', 'limit: read keys + hash', (connection, sync) => read(connection, sync));

/** What a sync that changes nothing cannot do without when every row is to carry the time: one UPDATE per table. */
export const touchLimit = limit('limit_touch', 'limit: touch every row', (connection, sync) => touch(connection, sync));

/** Both. */
export const touchReadLimit = limit('limit_touch_read', 'limit: read, then touch', async (connection, sync) => {
  await read(connection, sync);
  await touch(connection, sync);
});

/** The client alone, without any database: JSON text and SHA-256 of every item. */
export const clientFloor: Contender = {
  id: 'client_floor',
  label: 'floor: stringify + sha256',
  role: 'limit',
  scenarios: ['unchanged'],
  removes: false,
  rows: null,
  open: () =>
    Promise.resolve({
      begin: () => Promise.resolve(randomUUID()),
      save: async ({ items }) => {
        for (const item of items) hash('sha256', JSON.stringify(item), 'buffer');
      },
      close: () => Promise.resolve(),
    }),
};

function limit(id: string, label: string, work: (connection: Connection, sync: Sync) => Promise<void>): Contender {
  return {
    id,
    label,
    role: 'limit',
    scenarios: ['unchanged'],
    removes: false,
    rows: 'items',
    async open(url) {
      const database = await openDatabase({ url, max: 1 });
      return {
        begin: () => Promise.resolve(randomUUID()),
        save: (sync) => database.transaction((connection) => work(connection, sync)),
        close: () => database.close(),
      };
    },
  };
}

async function read(connection: Connection, { sourceId }: Sync): Promise<void> {
  for (const kind of kinds) {
    const path = kind === 'modifiers' ? 'path_id' : 'null::text';
    await copyOut(
      connection,
      `copy (select encode(content_hash, 'hex'), removed_at is null, external_id, ${path}
               from ${tableOf(kind)} where wand_source_id = '${sourceId}') to stdout`,
      () => undefined,
    );
  }
}

async function touch(connection: Connection, { sourceId }: Sync): Promise<void> {
  for (const kind of kinds) {
    await connection.query(`update ${tableOf(kind)} set last_synced_at = now() where wand_source_id = $1`, [sourceId]);
  }
}
