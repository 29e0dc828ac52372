// The figures of a matrix: per contender and scenario the medians, and the ratios between them.
import type { Scenario } from '../contender.ts';
import type { MatrixResult, Sample } from '../measure/matrix.ts';
import { mean, median } from '../measure/statistics.ts';

export interface Cell {
  contender: string;
  scenario: Scenario;
  size: number;
  syncs: number;
  /** Median of one sync. */
  ms: number;
  /** Thousands of rows per second, from the median. */
  krows: number;
  /** Median per sync: other databases' autovacuum, which writes into the same WAL, falls on single syncs. */
  walKb: number;
  /** Means per sync. */
  nodeMs: number;
  backendMs: number | null;
}

/** One cell for each contender and scenario that was measured. */
export function cellsOf({ size, samples }: MatrixResult): Cell[] {
  const groups = Map.groupBy(samples, ({ contender, scenario }) => `${contender}/${scenario}`);
  return [...groups.values()].map((group) => cellOf(size, group));
}

function cellOf(size: number, group: readonly Sample[]): Cell {
  const [{ contender, scenario }] = group as [Sample];
  const ms = median(group.map((sample) => sample.ms));
  const backend = group.map(({ backendMs }) => backendMs).filter((time) => time !== null);
  return {
    contender,
    scenario,
    size,
    syncs: group.length,
    ms,
    krows: size / ms,
    walKb: median(group.map(({ walBytes }) => walBytes)) / 1024,
    nodeMs: mean(group.map(({ nodeMs }) => nodeMs)),
    backendMs: backend.length === group.length ? mean(backend) : null,
  };
}

/** Looks cells up; undefined where it was not measured. */
export function cellIn(
  cells: readonly Cell[],
  of: { size: number; contender: string; scenario: Scenario },
): Cell | undefined {
  return cells.find(
    ({ size, contender, scenario }) => size === of.size && contender === of.contender && scenario === of.scenario,
  );
}
