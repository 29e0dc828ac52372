// The short cut of an unchanged answer: taken only when nothing moved since, and otherwise the result is right all the same.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kinds } from '../src/catalog/item.ts';
import { dropProducts } from '../src/connectors/qu/fake-catalog.ts';
import { listDuplicates } from '../src/records/runs/read-rejects.ts';
import type { Deps } from '../src/sync/deps.ts';
import { countsText } from './support/engine.ts';
import { readStored } from './support/stored-rows.ts';
import { openWatch, type Watched } from './support/watched-source.ts';

const size = { products: 12, modifiers: 10, discounts: 4, repeated: 3 };
const allUnchanged = 'products +0 ~0 =12 -0, modifiers +0 ~0 =10 -0 duplicates 3, discounts +0 ~0 =4 -0';

for (const lastSynced of ['row', 'source'] as const satisfies readonly Deps['lastSynced'][]) {
  describe(`an unchanged answer, with the last sync kept per ${lastSynced}`, () => {
    let open: Awaited<ReturnType<typeof openWatch>>;
    let source: Watched;
    beforeAll(async () => {
      open = await openWatch(size, { lastSynced });
    });
    afterAll(() => source.pos.stop());

    /** A new source after two syncs, of which the second took the short cut. */
    async function settled(): Promise<Watched> {
      await source?.pos.stop();
      source = await open();
      await source.sync();
      const { run, readKeys } = await source.sync();
      expect([run.error, countsText(run), readKeys]).toEqual([null, allUnchanged, false]);
      return source;
    }

    /**
     * The next sync compares, counts so, and ends with what the POS has; the one after it is right as well, and short
     * again, also where a row that never had a fingerprint stays behind, removed.
     */
    async function expectHealed(counts: string): Promise<void> {
      const wanted = wantedKeys(source);
      const { run, readKeys } = await source.sync();
      expect([run.error, countsText(run), readKeys]).toEqual([null, counts, true]);
      expect([...(await source.live()).keys()]).toEqual(wanted);
      const again = await source.sync();
      expect([countsText(again.run), again.readKeys]).toEqual([allUnchanged, false]);
      expect([...(await source.live()).keys()]).toEqual(wanted);
    }

    it('takes it, and says and moves what a sync that compares says and moves', async () => {
      const { deps, sync, sourceId, configId, live } = await settled();
      const [before, content] = [await readStored(deps.database, sourceId), await live()];
      const last = await seenTimes(source);
      const { run, readKeys } = await sync();
      expect(readKeys).toBe(false);
      const compared = await sync({}, { compareAll: true });
      expect(compared.readKeys).toBe(true);
      for (const field of ['status', 'counts', 'items_synced', 'complete', 'notes', 'hold'] as const) {
        expect([field, run[field]]).toEqual([field, compared.run[field]]);
      }
      const [short, long] = await Promise.all(
        [run, compared.run].map(({ id }) => listDuplicates(deps.database, id, { limit: 100 })),
      );
      expect(short?.data).toHaveLength(3);
      expect(short?.data).toEqual(long?.data);
      const after = await readStored(deps.database, sourceId);
      expect(await live()).toEqual(content);
      for (const [key, row] of after) {
        const old = before.get(key);
        expect([key, row.id, row.created, row.updated]).toEqual([key, old?.id, old?.created, old?.updated]);
        expect([key, row.synced === old?.synced]).toEqual([key, lastSynced === 'source']);
      }
      const seen = await seenTimes(source);
      for (const [key, time] of seen) expect(time > (last.get(key) ?? '')).toBe(true);
      const { rows } = await deps.database.query(
        'select last_sync_status, sync_count, error_count, last_error from integration_source_configs where id = $1',
        [configId],
      );
      expect(rows).toEqual([{ last_sync_status: 'success', sync_count: 4, error_count: 0, last_error: null }]);
    });

    it('moves the last-seen time of every row to the very time of the run', async () => {
      const { deps, sync, sourceId } = await settled();
      await sync();
      const { rows } = await deps.database.query<{ time: string }>(
        'select last_synced_at::text as time from integration_sync_state where wand_source_id = $1',
        [sourceId],
      );
      expect([...new Set((await seenTimes(source)).values())]).toEqual([rows[0]?.time]);
    });

    // The proof is the same in both ways; one kind each shows that the way there is.
    for (const kind of lastSynced === 'row' ? kinds : kinds.slice(1, 2)) {
      const table = `integration_${kind}`;
      const one = `(select id from ${table} where wand_source_id = $1 order by external_id limit 1)`;
      const insert = `insert into ${table} (source_id, external_id, name, created_at) values ($1, 'foreign', 'x', '2020-01-01')`;
      for (const [what, statements, counts] of [
        ['changes one', [`update ${table} set name = 'foreign' where id = ${one}`], { '~': 1 }],
        ['writes one as it was', [`update ${table} set content_hash = content_hash where id = ${one}`], {}],
        ['only removes one', [`update ${table} set removed_at = now() where id = ${one}`], { restored: 1 }],
        ['adds one', [insert], { '-': 1 }],
        ['deletes one', [`delete from ${table} where id = ${one}`], { '+': 1 }],
        ['deletes one and adds one', [`delete from ${table} where id = ${one}`, insert], { '+': 1, '-': 1 }],
        ['empties the table', [`truncate ${table} /* $1 */`], 'all'],
        [
          'takes one to another source',
          [`update ${table} set source_id = tillsync_new_id() where id = ${one}`],
          { '+': 1 },
        ],
      ] as const) {
        it(`compares after another program ${what} of the ${kind}`, async () => {
          const { deps, sourceId } = await settled();
          for (const statement of statements) {
            await (statement.startsWith('truncate')
              ? deps.database.query(statement)
              : deps.database.query(statement, [sourceId]));
          }
          await expectHealed(countsAfter(kind, counts));
        });
      }

      it(`compares after another program writes a removed one of the ${kind}`, async () => {
        const { deps, pos, sourceId } = await settled();
        const lists = { products: 'menuItems', modifiers: 'modifiers', discounts: 'discounts' } as const;
        pos.edit((catalog) => catalog[lists[kind]].splice(-4, 1));
        await source.sync();
        const short = await source.sync();
        expect(short.readKeys).toBe(false);
        await deps.database.query(
          `update ${table} set name = 'foreign' where wand_source_id = $1 and removed_at is not null`,
          [sourceId],
        );
        const { run, readKeys } = await source.sync();
        // The write brought it back, and the POS does not have it.
        expect([readKeys, run.counts?.[kind].removed]).toEqual([true, 1]);
        expect([...(await source.live()).keys()]).toEqual(wantedKeys(source));
        const last = await source.sync();
        expect([countsText(last.run), last.readKeys]).toEqual([countsText(short.run), false]);
      });
    }

    it('takes it when only a volatile field differs, and compares when a byte of the rest does', async () => {
      const { pos, sync } = await settled();
      pos.edit((catalog) => {
        catalog.lastModified = '2031-01-01T00:00:00.000';
      });
      const stamped = await sync();
      expect([countsText(stamped.run), stamped.readKeys]).toEqual([allUnchanged, false]);
      pos.answer({ body: JSON.stringify(pos.catalog, null, 1) }, 1);
      const spaced = await sync();
      expect([countsText(spaced.run), spaced.readKeys]).toEqual([allUnchanged, true]);
    });

    it('compares again once a day, and only then', async () => {
      const { deps, sync, sourceId } = await settled();
      const age = (interval: string) =>
        deps.database.query(
          `update integration_sync_state set compared_at = now() - $2::interval where wand_source_id = $1`,
          [sourceId, interval],
        );
      await age('23 hours 59 minutes');
      expect((await sync()).readKeys).toBe(false);
      await age('24 hours 1 second');
      expect((await sync()).readKeys).toBe(true);
      expect((await sync()).readKeys).toBe(false);
    });

    it('compares after a removal, an addition and a return, and is short again after each', async () => {
      const { pos, sync } = await settled();
      const all = structuredClone(pos.catalog.menuItems);
      dropProducts(pos.catalog, 2);
      for (const counts of ['products +0 ~0 =10 -2', 'products +0 ~0 =10 -0']) {
        const { run, readKeys } = await sync();
        expect([countsText(run).split(',')[0], readKeys]).toEqual([counts, counts.endsWith('2')]);
      }
      pos.edit((catalog) => {
        catalog.menuItems = all;
      });
      await expectHealed(allUnchanged.replace('=12 -0', '=10 -0 restored 2'));
    });
  });
}

/** Keys that a sync of the catalog leaves live, in order. */
function wantedKeys({ pos: { catalog } }: Watched): string[] {
  const keys = [
    ...catalog.menuItems.map(({ pathId }) => JSON.stringify(['products', pathId, null])),
    ...catalog.modifiers.map(({ pathId }) => JSON.stringify(['modifiers', pathId, pathId])),
    ...catalog.discounts.map(({ id }) => JSON.stringify(['discounts', String(id), null])),
  ];
  return [...new Set(keys)].sort();
}

function countsAfter(kind: string, moved: Readonly<Record<string, number>> | 'all'): string {
  const parts = allUnchanged.split(', ').map((part) => {
    const [name, , , same = '', , ...rest] = part.split(' ');
    if (name !== kind) return part;
    const all = Number(same.slice(1));
    const {
      '+': created = 0,
      '~': updated = 0,
      '-': removed = 0,
      restored = 0,
    } = moved === 'all' ? { '+': all } : moved;
    const left = all - created - updated - restored;
    const back = restored > 0 ? [`restored ${restored}`] : [];
    return [name, `+${created}`, `~${updated}`, `=${left}`, `-${removed}`, ...back, ...rest].join(' ');
  });
  return parts.join(', ');
}

async function seenTimes({ deps, sourceId }: Watched): Promise<Map<string, string>> {
  const views = kinds.map(
    (kind) =>
      `select '${kind}' || id as key, last_seen_at::text as time from integration_${kind}_current where wand_source_id = $1`,
  );
  const { rows } = await deps.database.query<{ key: string; time: string }>(views.join(' union all '), [sourceId]);
  return new Map(rows.map(({ key, time }) => [key, time]));
}
