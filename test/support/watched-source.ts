// A source on a pretend POS whose every statement is kept, so that a test can tell which way a sync went.
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import type { CatalogSize } from '../../src/connectors/qu/fake-catalog.ts';
import type { Run } from '../../src/records/runs/run.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { requestSync } from '../../src/sync/request-sync.ts';
import { runSync } from '../../src/sync/run-sync.ts';
import { saveFormatted } from '../../src/sync/save-formatted.ts';
import { setConfig } from '../../src/sync/set-config.ts';
import { addQuConfig } from './engine.ts';
import type { Columns } from './model.ts';
import { readStored } from './stored-rows.ts';
import { openTrip } from './trip.ts';

/** What the statements of a run say of the way it went. */
export interface Way {
  run: Run;
  statements: readonly string[];
  /** Whether it read the keys of the source, as every run does that compares. */
  readKeys: boolean;
}

export interface Watched {
  deps: Deps & { url: string };
  pos: FakeQu;
  configId: string;
  sourceId: string;
  sync(own?: Partial<Deps>, options?: { dryRun?: boolean; compareAll?: boolean }): Promise<Way>;
  save(body: Omit<Parameters<typeof saveFormatted>[1], 'configId' | 'requestedBy'>, own?: Partial<Deps>): Promise<Way>;
  /** Keeps the statements of whatever runs. */
  watch(work: () => Promise<Run>): Promise<Way>;
  /** Content of the live rows by key. */
  live(): Promise<Map<string, Columns>>;
}

// Comes by the clock, not by what a run does.
const heartbeat = /^update integration_sync_history\s+set lease_expires_at|^select cancel_requested_by/;

let establishment = 0;

/** A trip and a POS for a whole file; sources are made on it one after another. */
export async function openWatch(size: CatalogSize, overrides: Partial<Deps> = {}) {
  const trip = await openTrip(overrides);
  return async (params: Record<string, unknown> = {}): Promise<Watched> => {
    const pos = await startFakeQu(size);
    establishment += 1;
    const config = await addQuConfig(trip.deps, pos.url, { establishment: `w${establishment}`, ...params });
    await setConfig(trip.deps, { configId: config.configId, guard: { enabled: false } });
    return watched(trip, { pos, ...config });
  };
}

function watched(
  { deps, onStatement }: Awaited<ReturnType<typeof openTrip>>,
  of: Pick<Watched, 'pos' | 'configId' | 'sourceId'>,
): Watched {
  const { configId, sourceId } = of;
  const watch = async (work: () => Promise<Run>): Promise<Way> => {
    const statements: string[] = [];
    onStatement((statement) => {
      if (!heartbeat.test(statement)) statements.push(statement);
    });
    const run = await work();
    onStatement(null);
    return { run, statements, readKeys: statements.some((text) => text.startsWith('copy (select')) };
  };
  return {
    ...of,
    deps,
    watch,
    sync: (own = {}, { dryRun = false, compareAll = false } = {}) =>
      watch(async () => {
        const all = { ...deps, ...own };
        const { run } = await requestSync(all, { configId, trigger: 'manual', requestedBy: 'test', dryRun });
        return await runSync(all, run.id, { compareAll });
      }),
    save: (body, own = {}) =>
      watch(async () => (await saveFormatted({ ...deps, ...own }, { ...body, configId, requestedBy: 'test' })).run),
    async live() {
      const rows = [...(await readStored(deps.database, sourceId))].filter(([, row]) => !row.removed);
      return new Map(
        rows.map(([key, row]): [string, Columns] => [key, row.columns]).sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    },
  };
}
