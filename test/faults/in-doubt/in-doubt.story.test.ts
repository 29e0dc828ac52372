// Commits in doubt: the connection ends at every byte of the commit and of its answer, and history says what the tables say.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getRun } from '../../../src/records/runs/read-runs.ts';
import type { Run } from '../../../src/records/runs/run.ts';
import { approveRun } from '../../../src/sync/approve-run.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { requestSync } from '../../../src/sync/request-sync.ts';
import { runSync } from '../../../src/sync/run-sync.ts';
import { openAgain } from '../../support/database.ts';
import { openEngine, syncNow } from '../../support/engine.ts';
import { type Death, endOf, healed } from '../../support/faults/after-death.ts';
import { atOnce } from '../../support/faults/at-once.ts';
import { checkHistory } from '../../support/faults/check-history.ts';
import { printCount, slowMachine } from '../../support/faults/print-count.ts';
import { readStored } from '../../support/stored-rows.ts';
import { type CommitPlace, openPgProxy, type PgProxy } from '../pg-proxy.ts';
import { openTwoCatalogs, type TwoCatalogs } from '../two-catalogs.ts';

// Q, a length of four bytes, 'commit' and its end; CommandComplete with 'COMMIT', and ReadyForQuery.
const commitBytes = 12;
const answerBytes = 18;
const upTo = (most: number) => Array.from({ length: most + 1 }, (_, bytes) => bytes);
const places: CommitPlace[] = [
  ...upTo(commitBytes).map((sent) => ({ sent })),
  ...upTo(answerBytes).map((answered) => ({ answered })),
];
const ways = ['sync', 'sync', 'approve', 'unchanged'] as const;

interface Lane {
  source: TwoCatalogs;
  proxy: PgProxy;
  /** Its connections go through the proxy. */
  through: Deps;
}

let deps: Deps & { url: string };
const lanes: Lane[] = [];
beforeAll(async () => {
  deps = await openEngine({ max: 20 });
  for (let n = 0; n < 4; n++) {
    const proxy = await openPgProxy(deps.url);
    const through = { ...deps, database: await openAgain(proxy.url) };
    lanes.push({ source: await openTwoCatalogs(deps), proxy, through });
  }
});
afterAll(async () => {
  for (const { source, proxy } of lanes) {
    await source.pos.stop();
    await proxy.close();
  }
});

/** The run whose commit is cut, and what its caller was told (null: an exception). */
async function cutRun({ source, proxy, through }: Lane, way: (typeof ways)[number], place: CommitPlace) {
  const { configId } = source;
  const planned = way === 'approve' ? await syncNow(deps, configId, { dryRun: true }) : null;
  const request = { configId, trigger: 'manual', requestedBy: 'test' } as const;
  const queued = planned === null ? (await requestSync(deps, request)).run.id : null;
  const cut = proxy.cutCommitAt(place);
  const work =
    planned === null ? runSync(through, queued ?? '') : approveRun(through, { runId: planned.id, requestedBy: 'test' });
  const told: Run | null = await work.catch(() => null);
  await cut;
  if (told !== null) return { runId: told.id, told };
  const { rows } = await deps.database.query<{ id: string }>(
    `select id from integration_sync_history where wand_source_id = $1 order by created_at desc, id desc limit 1`,
    [source.sourceId],
  );
  return { runId: queued ?? rows[0]?.id ?? '', told };
}

it(
  'F42: cut at every byte of the commit and of its answer, ends in a run that says what the tables say',
  async () => {
    const rounds = ways.flatMap((way) => places.map((place) => ({ way, place })));
    const free = [...lanes];
    const counts = { 'not committed': 0, committed: 0, 'told by the run': 0, 'told by an exception': 0 };
    await atOnce(lanes.length, rounds, async ({ way, place }, n) => {
      const lane = free.pop() as Lane;
      const { source } = lane;
      const name = `${way}, ${JSON.stringify(place)}, round ${n}`;
      // What was saved last is what the POS still has: the run then only says that it saw it.
      if (way === 'unchanged') await syncNow(deps, source.configId);
      const after = way === 'unchanged' ? null : source.turn();
      const before = await readStored(deps.database, source.sourceId);
      const { runId, told } = await cutRun(lane, way, place);
      const now = await readStored(deps.database, source.sourceId);
      const isSaved = [...now].some(([key, row]) => row.synced !== before.get(key)?.synced);
      const run = await getRun(deps.database, runId);
      const says = run?.status === 'success' || run?.status === 'partial';
      expect([name, says]).toEqual([name, isSaved]);
      if (told !== null) expect([name, told.status]).toEqual([name, run?.status]);
      if (told === null) counts['told by an exception'] += 1;
      else if (says) counts['told by the run'] += 1;
      counts[isSaved ? 'committed' : 'not committed'] += 1;
      // What cannot have been committed was not, and what was answered was.
      if ('sent' in place && place.sent < commitBytes) expect([name, isSaved]).toEqual([name, false]);
      if ('answered' in place) expect([name, isSaved]).toEqual([name, true]);
      if (after !== null) {
        const death: Death = { name, source, runId, before, after };
        await endOf(deps, death);
        await healed(deps, death);
      }
      free.push(lane);
    });
    expect(await checkHistory(deps.database)).toEqual([]);
    expect(rounds.length).toBeGreaterThanOrEqual(100);
    printCount('in-doubt commits', { cuts: rounds.length, places: places.length, ...counts });
  },
  slowMachine,
);
