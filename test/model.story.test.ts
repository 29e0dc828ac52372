// Random catalogs and random edits against an in-memory model: tables, counts and changes are the model's after every run.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Kind, kinds } from '../src/catalog/item.ts';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import type { Json } from '../src/json.ts';
import { listChanges } from '../src/records/runs/read-changes.ts';
import { listDuplicates, listRejects } from '../src/records/runs/read-rejects.ts';
import type { Run } from '../src/records/runs/run.ts';
import { approveRun } from '../src/sync/approve-run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { saveFormatted } from '../src/sync/save-formatted.ts';
import { setConfig } from '../src/sync/set-config.ts';
import { addQuConfig, openEngine, syncNow } from './support/engine.ts';
import { type Expected, emptyRows, expectRun, type ModelRows, modelKey } from './support/model.ts';
import { type Dish, dishes, type Edit, edited, edits, writeFormatted, writeQu } from './support/model-catalog.ts';
import { type ForeignWrite, writeFromOutside } from './support/model-foreign.ts';
import { byteOrder, readStored, type StoredRows } from './support/stored-rows.ts';

interface Step {
  edits: Edit[];
  how: 'sync' | 'merge' | 'full' | 'dry-run' | 'approve' | 'foreign';
  /** A kind that the body does not speak of. */
  absent: Kind | null;
  asText: boolean;
  lastSynced: Deps['lastSynced'];
  /** How often the same comes once more right after. */
  again: number;
  act: ForeignWrite['act'];
  kind: Kind;
  /** Makes the plan wait in memory, or stream the payload a second time. */
  memory: number;
  at: number;
}

const steps: fc.Arbitrary<Step> = fc.record({
  edits: fc.array(edits, { maxLength: 8, size: 'max' }),
  how: fc.constantFrom<Step['how']>('sync', 'sync', 'sync', 'merge', 'full', 'dry-run', 'approve', 'foreign'),
  absent: fc.constantFrom<Step['absent']>(null, null, null, null, ...kinds),
  asText: fc.boolean(),
  lastSynced: fc.constantFrom<Step['lastSynced']>('row', 'source'),
  again: fc.constantFrom(0, 0, 1, 2),
  act: fc.constantFrom<Step['act']>('upsert', 'upsert', 'change', 'delete', 'insert'),
  kind: fc.constantFrom<Step['kind']>(...kinds),
  memory: fc.constantFrom(50_000, 50_000, 2),
  at: fc.nat(1_000),
});

let pos: FakeQu;
let deps: Deps;
// Looks at whether a run may repeat the last one, and reads of all keys.
let looks = 0;
let keyReads = 0;
beforeAll(async () => {
  pos = await startFakeQu();
  deps = await openEngine({
    onStatement: (statement) => {
      if (statement.includes('as hashed')) looks += 1;
      if (statement.startsWith('copy (select')) keyReads += 1;
    },
  });
});
afterAll(() => pos.stop());

/** One source, its model, and what stood in its tables when last looked at. */
interface Story {
  configId: string;
  sourceId: string;
  model: ModelRows;
  stored: StoredRows;
}

it('tables, counts, changes, repeated keys and times are the model’s after every run', async () => {
  const stories: Story[] = [];
  await fc.assert(
    fc.asyncProperty(
      fc.array(dishes, { maxLength: 32, size: 'max' }),
      fc.array(steps, { minLength: 4, maxLength: 8, size: 'max' }),
      async (start, script) => {
        const { configId, sourceId } = await addQuConfig(deps, pos.url, { establishment: String(stories.length) });
        await setConfig(deps, { configId, guard: { enabled: false } });
        const story: Story = { configId, sourceId, model: emptyRows(), stored: new Map() };
        stories.push(story);
        let catalog: Dish[] = start;
        for (const step of script) {
          for (const change of step.edits) catalog = edited(catalog, change);
          if (step.how === 'foreign') await writeStep(story, step);
          else for (let turn = 0; turn <= step.again; turn++) await runStep(story, catalog, step);
        }
      },
    ),
    {
      numRuns: 32,
      seed: 20_251_030,
      endOnFailure: false,
      interruptAfterTimeLimit: 30_000,
      markInterruptAsFailure: false,
    },
  );
  // Some runs were short, most were not.
  expect(looks).toBeGreaterThan(5);
  expect(keyReads).toBeGreaterThan(looks);
  // Every story had a source of its own, with the same ids as the others: none of them touched another.
  expect(stories.length).toBeGreaterThan(3);
  for (const story of stories) expectStored(await readStored(deps.database, story.sourceId), story.model);
});

async function runStep(story: Story, catalog: readonly Dish[], step: Step): Promise<void> {
  const present = new Set(kinds.filter((kind) => kind !== step.absent));
  const face = step.how === 'merge' || step.how === 'full' ? 'save-body' : 'qu-document';
  const mode = step.how === 'merge' ? 'merge' : 'full';
  const expected = expectRun(story.model, { face, mode, dishes: catalog, present });
  const own: Deps = { ...deps, planMemoryChanges: step.memory, lastSynced: step.lastSynced };
  const run = await runIt(own, story, { catalog, step, present });
  const isDry = step.how === 'dry-run' || step.how === 'approve';
  await expectRunToBe(run, expected, { isDry });
  if (step.how === 'approve') {
    expect(await readStored(deps.database, story.sourceId)).toEqual(story.stored);
    const applied = await approveRun(own, { runId: run.id, requestedBy: 'test' });
    await expectRunToBe(applied, expected, { isDry: false });
  }
  if (step.how === 'dry-run' || isFruitless(expected)) {
    expect(await readStored(deps.database, story.sourceId)).toEqual(story.stored);
    return;
  }
  story.model = expected.rows;
  const stored = await readStored(deps.database, story.sourceId);
  expectStored(stored, story.model);
  expectTimes(story.stored, stored, expected);
  story.stored = stored;
}

async function runIt(own: Deps, story: Story, of: { catalog: readonly Dish[]; step: Step; present: Set<Kind> }) {
  const { configId } = story;
  const { catalog, step, present } = of;
  const listed = (kind: Kind, write: (dish: Dish) => Json) =>
    present.has(kind) ? catalog.filter((dish) => dish.kind === kind).map(write) : undefined;
  if (step.how === 'merge' || step.how === 'full') {
    const formattedData: Partial<Record<Kind, Json[]>> = {};
    for (const kind of present) formattedData[kind] = listed(kind, (dish) => writeFormatted(dish, step.asText)) ?? [];
    const { run, stored } = await saveFormatted(own, { configId, formattedData, mode: step.how, requestedBy: 'test' });
    const total = (kind: Kind) => {
      const counts = run.counts?.[kind];
      return counts && counts.created + counts.updated + counts.unchanged + counts.restored;
    };
    for (const kind of kinds) expect(stored[kind]).toBe(total(kind));
    return run;
  }
  const document = {
    menuItems: listed('products', writeQu),
    modifiers: listed('modifiers', writeQu),
    discounts: listed('discounts', writeQu),
    error: '',
  };
  pos.answer({ body: JSON.stringify(document) }, 1);
  return await syncNow(own, configId, { dryRun: step.how !== 'sync' });
}

async function writeStep(story: Story, { act, kind, at, asText }: Step): Promise<void> {
  const name = asText ? 'Tea' : `from outside ${at}`;
  await writeFromOutside(deps.database, story, { act, kind: act === 'upsert' ? 'products' : kind, at, name });
  story.stored = await readStored(deps.database, story.sourceId);
  expectStored(story.stored, story.model);
}

/** Whether nothing came but items that cannot be saved: such a run keeps its rejects, and is no success. */
function isFruitless({ counts, rejects }: Expected): boolean {
  const all = Object.values(counts);
  return rejects > 0 && all.every(({ received, rejected, removed }) => received === rejected && removed === 0);
}

async function expectRunToBe(run: Run, expected: Expected, how: { isDry: boolean }) {
  const fails = !how.isDry && isFruitless(expected);
  expect(run.error?.code).toBe(fails ? 'all_rejected' : undefined);
  const saved = expected.rejects > 0 ? 'partial' : 'success';
  expect(run.status).toBe(fails ? 'failed' : how.isDry ? 'planned' : saved);
  expect(run.counts).toEqual(expected.counts);
  let synced = 0;
  for (const counts of Object.values(run.counts ?? {})) {
    const { received, created, updated, unchanged, restored, rejected, duplicates, filtered } = counts;
    expect(created + updated + unchanged + restored + rejected + duplicates + filtered).toBe(received);
    synced += created + updated + unchanged + restored;
  }
  expect(run.items_synced).toBe(how.isDry ? 0 : synced);
  const { data: changes } = await listChanges(deps.database, run.id, { limit: 200 });
  const seen = changes.map(({ kind, external_id, path_id, operation, fields }) => ({
    key: modelKey(kind, external_id, path_id),
    operation,
    fields: fields as Record<string, Json>,
  }));
  seen.sort(byteOrder((change) => change.key));
  expect(seen).toEqual(expected.changes);
  const { data: rejects } = await listRejects(deps.database, run.id, { limit: 200 });
  expect(rejects).toHaveLength(expected.rejects);
  const { data: duplicates } = await listDuplicates(deps.database, run.id, { limit: 200 });
  const repeated = duplicates.map(({ kind, external_id, path_id, copies, identical }) => ({
    key: modelKey(kind, external_id, path_id),
    copies,
    identical,
  }));
  expect(repeated.sort(byteOrder((one) => one.key))).toEqual(expected.duplicates);
}

function expectStored(stored: StoredRows, model: ModelRows): void {
  const wanted = kinds.flatMap((kind) => [...model[kind]].map(([key, row]) => [key, row] as const));
  expect([...stored.keys()].sort()).toEqual(wanted.map(([key]) => key).sort());
  for (const [key, row] of wanted) {
    expect({ key, ...stored.get(key)?.columns }).toEqual({ key, ...row.columns });
    expect({ key, removed: stored.get(key)?.removed }).toEqual({ key, removed: row.removed });
  }
}

function expectTimes(before: StoredRows, after: StoredRows, expected: Expected): void {
  for (const [key, row] of after) {
    const old = before.get(key);
    if (old !== undefined)
      expect({ key, id: row.id, created: row.created }).toEqual({ key, id: old.id, created: old.created });
    // A removed row is in no view, so it is never seen anew.
    const moved = { key, updated: old?.updated !== row.updated, seen: !row.removed && old?.seen !== row.seen };
    expect(moved).toEqual({ key, updated: expected.updated.has(key), seen: expected.seen.has(key) });
    if (old !== undefined && !moved.updated && !moved.seen) expect(isDeepStrictEqual(old, row)).toBe(true);
  }
}
