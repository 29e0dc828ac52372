// What `npm run bench` was asked to do.
import { parseArgs } from 'node:util';

export interface BenchOptions {
  mode: 'matrix' | 'quick' | 'large' | 'fleet' | 'http' | 'gates' | 'runs' | 'ui';
  /** Less of it: with --ui a fleet of a hundred sites. */
  quick: boolean;
  major: 18 | 15;
  /** The server's default settings. */
  defaults: boolean;
  /** Null = what suits each size. */
  rounds: number | null;
  sizes: readonly number[] | null;
  /** Where the JSON goes. */
  json: string;
  /** Ids of contenders to measure; null = all. */
  only: readonly string[] | null;
  fleetSites: number;
  largeItems: number;
  httpItems: number;
  runsItems: number;
}

export const usage = `npm run bench -- [options]
  (nothing)          1,120, 10,000 and 100,000 rows, all contenders
  --quick            1,120 and 10,000 rows, fewer rounds and contenders, under a minute
  --gates            what must hold whatever the machine: WAL, growth, holds, two syncs at once
  --large            1,000,000 items streamed from a file, each run in a process of its own
  --fleet            one site among 10 and among 10,000
  --http             100,000 items through save-integration-data, against the library
  --runs             workers over one queue, a worker's death, the API beside a sync of 500,000 items
  --ui               pages over 1,000,000 runs and items, 200 viewers, Sync now in a browser (with --quick: 60,000)
  --pg 18|15         the server; default 18
  --defaults         the server's default settings
  --rounds <n>       counted rounds; default 5 (100,000 rows and more: 3)
  --sizes <n,n,…>    rows per catalog
  --only <id,id,…>   only these contenders; with --ui: viewers = without the lists and the click
  --fleet-sites <n>  default 10000
  --large-items <n>  default 1000000
  --http-items <n>   default 100000
  --runs-items <n>   default 500000
  --json <file>      default bench/results/latest.json
`;

/** Throws with one sentence on what cannot be read. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean' },
      gates: { type: 'boolean' },
      large: { type: 'boolean' },
      fleet: { type: 'boolean' },
      http: { type: 'boolean' },
      runs: { type: 'boolean' },
      ui: { type: 'boolean' },
      pg: { type: 'string', default: '18' },
      defaults: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      sizes: { type: 'string' },
      only: { type: 'string' },
      'fleet-sites': { type: 'string', default: '10000' },
      'large-items': { type: 'string', default: '1000000' },
      'http-items': { type: 'string', default: '100000' },
      'runs-items': { type: 'string', default: '500000' },
      json: { type: 'string', default: 'bench/results/latest.json' },
    },
  });
  const modes = (['quick', 'gates', 'large', 'fleet', 'http', 'runs', 'ui'] as const).filter(
    (mode) => values[mode] && !(mode === 'quick' && values.ui),
  );
  if (modes.length > 1) throw new Error(`--${modes.join(' and --')} are two different runs.`);
  if (values.pg !== '18' && values.pg !== '15') throw new Error(`--pg is 18 or 15, not ${values.pg}.`);
  return {
    mode: modes[0] ?? 'matrix',
    quick: values.quick === true,
    major: values.pg === '15' ? 15 : 18,
    defaults: values.defaults,
    rounds: values.rounds === undefined ? null : count(values.rounds, '--rounds'),
    sizes: values.sizes === undefined ? null : values.sizes.split(',').map((size) => count(size, '--sizes')),
    only: values.only?.split(',') ?? null,
    fleetSites: count(values['fleet-sites'], '--fleet-sites'),
    largeItems: count(values['large-items'], '--large-items'),
    httpItems: count(values['http-items'], '--http-items'),
    runsItems: count(values['runs-items'], '--runs-items'),
    json: values.json,
  };
}

function count(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name}: ${text} is no count.`);
  return value;
}
