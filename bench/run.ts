// `npm run bench`: measures tillsync beside its limits and its peers, and says which goals are met.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Contender } from './contender.ts';
import { allContenders } from './contenders/all-contenders.ts';
import { type MatrixResult, runMatrix } from './measure/matrix.ts';
import { type BenchOptions, readOptions, usage } from './options.ts';
import { cellsOf } from './report/cells.ts';
import { describeRun, describeText } from './report/describe-run.ts';
import { matrixTable } from './report/matrix-table.ts';
import { type Cluster, openCluster } from './server/open-cluster.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);
const log = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const started = performance.now();
  const cluster = await openCluster(options);
  try {
    const description = describeRun(cluster);
    print(describeText(description));
    const matrices = await runMatrices(cluster, options);
    await writeJson(options.json, { ...description, options, matrices });
    const wrong = matrices.flatMap((matrix) => matrix.wrong);
    for (const sentence of wrong) print(`WRONG CONTENT: ${sentence}`);
    if (wrong.length > 0) process.exitCode = 1;
  } finally {
    await cluster.close();
  }
  print(`\n${Math.round((performance.now() - started) / 1000)} s`);
}

async function runMatrices(cluster: Cluster, options: BenchOptions) {
  const matrices = [];
  for (const size of options.sizes ?? [1120, 10_000, 100_000]) {
    const contenders = allContenders.filter((contender) => takesPart(contender, size, options));
    const isLarge = size > 20_000;
    const result: MatrixResult = await runMatrix(cluster, {
      size,
      rounds: options.rounds ?? (isLarge ? 3 : 5),
      repeats: isLarge ? 1 : 3,
      warmUp: !isLarge,
      contenders,
      log,
    });
    const cells = cellsOf(result);
    print(`\n${size.toLocaleString('en-US')} rows, ${result.rounds} rounds, ${result.checked} contents compared`);
    print(matrixTable(size, cells, contenders));
    matrices.push({ size, rounds: result.rounds, checked: result.checked, wrong: result.wrong, cells });
  }
  return matrices;
}

function takesPart(contender: Contender, size: number, { only }: BenchOptions): boolean {
  if (only !== null && !only.includes(contender.id)) return false;
  return !contender.slow || size <= 10_000;
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(value, null, 1)}\n`);
  log(`written: ${file}`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof TypeError) || !('code' in error)) throw error;
  // An argument that nobody knows.
  process.stderr.write(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
