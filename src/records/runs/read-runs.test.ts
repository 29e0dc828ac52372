// Reading runs against a real database: their shape, their pages, what they changed and set aside.
import { beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/support/database.ts';
import type { Database } from '../../db/database.ts';
import { type Change, listChanges } from './read-changes.ts';
import { listDuplicates, listRejects } from './read-rejects.ts';
import { getRun, listRuns } from './read-runs.ts';

const source = '0199c0de-0000-7000-8000-00000000000a';
const otherSource = '0199c0de-0000-7000-8000-00000000000b';
const config = '0199c0de-0000-7000-8000-00000000000c';
const unknown = '0199c0de-0000-7000-8000-0000000000ff';
let database: Database;

const makeRun = async (columns: Record<string, unknown>): Promise<string> => {
  const { rows } = await database.query<{ id: string }>(
    `insert into integration_sync_history
     select (jsonb_populate_record(null::integration_sync_history, jsonb_build_object(
       'id', tillsync_new_id(), 'trigger', 'cli', 'dry_run', false, 'mode', 'full', 'items_synced', 0, 'notes', '[]'::jsonb,
       'hold_open', false, 'attempt', 1, 'enqueued', false, 'compare_all', false, 'is_parent', false, 'created_at', now(), 'wand_source_id', $2::text) || $1::jsonb)).* returning id`,
    [JSON.stringify(columns), source],
  );
  return rows[0]!.id;
};

beforeAll(async () => {
  ({ database } = await freshDatabase());
});

/** Follows the cursor to the end and returns the pages. */
async function pagesOf<Row>(read: (cursor: string | undefined) => Promise<{ data: Row[]; next: string | null }>) {
  const pages: Row[][] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await read(cursor);
    pages.push(page.data);
    if (page.next === null) return pages;
    cursor = page.next;
  }
}

describe('one run', () => {
  it('is read in the shape that CLI and API show, times in UTC with milliseconds', async () => {
    const none = { received: 0, created: 0, updated: 0, unchanged: 0, removed: 0, restored: 0 };
    const zero = { ...none, rejected: 0, duplicates: 0, filtered: 0 };
    const counts = { products: { ...zero, received: 3, created: 3 }, modifiers: zero, discounts: zero };
    const id = await makeRun({
      status: 'held',
      created_at: '2026-11-22T09:31:07.123456+01:00',
      completed_at: '2026-11-22T08:31:08Z',
      source_name: 'Toy POS',
      source_config_id: config,
      site_id: 30,
      counts,
      hold: { rules: [], resolution: 'superseded', resolved_at: '2026-11-22T10:00:00+01:00' },
      notes: ['one'],
    });
    expect(await getRun(database, id)).toEqual({
      id,
      status: 'held',
      phase: null,
      trigger: 'cli',
      dry_run: false,
      mode: 'full',
      config_id: config,
      source_id: source,
      source_name: 'Toy POS',
      site_id: 30,
      parent_id: null,
      requested_by: null,
      created_at: '2026-11-22T08:31:07.123Z',
      started_at: null,
      finished_at: '2026-11-22T08:31:08.000Z',
      counts,
      items_synced: 0,
      complete: null,
      notes: ['one'],
      hold: {
        rules: [],
        resolution: 'superseded',
        resolved_by: null,
        resolved_at: '2026-11-22T09:00:00.000Z',
        resolved_by_run: null,
      },
      error: null,
      applies_run_id: null,
      progress: null,
      worker: null,
      lease_expires_at: null,
      reads: null,
      enqueued: false,
      attempt: 1,
      retry_of_run_id: null,
      compare_all: false,
      is_parent: false,
      cancel_requested_at: null,
    });
  });

  it('that the original failed shows the original words as its error', async () => {
    const id = await makeRun({ status: 'failed', error_message: 'there is no unique or exclusion constraint' });
    expect((await getRun(database, id))?.error).toMatchObject({
      code: 'recorded_before_adoption',
      message: 'there is no unique or exclusion constraint',
    });
  });

  it.each([unknown, 'no uuid'])('that does not exist is null: %s', async (id) => {
    expect(await getRun(database, id)).toBeNull();
    expect(await listChanges(database, id)).toEqual({ data: [], next: null });
    expect(await listRejects(database, id)).toEqual({ data: [], next: null });
    expect(await listDuplicates(database, id)).toEqual({ data: [], next: null });
  });
});

describe('Sync History', () => {
  it('lists newest first and pages without gap or repeat, even among runs of one microsecond', async () => {
    const made: string[] = [];
    for (let i = 0; i < 7; i++) {
      const second = String(Math.floor(i / 3)).padStart(2, '0');
      made.push(
        await makeRun({
          status: 'success',
          wand_source_id: otherSource,
          created_at: `2027-01-01T00:00:${second}.000001Z`,
        }),
      );
    }
    const pages = await pagesOf((cursor) => listRuns(database, { sourceId: otherSource, limit: 2, cursor }));
    expect(pages.map((page) => page.length)).toEqual([2, 2, 2, 1]);
    const all = await listRuns(database, { sourceId: otherSource });
    expect(pages.flat()).toEqual(all.data);
    expect(all.data.map(({ id }) => id).toSorted()).toEqual(made.toSorted());
    expect(all.data[0]?.id).toBe(made[6]);
  });

  it('filters by config, source and status', async () => {
    await makeRun({ status: 'interrupted', source_config_id: unknown });
    expect((await listRuns(database, { configId: unknown })).data).toHaveLength(1);
    expect((await listRuns(database, { configId: unknown, status: 'success' })).data).toEqual([]);
    expect((await listRuns(database, { status: 'interrupted' })).data).toHaveLength(1);
  });

  it.each(['', 'x', Buffer.from('[1]').toString('base64url'), Buffer.from('{}').toString('base64url')])(
    'refuses a cursor that it did not give out: %j',
    async (cursor) => {
      await expect(listRuns(database, { cursor })).rejects.toMatchObject({ code: 'cursor_invalid', exitCode: 2 });
    },
  );

  it.each([0, 1001, 1.5, Number.NaN])('refuses a page of %s rows', async (limit) => {
    await expect(listRuns(database, { limit })).rejects.toMatchObject({ code: 'limit_invalid' });
  });
});

describe('what a run changed', () => {
  const change = async (runId: string, of: Partial<Change> & { external_id: string }) => {
    await database.query(
      `insert into integration_item_changes (wand_source_id, run_id, kind, external_id, path_id, operation, name, fields,
         created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, now())`,
      [
        source,
        runId,
        of.kind ?? 'products',
        of.external_id,
        of.path_id ?? null,
        of.operation ?? 'updated',
        of.name ?? null,
        JSON.stringify(of.fields ?? {}),
      ],
    );
  };

  it('is the change rows and what was created, in one order over all kinds, page by page', async () => {
    const run = await makeRun({ status: 'success' });
    await change(run, { external_id: 'b', name: 'Bagel', fields: { price: ['1.10', '1.20'] } });
    await change(run, { external_id: 'd', operation: 'removed' });
    await change(run, { kind: 'modifiers', external_id: 'm', path_id: 'x', operation: 'restored' });
    await change(run, { kind: 'discounts', external_id: 'z', operation: 'removed' });
    await database.query(
      `insert into integration_products (wand_source_id, external_id, name, path_id, created_run_id)
       values ($1, 'a', 'Apple', 'p-a', $2), ($1, 'c', 'Cake', null, $2), ($1, 'e', 'Else', null, null)`,
      [source, run],
    );
    await database.query(
      `insert into integration_modifiers (wand_source_id, external_id, name, path_id, created_run_id)
       values ($1, 'm', 'none', null, $2), ($1, 'm', 'empty', '', $2), ($1, 'm', 'y', 'y', $2)`,
      [source, run],
    );
    const all = await listChanges(database, run);
    expect(all.next).toBeNull();
    expect(all.data.map((row) => [row.kind, row.external_id, row.path_id, row.operation])).toEqual([
      ['products', 'a', null, 'created'],
      ['products', 'b', null, 'updated'],
      ['products', 'c', null, 'created'],
      ['products', 'd', null, 'removed'],
      ['modifiers', 'm', null, 'created'],
      ['modifiers', 'm', '', 'created'],
      ['modifiers', 'm', 'x', 'restored'],
      ['modifiers', 'm', 'y', 'created'],
      ['discounts', 'z', null, 'removed'],
    ]);
    expect(all.data[1]).toMatchObject({ name: 'Bagel', fields: { price: ['1.10', '1.20'] } });
    expect(all.data[0]).toMatchObject({ name: 'Apple', fields: {} });
    for (const limit of [1, 2, 4, 8]) {
      const pages = await pagesOf((cursor) => listChanges(database, run, { limit, cursor }));
      expect(pages.flat()).toEqual(all.data);
      expect(pages.at(-1)?.length).toBeGreaterThan(0);
    }
  });

  it('is for a held run what it would have created, too', async () => {
    const run = await makeRun({ status: 'held' });
    await change(run, { external_id: 'new', operation: 'created', name: 'New' });
    expect((await listChanges(database, run)).data).toEqual([
      { kind: 'products', external_id: 'new', path_id: null, operation: 'created', name: 'New', fields: {} },
    ]);
  });
});

describe('what a run set aside', () => {
  it('is listed in the order of the payload, with its raw value', async () => {
    const run = await makeRun({ status: 'partial' });
    await database.query(
      `insert into integration_rejected_items (wand_source_id, run_id, seq, kind, reason, message, raw, created_at)
       select $1, $2, n, 'products', 'missing_external_id', 'No id.', '{"price": 1.10}', now() from generate_series(0, 4) n`,
      [source, run],
    );
    const pages = await pagesOf((cursor) => listRejects(database, run, { limit: 2, cursor }));
    expect(pages.map((page) => page.map(({ seq }) => seq))).toEqual([[0, 1], [2, 3], [4]]);
    expect(JSON.stringify(pages[0]?.[0])).toContain('"raw":{"price":1.10}');
  });

  it('names repeated keys once each, also those without a path', async () => {
    const run = await makeRun({ status: 'success' });
    await database.query(
      `insert into integration_duplicate_items (wand_source_id, run_id, kind, external_id, path_id, copies, identical,
         created_at) values ($1, $2, 'modifiers', 'm', null, 2, true, now()), ($1, $2, 'modifiers', 'm', '', 2, false, now()),
         ($1, $2, 'modifiers', 'm', 'x', 3, false, now()), ($1, $2, 'products', 'a', null, 2, true, now())`,
      [source, run],
    );
    const pages = await pagesOf((cursor) => listDuplicates(database, run, { limit: 1, cursor }));
    expect(pages.flat().map((row) => [row.kind, row.external_id, row.path_id, row.copies, row.identical])).toEqual([
      ['modifiers', 'm', null, 2, true],
      ['modifiers', 'm', '', 2, false],
      ['modifiers', 'm', 'x', 3, false],
      ['products', 'a', null, 2, true],
    ]);
  });
});
