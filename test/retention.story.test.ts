// Retention over random histories: exactly what the settings no longer keep goes, and whatever somebody may need still works.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { changePrices } from '../src/connectors/qu/fake-catalog.ts';
import { seededRandom } from '../src/connectors/seeded-random.ts';
import { listRunPages, readPayload } from '../src/records/payloads/read-payload.ts';
import { listChanges } from '../src/records/runs/read-changes.ts';
import { getRun } from '../src/records/runs/read-runs.ts';
import { approveRun, discardRun } from '../src/sync/approve-run.ts';
import type { Deps, Keep } from '../src/sync/deps.ts';
import { requestSync } from '../src/sync/request-sync.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { applyRetention } from '../src/sync/upkeep/apply-retention.ts';
import { sweepRuns } from '../src/sync/upkeep/sweep-runs.ts';
import { openAgain } from './support/database.ts';
import { addQuConfig, syncNow } from './support/engine.ts';
import { withPages } from './support/paged-connector.ts';
import { openTrip, type Trip } from './support/trip.ts';

let pos: FakeQu;
let trip: Trip;
let deps: Deps & { url: string };
let beside: Deps;
const keepsAll: Keep = {
  runsDays: 0,
  runsPerSource: 0,
  logsDays: 0,
  payloadsDays: 0,
  payloadsPerSource: 0,
  auditDays: 0,
};
beforeAll(async () => {
  pos = await startFakeQu({ products: 8, modifiers: 4, discounts: 2, repeated: 1 });
  trip = await openTrip();
  ({ deps } = trip);
  beside = { ...deps, database: await openAgain(deps.url), worker: 'beside:1' };
});
afterAll(() => pos.stop());
// The passes of one test do not look at the sources of the one before.
afterEach(() =>
  deps.database.query('truncate integration_sync_history, integration_run_payloads, integration_payloads'),
);

interface Place {
  configId: string;
  sourceId: string;
}

async function age({ sourceId }: Place, days: number): Promise<void> {
  for (const [table, column] of [
    ['integration_sync_history', 'created_at'],
    ['integration_sync_log', 'at'],
    ['integration_run_payloads', 'fetched_at'],
  ]) {
    const statement = `update ${table} set ${column} = ${column} - make_interval(days => $2) where wand_source_id = $1`;
    await deps.database.query(statement, [sourceId, days]);
  }
}

/** One step of a history, by its name. */
const steps: Record<string, (place: Place, random: () => number) => Promise<unknown>> = {
  same: ({ configId }) => syncNow(deps, configId),
  changed: ({ configId }) => {
    changePrices(pos.catalog, 1);
    return syncNow(deps, configId);
  },
  planned: ({ configId }) => {
    changePrices(pos.catalog, 2);
    return syncNow(deps, configId, { dryRun: true });
  },
  async approved({ configId }) {
    changePrices(pos.catalog, 1);
    const { id } = await syncNow(deps, configId, { dryRun: true });
    return await approveRun(deps, { runId: id, requestedBy: 'test' });
  },
  held: ({ configId }) => {
    pos.answer('empty', 1);
    return syncNow(deps, configId);
  },
  async discarded({ configId }) {
    pos.answer('empty', 1);
    const { id } = await syncNow(deps, configId);
    return await discardRun(deps, { runId: id, requestedBy: 'test' });
  },
  failed: ({ configId }) => {
    pos.answer('401', 1);
    return syncNow(deps, configId);
  },
  partial: ({ configId }) => {
    pos.answer({ body: JSON.stringify({ ...pos.catalog, menuItems: [...pos.catalog.menuItems, {}] }) }, 1);
    return syncNow(deps, configId);
  },
  paged: ({ configId }) => {
    const { menuItems, modifiers, discounts } = structuredClone(pos.catalog);
    return syncNow(
      withPages(deps, [
        { menuItems, modifiers: [], discounts: [] },
        { menuItems: [], modifiers, discounts },
      ]),
      configId,
    );
  },
  async interrupted({ configId }) {
    await requestSync({ ...deps, leaseSeconds: -1 }, { configId, trigger: 'manual', requestedBy: 'test' });
    return await sweepRuns(deps);
  },
  aged: (place, random) => age(place, 1 + Math.floor(random() * 15)),
};

interface RunRow {
  id: string;
  status: string;
  waits: boolean;
  changed: boolean;
  applies: string | null;
  /** Days, whole ones and a moment. */
  days: number;
}

interface Kept {
  runs: RunRow[];
  lastRunId: string | null;
  /** Run, page, body and days of each reference. */
  references: { run: string; page: number; body: string }[];
  /** What each run wrote, as text. */
  rows: { run: string; name: string; days: number; row: string }[];
}

/** All that there is of a source, newest run first. */
async function readKept({ sourceId }: Place): Promise<Kept> {
  const read = async <Row>(statement: string) => (await deps.database.query<Row>(statement, [sourceId])).rows;
  const [state] = await read<{ id: string }>(
    'select last_run_id as id from integration_sync_state where wand_source_id = $1',
  );
  const days = (column: string) => `(extract(epoch from now() - ${column}) / 86400)::float8 as days`;
  const rows = [
    'integration_item_changes',
    'integration_rejected_items',
    'integration_duplicate_items',
    'integration_sync_log',
  ].map(
    (
      name,
    ) => `select run_id as run, '${name}' as name, ${days(name.endsWith('log') ? 'at' : 'now()')}, md5(t::text) as row
                 from ${name} t where wand_source_id = $1`,
  );
  return {
    lastRunId: state?.id ?? null,
    runs: await read<RunRow>(
      `select id, status, hold_open or (status = 'planned' and hold ->> 'resolution' is null) as waits, applies_run_id as applies,
              ${days('created_at')}, status in ('success', 'partial') and coalesce((select sum(n) > 0 from (
                select (k.value ->> 'created')::int + (k.value ->> 'updated')::int + (k.value ->> 'removed')::int
                       + (k.value ->> 'restored')::int as n from jsonb_each(counts) k) c), false) as changed
         from integration_sync_history where wand_source_id = $1 order by created_at desc, id desc`,
    ),
    references: await read(
      `select run_id as run, page, payload_id as body from integration_run_payloads where wand_source_id = $1 order by run_id, page`,
    ),
    rows: await read(`${rows.join(' union all ')} order by 1, 2, 4`),
  };
}

const isActive = ({ status }: RunRow) => status === 'queued' || status === 'in_progress';

/** Why runs stayed that the limits alone would have taken, over all histories. */
const reasonsMet = new Set<string>();

/** What must be left of it, told another way than in SQL. */
function expectedOf(before: Kept, keep: Keep): Kept {
  const newest = (statuses: string[]) => before.runs.find(({ status }) => statuses.includes(status))?.id;
  const applied = new Set(before.runs.filter(isActive).map(({ applies }) => applies));
  const idle = before.runs.filter(({ changed }) => !changed);
  const needs: Record<string, (run: RunRow) => boolean> = {
    active: isActive,
    waits: ({ waits }) => waits,
    'last success': ({ id }) => id === newest(['success']),
    'last saved': ({ id }) => id === newest(['success', 'partial']) || id === before.lastRunId,
    'being applied': ({ id }) => applied.has(id),
  };
  const reasons = (run: RunRow) => Object.keys(needs).filter((name) => needs[name]?.(run));
  const needed = (run: RunRow) => reasons(run).length > 0;
  const old = (run: RunRow) =>
    (keep.runsDays > 0 && run.days > keep.runsDays) ||
    (keep.runsPerSource > 0 && !run.changed && idle.indexOf(run) >= keep.runsPerSource);
  let runs = before.runs;
  // Whoever is only kept by one that is gone, goes.
  for (let size = -1; size !== runs.length; ) {
    size = runs.length;
    runs = runs.filter((run) => needed(run) || !old(run) || runs.some(({ applies }) => applies === run.id));
  }
  for (const run of runs.filter(old)) {
    const why = reasons(run);
    if (why.length < 2) reasonsMet.add(why[0] ?? 'applied');
  }
  const left = new Set(runs.map(({ id }) => id));
  const bodies = new Set<string>();
  const references: Kept['references'] = [];
  for (const run of runs) {
    const own = before.references.filter((reference) => reference.run === run.id);
    const isOld = keep.payloadsDays > 0 && run.days > keep.payloadsDays;
    const isMany = keep.payloadsPerSource > 0 && bodies.size >= keep.payloadsPerSource;
    if (needed(run) || !(isOld || isMany)) references.push(...own);
    for (const { body } of own) bodies.add(body);
  }
  references.sort((a, b) => (a.run < b.run ? -1 : a.run > b.run ? 1 : a.page - b.page));
  const rows = before.rows.filter(
    ({ run, name, days }) => left.has(run) && (!name.endsWith('log') || keep.logsDays === 0 || days <= keep.logsDays),
  );
  return { ...before, runs, references, rows };
}

const withoutDays = ({ runs, rows, ...rest }: Kept) => ({
  ...rest,
  runs: runs.map(({ days: _, ...run }) => run),
  rows: rows.map(({ days: _, ...row }) => row),
});

/** Every reference leads to a whole body, and every body and piece belongs to one. */
async function expectWholeAnswers(place: Place): Promise<void> {
  for (const { run } of (await readKept(place)).references) {
    for (const { payloadId } of await listRunPages(deps.database, { sourceId: place.sourceId, runId: run })) {
      let bytes = 0;
      for await (const piece of readPayload(deps.database, { sourceId: place.sourceId, payloadId }))
        bytes += piece.length;
      expect(bytes).toBeGreaterThan(0);
    }
  }
}

async function countBodies({ sourceId }: Place): Promise<{ bodies: number; referred: number; stray: number }> {
  const { rows } = await deps.database.query<{ bodies: number; referred: number; stray: number }>(
    `select (select count(*)::int from integration_payloads where wand_source_id = $1) as bodies,
            (select count(distinct payload_id)::int from integration_run_payloads where wand_source_id = $1) as referred,
            (select count(*)::int from integration_payload_chunks c where wand_source_id = $1 and not exists (
               select from integration_payloads p where p.wand_source_id = $1 and p.id = c.payload_id)) as stray`,
    [sourceId],
  );
  return rows[0]!;
}

const passGrace = ({ sourceId }: Place) =>
  deps.database.query(
    `update integration_payloads set unreferenced_since = unreferenced_since - interval '3 hours' where wand_source_id = $1`,
    [sourceId],
  );

let made = 0;
async function newPlace(): Promise<Place> {
  made += 1;
  return await addQuConfig(deps, pos.url, { establishment: `k${made}` });
}

/** A run that has been asked for and not yet begun: a plain one, or one that applies a plan, perhaps discarded meanwhile. */
async function askForRun(place: Place, random: () => number): Promise<{ id: string; ends: RegExp; code?: string }> {
  const plan = (await readKept(place)).runs.find(({ waits }) => waits);
  const applies = plan !== undefined && random() < 0.7 ? { appliesRunId: plan.id } : {};
  const request = { configId: place.configId, trigger: 'manual', requestedBy: 'test', ...applies } as const;
  const { run } = await requestSync({ ...deps, leaseSeconds: 600 }, request);
  if (plan === undefined || applies.appliesRunId === undefined) return { id: run.id, ends: /^(success|held)$/ };
  if (random() < 0.5) return { id: run.id, ends: /^success$/ };
  await discardRun(deps, { runId: plan.id, requestedBy: 'test' });
  return { id: run.id, ends: /^failed$/, code: 'plan_stale' };
}

describe('retention', () => {
  // Seeds of 40 that were tried, which between them meet every reason to keep a run; all 40 held.
  const histories = [8, 17, 18, 21, 28, 31, 39];
  it.each(histories)(
    'keeps what it promises and deletes the rest, two of them at once (random history %i)',
    async (seed) => {
      const random = seededRandom(seed + 1);
      const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
      const place = await newPlace();
      const { configId } = place;
      const names = [
        'changed',
        ...Array.from({ length: 8 }, () => pick([...Object.keys(steps), 'aged', 'aged', 'same'])),
      ];
      names.push(pick(['planned', 'held', 'partial', 'failed']));
      for (const name of names) await steps[name]?.(place, random);
      const queued = random() < 0.4 ? await askForRun(place, random) : null;
      for (const name of ['aged', 'aged']) await steps[name]?.(place, random);
      const keep: Keep = {
        runsDays: pick([0, 3, 12]),
        runsPerSource: pick([0, 1, 2]),
        logsDays: pick([0, 5, 20]),
        payloadsDays: pick([0, 3, 20]),
        payloadsPerSource: pick([0, 1, 2]),
        auditDays: 0,
      };
      const before = await readKept(place);
      await Promise.all([applyRetention({ ...deps, keep }), applyRetention({ ...beside, keep })]);
      expect((await applyRetention({ ...deps, keep })).left).toBe(0);
      expect([names, keep, withoutDays(await readKept(place))]).toEqual([
        names,
        keep,
        withoutDays(expectedOf(before, keep)),
      ]);
      await passGrace(place);
      await applyRetention({ ...deps, keep: keepsAll });
      const { bodies, referred, stray } = await countBodies(place);
      expect([bodies, stray]).toEqual([referred, 0]);
      await expectWholeAnswers(place);
      if (queued !== null) {
        const ended = await runSync(deps, queued.id);
        expect([names, ended.status, ended.error?.code]).toEqual([
          names,
          expect.stringMatching(queued.ends),
          queued.code,
        ]);
      }
      const waiting = before.runs.find(({ waits }) => waits);
      if (queued === null && waiting !== undefined) {
        expect((await listChanges(deps.database, waiting.id, { limit: 10 })).data.length).toBeGreaterThan(0);
        const applied = await approveRun(deps, { runId: waiting.id, requestedBy: 'test' });
        expect([names, applied.error, applied.status]).toEqual([names, null, 'success']);
        expect((await getRun(deps.database, waiting.id))?.hold?.resolution).toBe('approved');
      }
      // Beside a sync of the same source, whose answer may be one that is just being deleted.
      await passGrace(place);
      const [run] = await Promise.all([syncNow(deps, configId), applyRetention({ ...beside, keep })]);
      expect(run.error).toBeNull();
      await expectWholeAnswers(place);
    },
  );

  it('has met, in those histories, each reason for which a run stays though the limits would take it', () => {
    expect([...reasonsMet].sort()).toEqual(['active', 'applied', 'last saved', 'last success', 'waits']);
  });

  it('F72: pages through everything: more runs, and more rows of one run, than fit into a transaction', async () => {
    const place = await newPlace();
    await syncNow(deps, place.configId);
    const { rows } = await deps.database.query<{ id: string }>(
      `insert into integration_sync_history (wand_source_id, status, created_at, completed_at)
       select $1, 'failed', now() - interval '50 days', now() from generate_series(1, 250) returning id`,
      [place.sourceId],
    );
    await deps.database.query(
      `insert into integration_item_changes (wand_source_id, run_id, kind, external_id, operation, created_at)
       select $1, $2, 'products', n::text, 'updated', now() from generate_series(1, 12000) n`,
      [place.sourceId, rows[0]?.id],
    );
    await deps.database.query(
      `insert into integration_sync_log (wand_source_id, run_id, seq, at, level, event, message)
       select $1, $2, n, now() - interval '50 days', 'info', 'page', 'page' from generate_series(1, 11000) n`,
      [place.sourceId, rows[1]?.id],
    );
    const keep = { ...keepsAll, runsDays: 40, logsDays: 40 };
    const passes = await Promise.all([deps, beside].map((own) => applyRetention({ ...own, keep })));
    passes.push(await applyRetention({ ...deps, keep }));
    const total = (name: 'runs' | 'changes' | 'logs') => passes.reduce((sum, pass) => sum + pass[name], 0);
    expect([total('runs'), total('changes'), total('logs')]).toEqual([250, 12_000, 11_000]);
    expect((await readKept(place)).runs).toHaveLength(1);
  });

  it('F72: says what it deleted before another retention came in between, and that it is not through', async () => {
    const place = await newPlace();
    await syncNow(deps, place.configId);
    await deps.database.query(
      `with old as (
         insert into integration_sync_history (wand_source_id, status, created_at, completed_at)
         values ($1, 'failed', now() - interval '50 days', now()) returning id)
       insert into integration_sync_log (wand_source_id, run_id, seq, at, level, event, message)
       select $1, old.id, n, now(), 'info', 'page', 'page' from old, generate_series(1, 7000) n`,
      [place.sourceId],
    );
    const keep = { ...keepsAll, runsDays: 40 };
    await deps.database.withConnection(async (other) => {
      let pieces = 0;
      const onStatement = async (statement: string) => {
        if (statement.startsWith('delete from integration_sync_log')) pieces += 1;
        if (pieces !== 1 || !/^begin/i.test(statement)) return;
        // From here on the other one is at it.
        pieces += 1;
        const lock = "select pg_advisory_lock(hashtextextended('tillsync retention ' || $1, 0))";
        await other.query(lock, [place.sourceId]);
      };
      const interrupted = { ...deps, database: await openAgain(deps.url, { onStatement }) };
      expect(await applyRetention({ ...interrupted, keep })).toMatchObject({ logs: 5_000, runs: 0, left: 1 });
      await other.query('select pg_advisory_unlock_all()');
    });
    expect(await applyRetention({ ...deps, keep })).toMatchObject({ logs: 2_000, runs: 1, left: 0 });
  });

  it('keeps a run of many sources as long as one of its children, and a source that fails does not stop the others', async () => {
    const { rows } = await deps.database.query<{ id: string }>(
      `insert into integration_sync_history (status, created_at) values ('success', now() - interval '50 days') returning id`,
    );
    const parent = rows[0]?.id ?? '';
    const place = await newPlace();
    await syncNow(deps, place.configId);
    await deps.database.query('update integration_sync_history set parent_id = $1 where wand_source_id = $2', [
      parent,
      place.sourceId,
    ]);
    const keep = { ...keepsAll, runsDays: 40 };
    await applyRetention({ ...deps, keep });
    expect(await getRun(deps.database, parent)).not.toBeNull();
    await deps.database.query('update integration_sync_history set parent_id = null');
    await deps.database.query(
      `create function refuse() returns trigger language plpgsql as $f$ begin raise 'not this one'; end $f$;
       create trigger refuse before delete on integration_sync_history for each row
         when (old.source_name = 'refused') execute function refuse()`,
    );
    const refused = await newPlace();
    await syncNow(deps, refused.configId);
    await deps.database.query(
      `insert into integration_sync_history (wand_source_id, source_name, status, created_at)
       select id, case id when $1 then 'refused' end, 'failed', now() - interval '50 days' from unnest(array[$1, $2]::uuid[]) id`,
      [refused.sourceId, place.sourceId],
    );
    expect(await applyRetention({ ...deps, keep })).toMatchObject({ runs: 2, left: 1 });
    expect(await getRun(deps.database, parent)).toBeNull();
  });

  it('stores an answer anew that comes again while its body is about to go', async () => {
    const place = await newPlace();
    const first = structuredClone(pos.catalog);
    await syncNow(deps, place.configId);
    changePrices(pos.catalog, 1);
    await syncNow(deps, place.configId);
    await age(place, 10);
    const keep = { ...keepsAll, payloadsDays: 5 };
    expect(await applyRetention({ ...deps, keep })).toMatchObject({ references: 1, payloads: 0 });
    pos.setCatalog(first);
    // The worst moment: the run has looked for the answer, and does not yet refer to it.
    await passGrace(place);
    let passes = 0;
    trip.onStatement(async (statement) => {
      if (!statement.startsWith('insert into integration_run_payloads')) return;
      passes += 1;
      await applyRetention({ ...beside, keep });
    });
    const again = await syncNow(deps, place.configId);
    trip.onStatement(null);
    expect([again.error, again.counts?.products.updated, passes]).toEqual([null, 1, 1]);
    await passGrace(place);
    await applyRetention({ ...deps, keep });
    await expectWholeAnswers(place);
    expect((await listRunPages(deps.database, { sourceId: place.sourceId, runId: again.id })).length).toBe(1);
  });
});
