// Wrong, empty, cut and partial answers of a POS through the whole engine: a sentence in history, and not one row moved.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '../src/connectors/connector.ts';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { type FakeCatalog, makeCatalog } from '../src/connectors/qu/fake-catalog.ts';
import { seededRandom } from '../src/connectors/seeded-random.ts';
import type { Run } from '../src/records/runs/run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { setConfig } from '../src/sync/set-config.ts';
import { addQuConfig, countsText, openEngine, syncNow } from './support/engine.ts';
import { withPages } from './support/paged-connector.ts';
import { readStored, type StoredRows } from './support/stored-rows.ts';

let pos: FakeQu;
let deps: Deps;
let configId: string;
let sourceId: string;
let before: StoredRows;
beforeAll(async () => {
  pos = await startFakeQu();
  pos.setCatalog(makeCatalog({ products: 20, modifiers: 20, discounts: 8, repeated: 2 }));
  deps = await openEngine();
  ({ configId, sourceId } = await addQuConfig(deps, pos.url));
  expect((await syncNow(deps, configId)).status).toBe('success');
});
beforeEach(async () => {
  pos.answer('catalog');
  before = await readStored(deps.database, sourceId);
});
afterAll(() => pos.stop());

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function expectNothingWritten(): Promise<void> {
  expect(await readStored(deps.database, sourceId)).toEqual(before);
}

async function expectFailed(run: Run, what: string): Promise<void> {
  expect([what, run.status, run.counts, run.items_synced]).toEqual([what, 'failed', null, 0]);
  expect(run.error?.message).toMatch(/\S+ \S+/);
  expect(run.error?.code).not.toBe('internal');
  expect(run.error?.hint).toMatch(/\S+ \S+/);
  await expectNothingWritten();
}

describe('answers without end', () => {
  it('are given up by their bytes, kept by nobody, and change nothing', async () => {
    const menu = { menuItems: [], modifiers: [], discounts: [] };
    let asked = 0;
    const endless: Connector = {
      ...((await deps.connectors.get('qu')) as Connector),
      async *fetch() {
        for (;;) yield { body: bytesOf(JSON.stringify({ ...menu, page: ++asked })), meta: {} };
      },
    };
    const connectors = new Map([[endless.id, endless]]);
    const run = await syncNow({ ...deps, connectors, most: { ...deps.most, fetchBytes: 5_000 } }, configId);
    await expectFailed(run, 'no end');
    expect(run.error).toMatchObject({ code: 'fetch_endless' });
    expect(asked).toBeLessThan(200);
    const { rows } = await deps.database.query('select from integration_run_payloads where run_id = $1', [run.id]);
    expect(rows).toEqual([]);
  });

  it('of few bytes that stand for more items than the memory holds are refused', async () => {
    pos.answer('catalog');
    const run = await syncNow({ ...deps, most: { ...deps.most, items: 40 } }, configId, { compareAll: true });
    await expectFailed(run, 'too many');
    expect(run.error).toMatchObject({ code: 'too_many_items', message: expect.stringContaining('more than 40 items') });
  });
});

describe('empty and partial answers', () => {
  it('F13: empty for one kind only is held, and nothing of the other kinds is written either', async () => {
    pos.answer(
      { body: JSON.stringify({ ...pos.catalog, menuItems: pos.catalog.menuItems.slice(1), discounts: [] }) },
      1,
    );
    const run = await syncNow(deps, configId);
    expect(run.status).toBe('held');
    expect(run.hold?.rules).toMatchObject([{ rule: 'removes_whole_kind', kind: 'discounts', removed: 8, live: 8 }]);
    expect(countsText(run)).toContain('products +0 ~0 =19 -1');
    await expectNothingWritten();
  });

  it('F13: empty for a new config is allowed', async () => {
    const fresh = await addQuConfig(deps, pos.url, { establishment: 'new' });
    pos.answer('empty', 1);
    const run = await syncNow(deps, fresh.configId);
    expect([run.status, countsText(run)]).toEqual([
      'success',
      'products +0 ~0 =0 -0, modifiers +0 ~0 =0 -0, discounts +0 ~0 =0 -0',
    ]);
  });

  it('F14: an error that comes as 200 removes nothing', async () => {
    for (const answer of ['error200', 'hasError', '204', 'html'] as const) {
      pos.answer(answer, 1);
      await expectFailed(await syncNow(deps, configId), answer);
    }
    pos.answer({ body: JSON.stringify({ ...pos.catalog, menuItems: [], error: 'menu is being published' }) }, 1);
    await expectFailed(await syncNow(deps, configId), 'error beside lists');
  });

  it('F14: a kind that the answer does not speak of is not removed, and the run says so', async () => {
    for (const absent of ['menuItems', 'modifiers', 'discounts'] as const) {
      const { [absent]: _, ...rest } = pos.catalog;
      for (const body of [rest, { ...pos.catalog, [absent]: null }]) {
        pos.answer({ body: JSON.stringify(body) }, 1);
        const run = await syncNow(deps, configId);
        expect(run.status).toBe('success');
        expect(run.notes.join(' ')).toMatch(/says nothing of (products|modifiers|discounts)/);
        for (const counts of Object.values(run.counts ?? {})) expect(counts.removed).toBe(0);
      }
    }
    expect([...(await readStored(deps.database, sourceId)).values()].some(({ removed }) => removed)).toBe(false);
  });

  it('F14: whichever page of a fetch is lost, a fetch that is not complete removes nothing and does not count as complete', async () => {
    const { menuItems, modifiers, discounts } = pos.catalog;
    const page = (part: Partial<FakeCatalog>) => ({ menuItems: [], modifiers: [], discounts: [], ...part });
    const pages = [
      page({ menuItems: menuItems.slice(0, 10) }),
      page({ menuItems: menuItems.slice(10) }),
      page({ modifiers }),
      page({ discounts }),
    ];
    for (const lost of pages.keys()) {
      const rest = pages.filter((_page, index) => index !== lost);
      const run = await syncNow(withPages(deps, rest, { complete: false, reason: `page ${lost} was lost` }), configId);
      expect([run.status, run.complete]).toEqual(['success', false]);
      expect(run.notes.join(' ')).toContain(`page ${lost} was lost`);
      for (const counts of Object.values(run.counts ?? {})) expect([counts.removed, counts.updated]).toEqual([0, 0]);
    }
    const whole = await syncNow(withPages(deps, pages), configId);
    expect([whole.complete, countsText(whole)]).toEqual([
      true,
      'products +0 ~0 =20 -0, modifiers +0 ~0 =20 -0 duplicates 2, discounts +0 ~0 =8 -0',
    ]);
  });

  it('a reject without a key stops the removals of its kind only', async () => {
    const fresh = await addQuConfig(deps, pos.url, { establishment: 'keyless' });
    await setConfig(deps, { configId: fresh.configId, guard: { enabled: false } });
    await syncNow(deps, fresh.configId);
    const { menuItems, modifiers, discounts } = structuredClone(pos.catalog);
    const { pathId: _path, id: _id, ...keyless } = menuItems[0]!;
    const body = { menuItems: [keyless, ...menuItems.slice(3)], modifiers, discounts: discounts.slice(2) };
    pos.answer({ body: JSON.stringify(body) }, 1);
    const run = await syncNow(deps, fresh.configId);
    expect(countsText(run)).toBe(
      'products +0 ~0 =17 -0 rejected 1, modifiers +0 ~0 =20 -0 duplicates 2, discounts +0 ~0 =6 -2',
    );
    expect([run.status, run.notes.join(' ')]).toEqual(['partial', expect.stringContaining('no readable key')]);
  });
});

describe('broken answers', () => {
  it('F24: a body that ends early fails the run, wherever and however it is cut', async () => {
    const random = seededRandom(24);
    const size = Buffer.byteLength(JSON.stringify(pos.catalog));
    for (const framing of ['length', 'chunked', 'clean'] as const) {
      const offsets = [1, 2, size - 1, ...Array.from({ length: 8 }, () => 1 + Math.floor(random() * (size - 2)))];
      for (const cutAt of offsets) {
        pos.answer({ cutAt, framing }, 1);
        const asked = pos.requests.length;
        const run = await syncNow(deps, configId);
        // Cut before its first byte arrived, it may have been asked for again and come whole.
        if (pos.requests.length > asked + 1) expect(run.status).toBe('success');
        else await expectFailed(run, `${framing} ${cutAt}`);
        before = await readStored(deps.database, sourceId);
      }
    }
  });

  it('F25: whatever is not this POS’s catalog fails the run with a sentence, and nothing is written', async () => {
    const whole = JSON.stringify(pos.catalog);
    const bodies: Record<string, string | Uint8Array> = {
      nothing: '',
      blanks: ' \n ',
      'an empty object': '{}',
      'an empty list': '[]',
      'a list of items': JSON.stringify(pos.catalog.menuItems),
      null: 'null',
      'a text': '"ok"',
      'a number': '42',
      'plain words': 'Service temporarily unavailable',
      'a captcha': '\n <!DOCTYPE html><html><body>Are you human?</body></html>',
      xml: '<?xml version="1.0"?><error/>',
      'another API': '{"data":{"items":[]}}',
      'an error object': '{"error":{"code":500,"message":"x"}}',
      'a list that is an object': '{"menuItems":{},"modifiers":[],"discounts":[]}',
      'a list that is a text': '{"menuItems":"","modifiers":[],"discounts":[]}',
      'a comma too many': '{"menuItems":[],"modifiers":[],"discounts":[],}',
      'a comma in a list': '{"menuItems":[{"id":1},],"modifiers":[],"discounts":[]}',
      'single quotes': "{'menuItems':[],'modifiers':[],'discounts':[]}",
      NaN: '{"menuItems":[{"id":NaN}],"modifiers":[],"discounts":[]}',
      'a comment': '{"menuItems":[] /* none */,"modifiers":[],"discounts":[]}',
      'something behind the end': `${whole}garbage`,
      'two documents': `${whole}${whole}`,
      jsonp: `callback(${whole})`,
      'UTF-16': Buffer.from(whole, 'utf16le'),
      'UTF-16 with a mark': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(whole, 'utf16le')]),
      bytes: Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff, 0xff]),
    };
    for (const [what, body] of Object.entries(bodies)) {
      pos.answer({ body }, 1);
      await expectFailed(await syncNow(deps, configId), what);
    }
  });

  it('F25: a byte-order mark, other members and another media type do no harm', async () => {
    const whole = JSON.stringify({ version: 2, nested: { menuItems: [] }, ...pos.catalog, hasError: false });
    const answers = [
      { body: `\uFEFF${whole}` },
      { body: whole, headers: { 'content-type': 'text/plain' } },
      { body: `\n\t ${whole} \n` },
    ];
    for (const answer of answers) {
      pos.answer(answer, 1);
      expect(countsText(await syncNow(deps, configId))).toBe(
        'products +0 ~0 =20 -0, modifiers +0 ~0 =20 -0 duplicates 2, discounts +0 ~0 =8 -0',
      );
    }
  });

  it('F12: when only volatile fields change, nothing is updated and nothing is stored', async () => {
    const stored = 'select count(*)::int as payloads, sum(stored_bytes)::int as bytes from integration_payloads';
    const { rows: earlier } = await deps.database.query(stored);
    for (const lastModified of ['2031-01-01T00:00:00', '', null, 1_761_822_077, '}"\\']) {
      pos.answer({ body: JSON.stringify({ ...pos.catalog, lastModified }) }, 1);
      const run = await syncNow(deps, configId);
      expect(countsText(run)).toContain('products +0 ~0 =20 -0');
    }
    const after = await readStored(deps.database, sourceId);
    for (const [key, row] of after)
      expect({ key, updated: row.updated }).toEqual({ key, updated: before.get(key)?.updated });
    const { rows: later } = await deps.database.query(stored);
    expect(later).toEqual(earlier);
  });
});
