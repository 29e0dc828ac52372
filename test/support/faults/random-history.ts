// One short random history of one source (syncs, faults, deaths, holds, decisions) against a model of rows, runs and holds.
import { kinds } from '../../../src/catalog/item.ts';
import type { FakeQu } from '../../../src/connectors/qu/fake.ts';
import { seededRandom } from '../../../src/connectors/seeded-random.ts';
import { TillsyncError } from '../../../src/errors.ts';
import { approveRun, discardRun } from '../../../src/sync/approve-run.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { requestSync } from '../../../src/sync/request-sync.ts';
import { runSync } from '../../../src/sync/run-sync.ts';
import { sweepRuns } from '../../../src/sync/upkeep/sweep-runs.ts';
import { syncNow } from '../engine.ts';
import type { Dish } from '../model-catalog.ts';
import { until } from '../until.ts';
import { makeMenu } from './menu.ts';
import { addMenuSource, type MenuSource, nextMenu } from './menu-source.ts';
import { refused } from './refused.ts';

const acts = [
  'sync',
  'sync',
  'same',
  'fault',
  'fault',
  'killed',
  'killed',
  'empty',
  'approve',
  'discard',
  'dry run',
] as const;
type Act = (typeof acts)[number];

/** Where histories happen; one after another, since the seam and the POS are one. */
export interface Stage {
  /** Its statements pass the seam. */
  deps: Deps;
  onStatement(act: ((statement: string) => void) | null): void;
  pos: FakeQu;
}

interface History {
  stage: Stage;
  random: () => number;
  source: MenuSource;
  menu: Dish[];
  /** What each run must be at the end: its status, and the resolution of its hold. */
  runs: Map<string, { status: string; resolution: string | null }>;
  /** The open hold, and what approving it would save. */
  hold: string | null;
  /** A run whose worker died. */
  dead: string | null;
  day: number;
  told: string[];
}

/** Plays it and throws, with its seed and its steps, when anything is not as the model says. Returns how many there were. */
export async function playHistory(stage: Stage, seed: number): Promise<number> {
  const random = seededRandom(seed);
  const source = await addMenuSource(stage.deps, stage.pos, { establishment: `h${seed}` });
  const menu = makeMenu(seed, { products: 3, modifiers: 2, discounts: 1 });
  const history: History = { stage, random, source, menu, runs: new Map(), hold: null, dead: null, day: 0, told: [] };
  const length = 1 + Math.floor(random() * 3);
  try {
    for (let n = 0; n < length; n++) {
      // A history that begins with nothing to lose says little.
      const act = n === 0 && random() < 0.6 ? 'sync' : (acts[Math.floor(random() * acts.length)] as Act);
      history.told.push(act);
      await settleDead(history);
      await play(history, act);
    }
    await settleDead(history);
    await compare(history);
  } catch (error) {
    throw new Error(`history ${seed} (${history.told.join(', ')}): ${String(error)}`, { cause: error });
  }
  return length;
}

async function play(history: History, act: Act): Promise<void> {
  const { source } = history;
  if (act === 'approve' || act === 'discard') return await decide(history, act);
  if (act === 'sync' || act === 'fault' || act === 'killed' || act === 'dry run') {
    history.menu = nextMenu(history.menu, history.day++);
  }
  const dishes = act === 'empty' ? [] : history.menu;
  source.serve(dishes);
  if (act === 'fault' || act === 'killed') return await fail(history, act);
  const run = await syncNow(history.stage.deps, source.configId, { dryRun: act === 'dry run' });
  noteEnd(history, { id: run.id, status: run.status, dishes, isDry: act === 'dry run' });
}

interface Ended {
  id: string;
  status: string;
  dishes: readonly Dish[];
  isDry?: boolean;
}

/** What a run that came to its own end must have said, and what follows from it. */
function noteEnd(history: History, { id, status, dishes, isDry = false }: Ended): void {
  const { source, runs } = history;
  const live = kinds.some((kind) => [...source.model[kind].values()].some((row) => !row.removed));
  const expected = isDry ? 'planned' : dishes.length === 0 && live ? 'held' : 'success';
  if (status !== expected) throw new Error(`run ${id} is ${status}, not ${expected}`);
  runs.set(id, { status, resolution: null });
  if (isDry) return;
  supersede(history, id);
  if (status === 'held') history.hold = id;
  else source.model = source.expect(dishes).rows;
}

/** A complete answer closes every plan that waits. */
function supersede({ runs }: History, by: string): void {
  for (const [id, run] of runs) {
    if (id !== by && ['held', 'planned'].includes(run.status) && run.resolution === null) run.resolution = 'superseded';
  }
}

const isOpen = ({ runs, hold }: History) => hold !== null && runs.get(hold)?.resolution === null;

async function decide(history: History, act: 'approve' | 'discard'): Promise<void> {
  const { stage, hold, runs, source } = history;
  if (hold === null) return;
  const was = isOpen(history);
  const request = { runId: hold, requestedBy: 'test' };
  const done = await (act === 'approve' ? approveRun : discardRun)(stage.deps, request).catch((error: unknown) => {
    if (!was && error instanceof TillsyncError && error.code === 'plan_stale') return null;
    throw error;
  });
  if (done === null) return;
  if (!was) throw new Error(`${act} of a hold that was closed did something`);
  const held = runs.get(hold);
  if (held) held.resolution = act === 'approve' ? 'approved' : 'discarded';
  if (act === 'discard') return;
  if (done.status !== 'success') throw new Error(`the approval is ${done.status}: ${done.error?.message}`);
  runs.set(done.id, { status: 'success', resolution: null });
  supersede(history, done.id);
  source.model = source.expect([]).rows;
}

/** A fault at one statement, or death from it on; then history must say what became of it. */
async function fail(history: History, act: 'fault' | 'killed'): Promise<void> {
  const { stage, source, random } = history;
  const at = 1 + Math.floor(random() * 60);
  let met = 0;
  stage.onStatement(() => {
    met += 1;
    if (act === 'fault' ? met === at : met >= at) throw refused(`${act} at statement ${at}`);
  });
  await (async () => {
    const { run } = await requestSync(stage.deps, {
      configId: source.configId,
      trigger: 'manual',
      requestedBy: 'test',
    });
    await runSync(stage.deps, run.id);
  })().catch(() => undefined);
  stage.onStatement(null);
  history.told.push(`at ${at} of ${met}`);
  const { rows } = await stage.deps.database.query<{ id: string; status: string }>(
    `select id, status from integration_sync_history where wand_source_id = $1 and id <> all($2)`,
    [source.sourceId, [...history.runs.keys()]],
  );
  const [run] = rows;
  if (rows.length > 1) throw new Error('one request made two runs');
  if (run === undefined) return;
  if (run.status === 'success') noteEnd(history, { ...run, dishes: history.menu });
  else if (run.status === 'failed') history.runs.set(run.id, { status: 'failed', resolution: null });
  else history.dead = run.id;
}

/** Somebody asks while the dead run still counts as active, and gets it; then its time is over and the sweep ends it. */
async function settleDead(history: History): Promise<void> {
  const { dead, source, stage } = history;
  if (dead === null) return;
  const { database } = stage.deps;
  const asked = await requestSync(stage.deps, { configId: source.configId, trigger: 'manual', requestedBy: 'test' });
  if (asked.run.id !== dead || !asked.alreadyActive) throw new Error('a second run beside the dead one');
  await database.query(
    `update integration_sync_history set lease_expires_at = now() - interval '1 second' where wand_source_id = $1 and id = $2`,
    [source.sourceId, dead],
  );
  // The sweep of another stage may hold the row at this moment: then that one ends it.
  await until('the end of the dead run', async () => {
    await sweepRuns(stage.deps);
    const { rows } = await database.query<{ status: string }>(
      'select status from integration_sync_history where wand_source_id = $1 and id = $2',
      [source.sourceId, dead],
    );
    return rows[0]?.status === 'interrupted';
  });
  history.runs.set(dead, { status: 'interrupted', resolution: null });
  history.dead = null;
}

async function compare({ stage, source, runs }: History): Promise<void> {
  const different = await source.differences(source.model);
  if (different.length > 0) throw new Error(different.join('; '));
  const { rows } = await stage.deps.database.query<{ id: string; status: string; resolution: string | null }>(
    `select id, status, hold ->> 'resolution' as resolution from integration_sync_history where wand_source_id = $1`,
    [source.sourceId],
  );
  const found = rows.map(({ id, status, resolution }) => `${id} ${status} ${resolution}`).sort();
  const wanted = [...runs].map(([id, { status, resolution }]) => `${id} ${status} ${resolution}`).sort();
  if (found.join() !== wanted.join()) throw new Error(`history says ${found.join()}, the model ${wanted.join()}`);
}
