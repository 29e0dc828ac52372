// A first sync streams its rows into the tables while it reads: the result is that of a plan that was made before.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Kind, kinds } from '../src/catalog/item.ts';
import type { Json } from '../src/json.ts';
import { listChanges } from '../src/records/runs/read-changes.ts';
import { listDuplicates, listRejects } from '../src/records/runs/read-rejects.ts';
import type { Run } from '../src/records/runs/run.ts';
import { approveRun } from '../src/sync/approve-run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { requestSync } from '../src/sync/request-sync.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { saveFormatted } from '../src/sync/save-formatted.ts';
import { openPgProxy } from './faults/pg-proxy.ts';
import { openAgain } from './support/database.ts';
import { addQuConfig, countsText, syncNow } from './support/engine.ts';
import { withPages } from './support/paged-connector.ts';
import { readStored } from './support/stored-rows.ts';
import { openTrip, type Trip } from './support/trip.ts';

type Item = { [key: string]: Json };
type Body = Partial<Record<Kind, Item[]>>;

let trip: Trip;
let deps: Trip['deps'];
let sources = 0;
beforeAll(async () => {
  trip = await openTrip();
  deps = trip.deps;
});

async function freshSource() {
  sources += 1;
  return await addQuConfig(deps, 'http://127.0.0.1:9', { establishment: `first ${sources}` });
}

/** A whole catalog given by a caller: a source without rows streams it. A merge of the same plans before it writes. */
async function save(own: Deps, configId: string, formattedData: Body & { mode?: 'merge' }): Promise<Run> {
  const { mode = 'full', ...body } = formattedData;
  const whole = mode === 'full' ? { products: [], modifiers: [], discounts: [], ...body } : body;
  return (await saveFormatted(own, { configId, requestedBy: 'test', mode, formattedData: whole })).run;
}

async function contentOf(sourceId: string): Promise<unknown[]> {
  const stored = await readStored(deps.database, sourceId);
  return [...stored].map(([key, { columns, removed }]) => [key, columns, removed]).sort();
}

const long = 'a long text \\ with\ttabs '.repeat(800);

function permutations<T>(values: readonly T[]): T[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value, at) => permutations(values.toSpliced(at, 1)).map((rest) => [value, ...rest]));
}

describe('repeated keys of a first sync', () => {
  it('give the same row in every order, new in every respect, whether or not the changes fit into memory', async () => {
    const copies: Item[] = [
      { name: 'costs nothing', price: 0 },
      { name: 'says no price' },
      { name: 'one', price: 7 },
      { name: 'two', price: 7 },
    ];
    const planned = await freshSource();
    const bodyOf = (order: readonly Item[]): Body =>
      Object.fromEntries(
        kinds.map((kind) => {
          const twice = order.flatMap((copy, at) => [
            { id: 'k', pathId: 'p', ...copy },
            { id: `${at}`, pathId: 'p', name: 'between' },
            { id: '0', pathId: 'p', name: `other ${at}`, price: at },
          ]);
          return [kind, twice];
        }),
      );
    await save(deps, planned.configId, { ...bodyOf(copies), mode: 'merge' });
    const wanted = await contentOf(planned.sourceId);
    for (const [at, order] of permutations(copies).entries()) {
      const own = { ...deps, planMemoryChanges: at % 2 === 0 ? 50_000 : 2 };
      const { configId, sourceId } = await freshSource();
      const run = await save(own, configId, bodyOf(order));
      expect([run.status, countsText(run)]).toEqual([
        'success',
        kinds.map((kind) => `${kind} +5 ~0 =0 -0 duplicates 7`).join(', '),
      ]);
      const content = await contentOf(sourceId);
      const winner = (found: unknown[]) => found.filter((row) => JSON.stringify(row).includes('"k'));
      expect(winner(content)).toEqual(winner(wanted));
      expect(content).toHaveLength(wanted.length);
      for (const [key, row] of await readStored(deps.database, sourceId)) {
        expect([key, row.updated, row.synced]).toEqual([key, row.created, row.created]);
      }
      const { data: listed } = await listDuplicates(deps.database, run.id, { limit: 10 });
      expect(listed.map(({ copies: count, identical }) => `${count} ${identical}`).sort()).toEqual(
        ['4 false', '5 false', '4 false', '5 false', '4 false', '5 false'].sort(),
      );
      expect(
        (await listChanges(deps.database, run.id)).data.filter(({ operation }) => operation !== 'created'),
      ).toEqual([]);
    }
    const { rows } = await deps.database.query(
      `select count(*)::int as rows from integration_item_changes c join integration_sync_history h on h.id = c.run_id
          where h.mode = 'full'`,
    );
    expect(rows).toEqual([{ rows: 0 }]);
  });

  it('leave fingerprints by which the same payload in another order is unchanged, item by item', async () => {
    const { configId, sourceId } = await freshSource();
    const products = ['a', 'b', 'a', 'c', 'b', 'a'].map((id, at) => ({
      id,
      name: `${id} ${at}`,
      price: at % 3,
      note: long,
    }));
    await save({ ...deps, planMemoryChanges: 2 }, configId, { products });
    const before = await contentOf(sourceId);
    const again = await save(deps, configId, { products: products.toReversed() });
    expect(countsText(again).split(',')[0]).toBe('products +0 ~0 =3 -0 duplicates 3');
    expect(await contentOf(sourceId)).toEqual(before);
  });
});

/** Pages on which the kinds alternate item by item, each item large enough to be sent on its own. */
function alternating(pages: number, poisoned: readonly string[] = []): unknown[] {
  return Array.from({ length: pages }, (_, at) => {
    const item = (kind: string) => ({
      id: `${kind}${at}`,
      name: poisoned.includes(`${kind}${at}`) ? 'poison' : `${kind} ${at}`,
      note: `${at} ${long}`,
      prices: { prices: [{ price: at }] },
    });
    const lists = { menuItems: [item('p')], modifiers: [item('m')], discounts: [item('d')] };
    return { ...(at % 2 === 0 ? lists : Object.fromEntries(Object.entries(lists).reverse())), error: '' };
  });
}

describe('a stream of new rows', () => {
  it('takes kinds that alternate item by item, more of each than waits in memory', async () => {
    const { configId, sourceId } = await freshSource();
    const pages = alternating(70);
    const run = await syncNow(withPages(deps, pages), configId);
    expect(countsText(run)).toBe('products +70 ~0 =0 -0, modifiers +70 ~0 =0 -0, discounts +70 ~0 =0 -0');
    const stored = await readStored(deps.database, sourceId);
    for (let at = 0; at < 70; at++) {
      const found = ['products', 'modifiers', 'discounts'].map((kind) => {
        const { name, data } = stored.get(JSON.stringify([kind, `${kind[0]}${at}`, null]))?.columns ?? {};
        return [name, (data as Item | undefined)?.note === `${at} ${long}`];
      });
      expect(found).toEqual([
        [`p ${at}`, true],
        [`m ${at}`, true],
        [`d ${at}`, true],
      ]);
    }
    const again = await syncNow(withPages(deps, pages.toReversed()), configId);
    expect(countsText(again)).toBe('products +0 ~0 =70 -0, modifiers +0 ~0 =70 -0, discounts +0 ~0 =70 -0');
  });

  it('sets aside the rows that the database refuses: the first, the middle and the last, in all kinds', async () => {
    const own = await openTrip();
    for (const kind of kinds) {
      await own.deps.database.query(
        `alter table integration_${kind} add constraint no_poison check (name <> 'poison')`,
      );
    }
    const { configId, sourceId } = await addQuConfig(own.deps, 'http://127.0.0.1:9');
    const refused = ['d0', 'd59', 'm0', 'm30', 'p0', 'p1', 'p31', 'p59'];
    const run = await syncNow(withPages(own.deps, alternating(60, refused)), configId);
    expect([run.status, countsText(run)]).toEqual([
      'partial',
      'products +56 ~0 =0 -0 rejected 4, modifiers +58 ~0 =0 -0 rejected 2, discounts +58 ~0 =0 -0 rejected 2',
    ]);
    const { data } = await listRejects(own.deps.database, run.id, { limit: 20 });
    expect(data.map(({ external_id }) => external_id).sort()).toEqual(refused);
    expect((await readStored(own.deps.database, sourceId)).size).toBe(172);
  });

  it('sets no key aside for a copy that loses, whatever the order', async () => {
    const own = await openTrip();
    await own.deps.database.query(`alter table integration_products add constraint no_poison check (name <> 'poison')`);
    const loser = { id: 'k', name: 'poison', price: 0 };
    const winner = { id: 'k', name: 'fine', price: 7 };
    for (const [at, products] of permutations([loser, winner, { id: 'z', name: 'z', price: 1 }]).entries()) {
      const { configId } = await addQuConfig(own.deps, 'http://127.0.0.1:9', { establishment: `poison ${at}` });
      const run = await save(own.deps, configId, { products });
      expect([run.status, countsText(run).split(',')[0]]).toEqual(['success', 'products +2 ~0 =0 -0 duplicates 1']);
    }
  });

  it('looks again when another program writes one of the keys meanwhile', async () => {
    const { configId, sourceId } = await freshSource();
    const beside = await openAgain(deps.url);
    let met = 0;
    trip.onStatement(async (statement) => {
      if (!statement.startsWith('copy integration_products (') || met++ > 0) return;
      await beside.query(
        `insert into integration_products (source_id, external_id, name) values ($1, 'p3', 'theirs')`,
        [sourceId],
      );
    });
    const run = await syncNow(withPages(deps, alternating(5)), configId);
    trip.onStatement(null);
    expect([run.error, countsText(run).split(',')[0]]).toEqual([null, 'products +4 ~1 =0 -0']);
    expect((await readStored(deps.database, sourceId)).size).toBe(15);
  });

  it('leaves nothing when the run is cancelled in the middle, and the next run begins anew', async () => {
    const { configId, sourceId } = await freshSource();
    const products = Array.from({ length: 12_000 }, (_, n) => ({ id: n, name: `n${n}`, price: 1 }));
    const body = { products, modifiers: [], discounts: [] };
    const stop = new AbortController();
    trip.onStatement((statement) => {
      if (statement.startsWith('copy integration_products (')) stop.abort();
    });
    const { run } = await saveFormatted(deps, {
      configId,
      requestedBy: 'test',
      mode: 'full',
      formattedData: body,
      signal: stop.signal,
    });
    trip.onStatement(null);
    expect([run.status, (await readStored(deps.database, sourceId)).size]).toEqual(['cancelled', 0]);
    expect(countsText(await save(deps, configId, { products })).split(',')[0]).toBe('products +12000 ~0 =0 -0');
  });

  it('leaves nothing when the connection is lost in the middle', async () => {
    const { configId, sourceId } = await freshSource();
    const proxy = await openPgProxy(deps.url);
    const through = withPages({ ...deps, database: await openAgain(proxy.url) }, alternating(40));
    for (const [table, bytes] of [
      ['integration_products', 1],
      ['integration_modifiers', 300_000],
      ['integration_discounts', 500_000],
    ] as const) {
      const cut = proxy.cutCopy(table, bytes);
      const run = await syncNow(through, configId);
      await cut;
      expect([table, run.status, run.error?.retry]).toEqual([table, 'failed', 'later']);
      expect((await readStored(deps.database, sourceId)).size).toBe(0);
    }
    expect((await syncNow(through, configId)).items_synced).toBe(120);
    await proxy.close();
  });
});

describe('a first sync', () => {
  it('writes nothing in a dry run, has the same plan when it is real, and is written once when it is approved', async () => {
    const pages = alternating(3).concat(alternating(2));
    const { configId, sourceId } = await freshSource();
    const written: string[] = [];
    trip.onStatement((statement) => {
      const table = /^(?:copy|update|insert into) integration_(products|modifiers|discounts) \(/.exec(statement);
      if (table) written.push(table[1] ?? '');
    });
    const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test', dryRun: true });
    const dry = await runSync(withPages(deps, pages), run.id);
    expect([dry.status, written, (await readStored(deps.database, sourceId)).size]).toEqual(['planned', [], 0]);
    const approved = await approveRun(deps, { runId: dry.id, requestedBy: 'test' });
    trip.onStatement(null);
    expect([approved.counts, written]).toEqual([dry.counts, ['products', 'modifiers', 'discounts']]);
    const other = await freshSource();
    const streamed = await syncNow(withPages(deps, pages), other.configId);
    expect(streamed.counts).toEqual(dry.counts);
    expect(await contentOf(other.sourceId)).toEqual(await contentOf(sourceId));
    const { rows } = await deps.database.query(
      `select distinct encode(plan_digest, 'hex') as digest from integration_sync_history where id = any($1)`,
      [[dry.id, approved.id]],
    );
    expect(rows).toHaveLength(1);
  });

  it('that is not complete saves what came, and the whole answer after it adds the rest', async () => {
    const { configId, sourceId } = await freshSource();
    const pages = alternating(4);
    const run = await syncNow(withPages(deps, pages.slice(0, 2), { complete: false, reason: 'cut' }), configId);
    expect([run.status, run.complete, run.items_synced]).toEqual(['success', false, 6]);
    expect((await syncNow(withPages(deps, pages), configId)).counts?.products).toMatchObject({
      created: 2,
      unchanged: 2,
    });
    expect((await readStored(deps.database, sourceId)).size).toBe(12);
  });

  it('whose items are all rejected saves nothing and says so, and the next one is a first sync', async () => {
    const { configId, sourceId } = await freshSource();
    const products = [{ id: 'a', price: '12,50' }, { name: 'no id' }, { id: 'b', price: '$' }];
    const run = await save(deps, configId, { products });
    expect([run.status, run.error?.code, run.counts?.products.rejected]).toEqual(['failed', 'all_rejected', 3]);
    expect((await readStored(deps.database, sourceId)).size).toBe(0);
    expect((await save(deps, configId, { products: [{ id: 'a', price: 1 }] })).counts?.products.created).toBe(1);
  });
});
