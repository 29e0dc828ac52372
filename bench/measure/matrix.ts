// The matrix of one size: all contenders through all scenarios, interleaved in another order each round.
import { kinds } from '../../src/catalog/item.ts';
import { makeCatalog } from '../catalog.ts';
import { type Contender, type Scenario, type Session, type Sync, scenarios } from '../contender.ts';
import { prepareCopy, runCopy } from '../contenders/copy-limit.ts';
import { seeded, shuffled } from '../random.ts';
import type { BenchDatabase, Cluster } from '../server/open-cluster.ts';
import { expectedContent, readContent } from './check-content.ts';
import { type Measured, measure } from './meter.ts';
import { wrongCounts } from './prove-counts.ts';
import { roundSteps, type Step } from './rounds.ts';

export interface MatrixOptions {
  size: number;
  rounds: number;
  /** Syncs per scenario and round. */
  repeats: number;
  /** One more round before, which is not counted: caches, prepared statements, compiled code. */
  warmUp: boolean;
  contenders: readonly Contender[];
  log: (line: string) => void;
}

export interface Sample extends Measured {
  contender: string;
  scenario: Scenario;
  round: number;
}

export interface MatrixResult {
  size: number;
  rounds: number;
  samples: Sample[];
  /** One sentence for each save that counted wrongly or left something else in its tables than the catalog. */
  wrong: string[];
  /** Contents that were compared. */
  checked: number;
}

interface Seat {
  contender: Contender;
  database: BenchDatabase;
  session: Session;
  /** The source of the round. */
  sourceId: string;
}

const itemTables = kinds.map((kind) => `integration_${kind}`).join(', ');

/** Runs it; the databases are dropped afterwards. */
export async function runMatrix(cluster: Cluster, options: MatrixOptions): Promise<MatrixResult> {
  const result: MatrixResult = { size: options.size, rounds: options.rounds, samples: [], wrong: [], checked: 0 };
  const base = makeCatalog(options.size);
  const random = seeded(options.size);
  const reference = await cluster.makeDatabase('bench_reference', { trigger: false });
  const seats: Seat[] = [];
  try {
    for (const contender of options.contenders) seats.push(await takeSeat(cluster, contender));
    for (let round = options.warmUp ? 0 : 1; round <= options.rounds; round++) {
      const order = shuffled(random, seats);
      for (const step of roundSteps(base, { scenarios, repeats: options.repeats })) {
        const expected = round === 1 ? await expectedContent(reference, step.syncs.at(-1)?.items ?? []) : null;
        for (const seat of order) {
          const samples = await runStep(cluster, seat, { step, wrong: result.wrong });
          if (round > 0) result.samples.push(...samples.map((sample) => ({ ...sample, round })));
          if (expected !== null) await checkStep(seat, { step, expected, result });
        }
        options.log(`${options.size} rows, round ${round} of ${options.rounds}: ${step.scenario}`);
      }
    }
  } finally {
    for (const seat of seats) await leaveSeat(cluster, seat);
    await cluster.dropDatabase(reference);
  }
  return result;
}

async function takeSeat(cluster: Cluster, contender: Contender): Promise<Seat> {
  const database = await cluster.makeDatabase(`bench_${contender.id}`, {
    trigger: contender.role === 'ours',
    setup: contender.setup,
  });
  return { contender, database, session: await contender.open(database.url), sourceId: '' };
}

async function leaveSeat(cluster: Cluster, { session, database }: Seat): Promise<void> {
  await session.close();
  await cluster.dropDatabase(database);
}

async function runStep(
  cluster: Cluster,
  seat: Seat,
  { step, wrong }: { step: Step; wrong: string[] },
): Promise<Omit<Sample, 'round'>[]> {
  const { contender } = seat;
  const measured = contender.scenarios.includes(step.scenario);
  if (!measured) {
    if (step.scenario === 'first' && contender.rows !== null) await fillTables(seat, step);
    return [];
  }
  // Everybody starts from vacuumed tables, as autovacuum leaves them between the syncs of a day.
  if (step.scenario !== 'first') await vacuum(seat);
  const samples: Omit<Sample, 'round'>[] = [];
  const syncs = contender.slow ? step.syncs.slice(0, 1) : step.syncs;
  // What comes later builds on the last catalog, also where only the first is timed.
  const last = contender.slow ? step.syncs.slice(1) : [];
  for (const [turn, { items, counts }] of syncs.entries()) {
    if (step.scenario === 'first') await emptyTables(seat);
    if (turn === 0 || step.scenario === 'first') await cluster.admin.query('checkpoint');
    globalThis.gc?.();
    const sync: Sync = { sourceId: seat.sourceId, items };
    await seat.session.prepare?.(sync);
    const taken = await measure(seat.database, () => seat.session.save(sync));
    samples.push({ contender: contender.id, scenario: step.scenario, ...taken });
    const told = await wrongCounts(seat.session, counts, `${items.length} rows, ${contender.label}, ${step.scenario}`);
    if (told !== null) wrong.push(told);
  }
  if (step.scenario !== 'first') {
    for (const { items } of last) await seat.session.save({ sourceId: seat.sourceId, items });
  }
  return samples;
}

/** A new source in empty tables: rows of the rounds before would make later ones dearer. */
async function emptyTables(seat: Seat): Promise<void> {
  const own = seat.contender.rows;
  const tables = own === null || own === 'items' ? itemTables : [itemTables, ...own.tables].join(', ');
  await seat.database.admin.query(`truncate ${tables}`);
  seat.sourceId = await seat.session.begin();
}

/** The rows that a limit of later syncs works on. */
async function fillTables(seat: Seat, { syncs }: Step): Promise<void> {
  await emptyTables(seat);
  const copies = prepareCopy({ items: syncs[0]?.items ?? [], sourceId: seat.sourceId });
  await runCopy(seat.database.admin, copies);
}

async function vacuum({ contender, database }: Seat): Promise<void> {
  const own = contender.rows;
  await database.admin.query(
    `vacuum (analyze) ${own === null || own === 'items' ? itemTables : own.tables.join(', ')}`,
  );
}

async function checkStep(
  { contender, database, sourceId }: Seat,
  of: { step: Step; expected: { rows: number; checksum: string }; result: MatrixResult },
): Promise<void> {
  const { scenario } = of.step;
  if (!contender.scenarios.includes(scenario) || (scenario === 'removed' && !contender.removes)) return;
  const content = await readContent(contender, database, sourceId);
  if (content === null) return;
  of.result.checked += 1;
  if (content.rows === of.expected.rows && content.checksum === of.expected.checksum) return;
  const found = `${content.rows} rows, checksum ${content.checksum}`;
  const wanted = `${of.expected.rows} rows, checksum ${of.expected.checksum}`;
  of.result.wrong.push(`${of.result.size} rows, ${contender.label}, ${scenario}: ${found}; the catalog is ${wanted}`);
}
