// The payload vault on a real database: every byte back, equal content once, memory flat at 300 MB.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/support/database.ts';
import type { Database } from '../../db/database.ts';
import { listRunPages, readPayload } from './read-payload.ts';
import { type PayloadToStore, storePayload } from './store-payload.ts';

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function payload(body: AsyncIterable<Uint8Array>, of: Partial<PayloadToStore> = {}): PayloadToStore {
  return {
    sourceId: randomUUID(),
    runId: randomUUID(),
    page: 0,
    form: 'connector',
    volatileFields: [],
    body,
    meta: {},
    ...of,
  };
}

async function readBack(database: Database, of: { sourceId: string; payloadId: string }): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const bytes of readPayload(database, of)) parts.push(bytes);
  return Buffer.concat(parts);
}

describe('the payload vault', () => {
  it('gives back every byte, in stored pieces of at most 1 MiB even when nothing can be compressed', async () => {
    const { database } = await freshDatabase();
    const bytes = randomBytes(3_500_000);
    const stored = payload(pieces(bytes, 65_536));
    const { payloadId, rawBytes, storedBytes } = await storePayload(database, stored);
    expect(rawBytes).toBe(bytes.length);
    expect(storedBytes).toBeGreaterThan(bytes.length);
    expect((await readBack(database, { sourceId: stored.sourceId, payloadId })).equals(bytes)).toBe(true);
    const { rows } = await database.query<{ most: number }>(
      'select max(octet_length(bytes)) as most from integration_payload_chunks',
    );
    expect(rows[0]?.most).toBeLessThanOrEqual(1_048_576);
  });

  it('stores equal content once, also when only volatile members differ or it comes in other pieces', async () => {
    const { database } = await freshDatabase();
    const sourceId = randomUUID();
    const body = (stamp: number) => Buffer.from(`{"items":[${'1,'.repeat(50_000)}1],"lastModified":${stamp}}`);
    const volatileFields = ['lastModified'];
    const first = await storePayload(database, payload(pieces(body(1), 1000), { sourceId, volatileFields }));
    const again = payload(pieces(body(222), 777), { sourceId, volatileFields });
    const second = await storePayload(database, again);
    expect(second).toEqual({ payloadId: first.payloadId, rawBytes: body(222).length, storedBytes: 0 });
    expect(await listRunPages(database, { sourceId, runId: again.runId })).toEqual([
      {
        page: 0,
        payloadId: first.payloadId,
        form: 'connector',
        // The address of the body with null for the stamp.
        contentHash: createHash('sha256').update(body(0).subarray(0, -2)).update('null}').digest('hex'),
      },
    ]);
  });

  it('takes a body of 300 MB without ever holding it, and drops what an unfinished one left behind', async () => {
    const { database } = await freshDatabase();
    const sourceId = randomUUID();
    // 4 KiB of noise per 16 KiB: compressible, but past the memory that waits for the address.
    const block = Buffer.concat([randomBytes(4096), Buffer.alloc(12_288, 'menu item ')]);
    const blocks = Math.ceil(300_000_000 / block.length);
    let most = 0;
    async function* body() {
      for (let i = 0; i < blocks; i++) {
        block.writeUInt32BE(i, 0);
        if (i % 500 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers);
        yield Buffer.from(block);
      }
    }
    async function* broken() {
      let left = blocks / 2;
      for await (const bytes of body()) {
        if (left-- < 0) throw new Error('the POS went away');
        yield bytes;
      }
    }
    await expect(storePayload(database, payload(broken(), { sourceId }))).rejects.toThrow('the POS went away');
    const before = process.memoryUsage().arrayBuffers;
    most = 0;
    const whole = createHash('sha256');
    async function* hashed() {
      for await (const bytes of body()) {
        whole.update(bytes);
        yield bytes;
      }
    }
    const { payloadId, rawBytes, storedBytes } = await storePayload(database, payload(hashed(), { sourceId }));
    expect(rawBytes).toBe(blocks * block.length);
    expect(most - before).toBeLessThan(150_000_000);
    const { rows } = await database.query<{ payloads: string; stored: string }>(
      `select count(distinct payload_id) as payloads, sum(octet_length(bytes)) as stored from integration_payload_chunks`,
    );
    expect(rows[0]).toEqual({ payloads: '1', stored: String(storedBytes) });
    const back = createHash('sha256');
    for await (const bytes of readPayload(database, { sourceId, payloadId })) back.update(bytes);
    expect(back.digest('hex')).toBe(whole.digest('hex'));
  });

  it('F57: a late worker whose early pieces a newer run dropped stores nothing, and no run gets a part for the whole', async () => {
    const { database } = await freshDatabase();
    const sourceId = randomUUID();
    // More than waits in memory, so that pieces are written before the end.
    const bytes = randomBytes(34 * 1_048_576);
    const { promise: gate, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    async function* slow() {
      yield* pieces(bytes, 1_048_576);
      reach();
      await gate;
    }
    const late = storePayload(database, payload(slow(), { sourceId }));
    await reached;
    const prompt = await storePayload(database, payload(pieces(Buffer.from('{}'), 1), { sourceId }));
    goOn();
    await expect(late).rejects.toMatchObject({ code: 'lease_lost' });
    const { rows } = await database.query('select id from integration_payloads');
    expect(rows).toEqual([{ id: prompt.payloadId }]);
    const again = await storePayload(database, payload(pieces(bytes, 1_048_576), { sourceId }));
    expect((await readBack(database, { sourceId, payloadId: again.payloadId })).equals(bytes)).toBe(true);
  });

  it('says that a piece is gone instead of giving less, and the next fetch of the same answer repairs it', async () => {
    const { database } = await freshDatabase();
    const bytes = randomBytes(1_500_000);
    const stored = payload(pieces(bytes, 65_536));
    const { sourceId } = stored;
    const { payloadId } = await storePayload(database, stored);
    await database.query('delete from integration_payload_chunks where seq = 1');
    await expect(readBack(database, { sourceId, payloadId })).rejects.toMatchObject({ code: 'payload_incomplete' });
    const none = { sourceId, payloadId: randomUUID() };
    await expect(readBack(database, none)).rejects.toMatchObject({ code: 'payload_incomplete' });
    const again = payload(pieces(bytes, 65_536), { sourceId });
    await storePayload(database, again);
    for (const { runId } of [stored, again]) {
      const [page] = await listRunPages(database, { sourceId, runId });
      expect((await readBack(database, { sourceId, payloadId: page?.payloadId ?? '' })).equals(bytes)).toBe(true);
    }
  });
});
