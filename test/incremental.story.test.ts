// A POS that is asked for changes only: nothing is lost, nothing is taken for gone, and it ends where a whole read ends.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receipt } from '../src/cli/print/receipt.ts';
import { startFakeQu } from '../src/connectors/qu/fake.ts';
import { listConfigs } from '../src/records/configs/read-configs.ts';
import type { Run } from '../src/records/runs/run.ts';
import { listSources } from '../src/records/sources/read-sources.ts';
import { approveRun } from '../src/sync/approve-run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { requestSync } from '../src/sync/request-sync.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { saveFormatted } from '../src/sync/save-formatted.ts';
import { setConfig } from '../src/sync/set-config.ts';
import { addQuConfig, countsText, syncNow } from './support/engine.ts';
import type { TillItem, TillPos } from './support/till-pos.ts';
import { openTillShop, type TillShop } from './support/till-shop.ts';

let shop: TillShop;
let deps: Deps;
let pos: TillPos;
beforeAll(async () => {
  shop = await openTillShop();
  ({ deps, pos } = shop);
});
afterAll(() => pos.stop());

/** A source that read all of these, and nothing else. */
async function readShop(items: readonly TillItem[], guard?: Record<string, unknown>) {
  for (const item of pos.items) pos.drop(item, true);
  for (const item of items) pos.put(item);
  // So long ago that the overlap does not reach them.
  for (let bump = 0; bump < 12; bump++) pos.drop(product(-1));
  const { id, sourceId } = await shop.add(guard);
  const run = await syncNow(deps, id);
  expect([run.status, run.reads, run.complete]).toEqual(['success', 'all', true]);
  pos.asked.splice(0);
  return { id, sourceId };
}

const product = (id: number, price = '1'): TillItem => ({ kind: 'products', id: String(id), path: null, price });
const asked = () => pos.asked.splice(0);
const said = ({ status, reads, complete }: Run) => [status, reads, complete];
const tenProducts = Array.from({ length: 10 }, (_none, at) => product(at));

describe('a cursor', () => {
  it('moves with the save of its run only: not when the run dies, is held or breaks off', async () => {
    const { id, sourceId } = await readShop(tenProducts, { price_known_items: 2, price_moved_share: 0.1 });
    const cursorAsked = () => asked().find((path) => path.includes('page=0'));
    pos.put(product(1, '1.1'));
    const died = shop.trip.failAt(/insert into integration_sync_state/);
    expect((await syncNow(deps, id)).status).toBe('failed');
    await died;
    const first = cursorAsked();
    pos.put(product(2, '90'));
    pos.put(product(3, '90'));
    const held = await syncNow(deps, id);
    expect([...said(held), cursorAsked()]).toEqual(['held', 'changes', null, first]);
    // While a plan waits everything is read, so that a newer answer can take its place.
    expect(said(await syncNow(deps, id))).toEqual(['held', 'all', true]);
    pos.asked.splice(0);
    const again = await requestSync(deps, { configId: id, trigger: 'manual', requestedBy: 'test' });
    await runSync(deps, again.run.id);
    const run = await approveRun(deps, { runId: again.run.id, requestedBy: 'test' });
    expect([run.status, countsText(run)]).toEqual([
      'success',
      'products +0 ~3 =7 -0, modifiers +0 ~0 =0 -0, discounts +0 ~0 =0 -0',
    ]);
    pos.asked.splice(0);
    expect(said(await syncNow(deps, id))).toEqual(['success', 'nothing', true]);
    for (let more = 20; more < 27; more++) pos.put(product(more));
    pos.loseNext();
    pos.asked.splice(0);
    const broken = await syncNow(deps, id);
    const from = cursorAsked();
    expect([...said(broken), from === first]).toEqual(['success', 'changes', false, false]);
    expect([said(await syncNow(deps, id)), cursorAsked()]).toEqual([['success', 'changes', null], from]);
    expect((await shop.live(sourceId)).size).toBe(17);
  });

  it('of a held run is moved by its approval', async () => {
    const { id } = await readShop(tenProducts, { price_known_items: 2, price_moved_share: 0.1 });
    for (const at of [1, 2, 3]) pos.put(product(at, '90'));
    const held = await syncNow(deps, id);
    expect(said(held)).toEqual(['held', 'changes', null]);
    const run = await approveRun(deps, { runId: held.id, requestedBy: 'test' });
    expect([said(run), countsText(run)]).toEqual([
      ['success', 'changes', null],
      'products +0 ~3 =0 -0, modifiers +0 ~0 =0 -0, discounts +0 ~0 =0 -0',
    ]);
    asked();
    expect([said(await syncNow(deps, id)), asked()]).toEqual([['success', 'nothing', null], ['/version']]);
  });

  it('is bound to the settings, and goes when items come by another way', async () => {
    const { id } = await readShop(tenProducts);
    pos.put(product(1, '2'));
    expect((await syncNow(deps, id)).reads).toBe('changes');
    await setConfig(deps, { configId: id, params: { note: 'x' } });
    expect((await syncNow(deps, id)).reads).toBe('all');
    await saveFormatted(deps, {
      configId: id,
      requestedBy: 'test',
      formattedData: { products: [{ id: '1', price: 5 }] },
    });
    const run = await syncNow(deps, id);
    expect([run.reads, run.counts?.products.updated]).toEqual(['all', 1]);
  });
});

describe('removals', () => {
  it('F64: are told by tombstones at once; what goes silently is found by the whole read, and everybody says when that was', async () => {
    const { id, sourceId } = await readShop(tenProducts);
    pos.drop(product(1));
    pos.drop(product(2), true);
    const run = await syncNow(deps, id);
    expect([said(run), run.counts?.products.removed]).toEqual([['success', 'changes', null], 1]);
    const [source] = await listSources(deps.database, { id: sourceId });
    const checked = source?.removals_checked_at ?? '';
    const minute = `${checked.slice(0, 10)} ${checked.slice(11, 16)} UTC`;
    expect(receipt(run)).toContain(`removals were last checked ${minute}`);
    expect(receipt(run)).toContain('1 change:');
    const config = (await listConfigs(deps.database, { sourceId }))[0];
    expect(config?.removals_checked_at).toBe(checked);
    expect((await shop.live(sourceId)).size).toBe(9);
    const due: Deps = { ...deps, fullReadHours: 0 };
    const whole = await syncNow(due, id);
    expect([said(whole), whole.counts?.products.removed]).toEqual([['success', 'all', true], 1]);
    const [after] = await listSources(deps.database, { id: sourceId });
    expect(String(after?.removals_checked_at) > checked).toBe(true);
  });

  it('by tombstones are guarded; --full and a dry run read everything', async () => {
    const { id } = await readShop(tenProducts, { enabled: true });
    for (const item of tenProducts.slice(0, 6)) pos.drop(item);
    const held = await syncNow(deps, id);
    expect([said(held), held.hold?.rules.map(({ rule }) => rule)]).toEqual([
      ['held', 'changes', null],
      ['removes_most_of_kind'],
    ]);
    const { id: other } = await readShop(tenProducts);
    const { run } = await requestSync(deps, { configId: other, trigger: 'manual', requestedBy: 'test' });
    expect(said(await runSync(deps, run.id, { compareAll: true }))).toEqual(['success', 'all', true]);
    expect(said(await syncNow(deps, other, { dryRun: true }))).toEqual(['planned', 'all', true]);
  });
});

describe('a probe', () => {
  it('spares the read, and is not believed when another program has written since', async () => {
    const { id, sourceId } = await readShop(tenProducts);
    const run = await syncNow(deps, id);
    expect([said(run), asked(), countsText(run)]).toEqual([
      ['success', 'nothing', true],
      ['/version'],
      'products +0 ~0 =10 -0, modifiers +0 ~0 =0 -0, discounts +0 ~0 =0 -0',
    ]);
    expect(receipt(run)).toContain('No changes: 10 items checked.');
    pos.put(product(1, '2'));
    await syncNow(deps, id);
    const after = await syncNow(deps, id);
    expect([said(after), countsText(after)]).toEqual([
      ['success', 'nothing', null],
      'products +0 ~0 =10 -0, modifiers +0 ~0 =0 -0, discounts +0 ~0 =0 -0',
    ]);
    const foreign = `update integration_products set price = 99 where wand_source_id = $1 and external_id = '3'`;
    await deps.database.query(foreign, [sourceId]);
    const whole = await syncNow(deps, id);
    expect([said(whole), whole.counts?.products.updated]).toEqual([['success', 'all', true], 1]);
    // Between the question and the save: then everything is read after all, by the same run.
    asked();
    pos.onRequest = async () => {
      pos.onRequest = null;
      await deps.database.query(foreign, [sourceId]);
    };
    const caught = await syncNow(deps, id);
    expect([said(caught), caught.counts?.products.updated]).toEqual([['success', 'all', true], 1]);
    expect(asked()[0]).toBe('/version');
  });

  it('is the ETag of a Qu answer: 304 repeats the last outcome, and the run refers to the same answer', async () => {
    const qu = await startFakeQu({ products: 20, modifiers: 20, discounts: 5, etags: true });
    const { configId, sourceId } = await addQuConfig(deps, qu.url);
    const first = await syncNow(deps, configId);
    const same = await syncNow(deps, configId);
    expect([said(first), said(same)]).toEqual([
      ['success', 'all', true],
      ['success', 'nothing', true],
    ]);
    expect(qu.requests.map(({ headers }) => 'if-none-match' in headers)).toEqual([false, true]);
    const { rows } = await deps.database.query(
      'select distinct payload_id from integration_run_payloads where wand_source_id = $1',
      [sourceId],
    );
    expect(rows).toHaveLength(1);
    qu.edit((catalog) => catalog.menuItems.splice(0, 1));
    const changed = await syncNow(deps, configId);
    expect([said(changed), changed.counts?.products.removed]).toEqual([['success', 'all', true], 1]);
    await qu.stop();
  });
});
