// An unchanged answer that is no unchanged run: settings, mapping, owner, plans, rejects and other saves in between.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connector } from '../src/connectors/qu/index.ts';
import { getRun } from '../src/records/runs/read-runs.ts';
import { approveRun } from '../src/sync/approve-run.ts';
import { assignItems } from '../src/sync/assign-items.ts';
import type { Deps } from '../src/sync/deps.ts';
import { setConfig } from '../src/sync/set-config.ts';
import { splitSource } from '../src/sync/split-source.ts';
import { addQuConfig, countsText, syncNow } from './support/engine.ts';
import { openWatch, type Watched } from './support/watched-source.ts';

const size = { products: 12, modifiers: 10, discounts: 4, repeated: 3 };
const allUnchanged = 'products +0 ~0 =12 -0, modifiers +0 ~0 =10 -0 duplicates 3, discounts +0 ~0 =4 -0';

for (const lastSynced of ['row', 'source'] as const satisfies readonly Deps['lastSynced'][]) {
  describe(`the same answer, with the last sync kept per ${lastSynced}`, () => {
    let open: Awaited<ReturnType<typeof openWatch>>;
    let source: Watched;
    let made = 0;
    beforeAll(async () => {
      open = await openWatch(size, { lastSynced });
    });
    afterAll(() => source.pos.stop());

    async function settled(): Promise<Watched> {
      await source?.pos.stop();
      made += 1;
      source = await open({ establishment: `context ${made}` });
      await source.sync();
      await expectNext(source, { readKeys: false });
      return source;
    }

    async function expectNext(of: Watched, { readKeys, own = {} }: { readKeys: boolean; own?: Partial<Deps> }) {
      const next = await of.sync(own);
      expect([next.run.error, countsText(next.run), next.readKeys]).toEqual([null, allUnchanged, readKeys]);
    }

    /** Compares once, and is short again. */
    async function expectOneLook(of: Watched, own: Partial<Deps> = {}): Promise<void> {
      const content = await of.live();
      await expectNext(of, { readKeys: true, own });
      await expectNext(of, { readKeys: false, own });
      expect(await of.live()).toEqual(content);
    }

    it('is compared once after a setting changed, and the setting takes effect', async () => {
      const { deps, configId, pos } = await settled();
      await setConfig(deps, { configId, params: { exclude_categories: ['nothing has this'] } });
      await expectOneLook(source);
      pos.edit(({ menuItems }) => {
        for (const [at, item] of menuItems.entries()) item.menuCategory = { id: 1, name: at < 4 ? 'Drinks' : 'Lunch' };
      });
      await source.sync();
      await setConfig(deps, { configId, params: { exclude_categories: ['Drinks'] } });
      const { run, readKeys } = await source.sync();
      expect([readKeys, run.counts?.products]).toMatchObject([true, { filtered: 4, unchanged: 8, removed: 4 }]);
      const short = await source.sync();
      expect([short.readKeys, short.run.counts?.products]).toMatchObject([
        false,
        { received: 12, filtered: 4, unchanged: 8, removed: 0 },
      ]);
    });

    it('is compared once after the connector’s mapping got another version', async () => {
      await settled();
      const newer = { connectors: new Map([[connector.id, { ...connector, version: connector.version + 1 }]]) };
      await expectOneLook(source, newer);
      await expectOneLook(source);
    });

    it('gives every row its new owner when the config’s place or the config itself changed', async () => {
      const { deps, configId, pos, sourceId } = await settled();
      await deps.database.query('update integration_source_configs set site_id = 7, company_id = 8 where id = $1', [
        configId,
      ]);
      await expectOneLook(source);
      expect(await ownersOf(source)).toEqual([{ config: configId, company: '8', site: '7' }]);
      await setConfig(deps, { configId, isActive: false });
      const other = await addQuConfig(deps, pos.url, { establishment: `context ${made}` });
      expect(other.sourceId).toBe(sourceId);
      const second: Watched = { ...source, configId: other.configId };
      const { run, readKeys } = await source.watch(() => syncNow(deps, second.configId));
      expect([countsText(run), readKeys]).toEqual([allUnchanged, true]);
      expect(await ownersOf(source)).toEqual([{ config: other.configId, company: null, site: null }]);
      expect((await source.watch(() => syncNow(deps, second.configId))).readKeys).toBe(false);
    });

    it('is planned item by item in a dry run, whose approval changes nothing; then it is short again', async () => {
      const { deps } = await settled();
      const dry = await source.sync({}, { dryRun: true });
      expect([dry.run.status, countsText(dry.run), dry.readKeys]).toEqual(['planned', allUnchanged, true]);
      await expectNext(source, { readKeys: false });
      const again = await source.sync({}, { dryRun: true });
      const approved = await source.watch(() => approveRun(deps, { runId: again.run.id, requestedBy: 'test' }));
      expect([approved.run.status, countsText(approved.run), approved.readKeys]).toEqual([
        'success',
        allUnchanged,
        true,
      ]);
      await expectNext(source, { readKeys: false });
    });

    it('is compared as long as it holds an item that is rejected, and keeps listing it', async () => {
      const { pos } = await settled();
      pos.edit(
        (catalog) => void catalog.menuItems.push({ pathId: 'odd', name: 'odd', prices: { prices: [{ price: '$5' }] } }),
      );
      for (let turn = 0; turn < 3; turn++) {
        const { run, readKeys } = await source.sync();
        expect([run.status, run.counts?.products, readKeys]).toMatchObject([
          'partial',
          { received: 13, unchanged: 12, rejected: 1 },
          true,
        ]);
      }
      pos.edit((catalog) => void catalog.menuItems.pop());
      await expectOneLook(source);
    });

    it('is compared after a merge wrote one item, and puts that item back', async () => {
      const { pos, save } = await settled();
      const content = await source.live();
      const id = String(pos.catalog.discounts[0]?.id);
      const merged = await save({ formattedData: { discounts: [{ id, name: 'merged' }] } });
      expect([countsText(merged.run).split(', ')[2], merged.readKeys]).toEqual(['discounts +0 ~1 =0 -0', false]);
      const { run, readKeys } = await source.sync();
      expect([run.counts?.discounts, readKeys]).toMatchObject([{ updated: 1, unchanged: 3 }, true]);
      expect(await source.live()).toEqual(content);
      await expectNext(source, { readKeys: false });
      // One that changes nothing, too: the row may be seen at another time than the rest.
      const same = pos.catalog.discounts[0] ?? {};
      await save({ formattedData: { discounts: [{ id, name: String(same.name) }] } });
      const after = await source.sync();
      expect(after.readKeys).toBe(true);
      expect(await source.live()).toEqual(content);
    });

    it('supersedes a hold of another answer, and is not compared for it', async () => {
      const { deps, pos, configId } = await settled();
      await setConfig(deps, { configId, guard: { enabled: true } });
      pos.answer('empty', 1);
      const held = await source.sync();
      expect(held.run.status).toBe('held');
      await expectNext(source, { readKeys: false });
      expect((await getRun(deps.database, held.run.id))?.hold?.resolution).toBe('superseded');
    });

    it('is right after a run that failed, or that kept nothing', async () => {
      const { pos } = await settled();
      const content = await source.live();
      pos.answer('401', 1);
      expect((await source.sync()).run.status).toBe('failed');
      const odd = {
        menuItems: pos.catalog.menuItems.map((item) => ({ ...item, prices: { prices: [{ price: '$5' }] } })),
        error: '',
      };
      pos.answer({ body: JSON.stringify(odd) }, 1);
      expect((await source.sync()).run.error?.code).toBe('all_rejected');
      await expectNext(source, { readKeys: false });
      expect(await source.live()).toEqual(content);
    });

    it('is compared when it is asked for', async () => {
      await settled();
      const { run, readKeys } = await source.sync({}, { compareAll: true });
      expect([countsText(run), readKeys]).toEqual([allUnchanged, true]);
      await expectNext(source, { readKeys: false });
    });

    it('is compared after rows were split off, and brings those back that the POS has', async () => {
      const { deps, pos, sourceId } = await settled();
      const target = await addQuConfig(deps, pos.url, { establishment: `split ${made}` });
      await deps.database.transaction(
        (q) =>
          q.query(
            `update integration_products set source_config_id = $2
              where id in (select id from integration_products where wand_source_id = $1 order by external_id limit 5)`,
            [sourceId, target.configId],
          ),
        { ownWrites: true },
      );
      const { moved } = await splitSource(deps, { sourceId, configId: target.configId, requestedBy: 'test' });
      expect(moved).toEqual({ products: 5, modifiers: 0, discounts: 0 });
      const split = { ...source, configId: target.configId, sourceId: target.sourceId };
      for (const [of, counts] of [
        [source, 'products +5 ~0 =7 -0'],
        [split, 'products +7 ~0 =5 -0'],
      ] as const) {
        const { run, readKeys } = await source.watch(() => syncNow(deps, of.configId));
        expect([countsText(run).split(', ')[0], readKeys]).toEqual([counts, true]);
        expect(await ownersOf(of)).toEqual([{ config: of.configId, company: null, site: null }]);
        expect((await source.watch(() => syncNow(deps, of.configId))).readKeys).toBe(false);
      }
    });

    it('is compared after archived rows were assigned, and removes those that the POS does not have', async () => {
      const { deps, sourceId } = await settled();
      await deps.database.query(
        `insert into integration_items_archive (kind, reason, external_id, item)
         values ('products', 'unattributable', 'old', '{"external_id": "old", "name": "old"}')`,
      );
      const back = await assignItems(deps, { sourceId, select: { reason: 'unattributable' }, requestedBy: 'test' });
      expect(back.restored.products).toBe(1);
      const { run, readKeys } = await source.sync();
      expect([run.counts?.products, readKeys]).toMatchObject([{ unchanged: 12, removed: 1 }, true]);
      expect((await source.sync()).run.counts?.products).toMatchObject({ unchanged: 12, removed: 0 });
    });
  });
}

async function ownersOf({ deps, sourceId }: Watched): Promise<unknown[]> {
  const { rows } = await deps.database.query(
    ['products', 'modifiers', 'discounts']
      .map(
        (kind) => `select source_config_id as config, company_id::text as company, site_id::text as site
                     from integration_${kind} where wand_source_id = $1 and removed_at is null`,
      )
      .join(' union '),
    [sourceId],
  );
  return rows;
}
