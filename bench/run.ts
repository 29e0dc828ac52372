// `npm run bench`: measures tillsync beside its limits and its peers, and says which goals are met.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Contender } from './contender.ts';
import { allContenders } from './contenders/all-contenders.ts';
import { type FleetResult, runFleet } from './fleet/run-fleet.ts';
import type { Finding } from './gates/gate.ts';
import { fullSizes, runGates } from './gates/run-gates.ts';
import { judge } from './goals.ts';
import { type HttpResult, runHttp } from './http/run-http.ts';
import { type LargeResult, runLarge } from './large/run-large.ts';
import { runMatrix } from './measure/matrix.ts';
import { type BenchOptions, readOptions, usage } from './options.ts';
import { type Cell, cellsOf } from './report/cells.ts';
import { describeRun, describeText } from './report/describe-run.ts';
import { fleetTable, httpTable, largeTable, runsTable } from './report/long-tables.ts';
import { matrixTable } from './report/matrix-table.ts';
import { uiTables, worstP95 } from './report/ui-tables.ts';
import { findingLine, verdictTable } from './report/verdict-table.ts';
import { type RunsResult, runRuns } from './runs/run-runs.ts';
import { type Cluster, openCluster } from './server/open-cluster.ts';
import { runUi, type UiResult } from './ui/run-ui.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);
const log = (line: string) => process.stderr.write(`${line}\n`);

/** Everything that one kind of run brings; what it does not measure is empty. */
interface Results {
  matrices: Matrix[];
  gates: Finding[];
  large: LargeResult[];
  fleet: FleetResult[];
  http: HttpResult[];
  runs: RunsResult[];
  ui: UiResult[];
}

interface Matrix {
  size: number;
  rounds: number;
  /** Contents that were compared with the catalog. */
  checked: number;
  wrong: string[];
  cells: Cell[];
}

async function main(options: BenchOptions): Promise<void> {
  const started = performance.now();
  const { major, defaults, mode } = options;
  const cluster = await openCluster({ major, defaults, autovacuum: mode !== 'matrix' && mode !== 'quick' });
  const interrupted = closeOnSignal(cluster);
  try {
    const description = describeRun(cluster);
    print(describeText(description));
    const results = await runMode(cluster, options);
    const cells = results.matrices.flatMap((matrix) => matrix.cells);
    const figures = { major, cells, gates: results.gates, others: othersOf(results) };
    const verdicts = judge(figures);
    print(`\n${verdictTable(verdicts)}`);
    const seconds = Math.round((performance.now() - started) / 1000);
    await writeJson(options.json, { ...description, options, seconds, ...results, verdicts });
    const wrong = results.matrices.flatMap((matrix) => matrix.wrong);
    for (const sentence of wrong) print(`WRONG: ${sentence}`);
    if (wrong.length > 0) process.exitCode = 1;
    print(`${seconds} s`);
  } catch (error) {
    if (!interrupted()) throw error;
  } finally {
    await cluster.close();
  }
}

/** Ctrl-C leaves neither a server nor a folder behind. Returns whether it came. */
function closeOnSignal(cluster: Cluster): () => boolean {
  let interrupted = false;
  const close = () => {
    interrupted = true;
    // The contenders' connections break when the server stops; what they say of it is of no interest any more.
    process.on('uncaughtException', () => undefined);
    cluster.close().then(
      () => process.exit(130),
      () => process.exit(1),
    );
  };
  process.once('SIGINT', close).once('SIGTERM', close);
  return () => interrupted;
}

async function runMode(cluster: Cluster, options: BenchOptions): Promise<Results> {
  const results: Results = { matrices: [], gates: [], large: [], fleet: [], http: [], runs: [], ui: [] };
  if (options.mode === 'gates') {
    results.gates = await runGates(cluster, fullSizes, (finding) => print(findingLine(finding)));
  } else if (options.mode === 'large') {
    results.large = await runLarge(cluster, { items: options.largeItems, rounds: options.rounds ?? 3, log });
    print(`\n${options.largeItems.toLocaleString('en-US')} items\n${largeTable(results.large)}`);
  } else if (options.mode === 'fleet') {
    results.fleet = await runFleet(cluster, { sites: options.fleetSites, rounds: options.rounds ?? 40, log });
    print(`\n10 against ${options.fleetSites.toLocaleString('en-US')} sites\n${fleetTable(results.fleet)}`);
  } else if (options.mode === 'http') {
    results.http = await runHttp(cluster, { items: options.httpItems, rounds: options.rounds ?? 3, log });
    print(`\n${options.httpItems.toLocaleString('en-US')} items\n${httpTable(results.http)}`);
  } else if (options.mode === 'runs') {
    results.runs = await runRuns(cluster, { items: options.runsItems, rounds: options.rounds ?? 5, log });
    print(`\n${runsTable(results.runs)}`);
  } else if (options.mode === 'ui') {
    const onlyViewers = options.only?.includes('viewers') === true;
    const result = await runUi(cluster, { quick: options.quick, onlyViewers, samples: options.rounds ?? 20, log });
    results.ui = [result];
    print(`\n${uiTables(result)}`);
  } else {
    results.matrices = await runMatrices(cluster, options);
  }
  return results;
}

async function runMatrices(cluster: Cluster, options: BenchOptions): Promise<Matrix[]> {
  const matrices: Matrix[] = [];
  const started = performance.now();
  for (const size of options.sizes ?? (options.mode === 'quick' ? [1120, 10_000] : [1120, 10_000, 100_000])) {
    if (options.mode === 'quick' && options.sizes === null && performance.now() - started > quickPatience) {
      log(`${size} rows: left out, this machine is too slow for it within a minute`);
      continue;
    }
    const contenders = allContenders.filter((contender) => takesPart(contender, size, options));
    const result = await runMatrix(cluster, { size, ...effort(size, options), contenders, log });
    const cells = cellsOf(result);
    print(`\n${size.toLocaleString('en-US')} rows, ${result.rounds} rounds, ${result.checked} contents compared`);
    print(matrixTable(size, cells, contenders));
    matrices.push({ size, rounds: result.rounds, checked: result.checked, wrong: result.wrong, cells });
  }
  return matrices;
}

// --quick begins no further size after so many milliseconds.
const quickPatience = 28_000;

/** Three syncs per scenario and round; a large catalog is saved once, and --quick only has a minute. */
function effort(size: number, { mode, rounds }: BenchOptions) {
  if (mode === 'quick') {
    const small = size <= 2000;
    return { rounds: rounds ?? (small ? 2 : 1), repeats: small ? 2 : 1, warmUp: small };
  }
  const isLarge = size > 20_000;
  return { rounds: rounds ?? (isLarge ? 3 : 5), repeats: isLarge ? 1 : 3, warmUp: !isLarge };
}

// What --quick leaves out: the slow ones, and limits that others contain.
const notQuick = new Set(['row_by_row', 'drizzle', 'limit_read', 'limit_touch', 'client_floor']);

function takesPart(contender: Contender, size: number, { only, mode }: BenchOptions): boolean {
  if (only !== null) return only.includes(contender.id);
  if (mode === 'quick' && notQuick.has(contender.id)) return false;
  return !contender.slow || size <= 10_000;
}

function othersOf({ large, fleet, http, ui }: Results): Record<string, number> {
  const others: Record<string, number> = {};
  for (const { mode, step, ratio } of fleet) others[`fleet ${mode} ${step}`] = ratio;
  if (http.length > 0) others['http x library'] = Math.min(...http.map(({ ratio }) => ratio));
  for (const { pages, viewers, firstChange } of ui) {
    others['ui viewers'] = viewers.server - viewers.serverAlone;
    if (firstChange === null) continue;
    others['ui worst p95'] = worstP95(pages);
    others['ui first change'] = firstChange.change;
  }
  const copy = large.find(({ run }) => run.startsWith('COPY'));
  const first = large.filter(({ run }) => run.endsWith(', first'));
  const ours = large.filter(({ run }) => run.startsWith('tillsync'));
  if (copy && first.length > 0) {
    others['large first x COPY'] = Math.min(...first.map(({ seconds }) => copy.seconds / seconds));
    others['large peak RSS'] = Math.max(...ours.map(({ peakRssMb }) => peakRssMb));
  }
  return others;
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(value, null, 1)}\n`);
  log(`written: ${file}`);
}

function optionsOrExit(): BenchOptions {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

await main(optionsOrExit());
