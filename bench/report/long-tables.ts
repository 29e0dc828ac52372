// The tables of --large, --fleet, --http and --runs.
import type { FleetResult } from '../fleet/run-fleet.ts';
import type { HttpResult } from '../http/run-http.ts';
import type { LargeResult } from '../large/run-large.ts';
import type { RunsResult } from '../runs/run-runs.ts';
import { formatTable } from './format-table.ts';
import { figure } from './matrix-table.ts';

export function largeTable(results: readonly LargeResult[]): string {
  const copy = results.find(({ run }) => run.startsWith('COPY'));
  return formatTable(
    ['run', 's', 'k rows/s', 'x COPY', 'WAL MB', 'peak RSS MB'],
    results.map(({ run, seconds, krows, walMb, peakRssMb }) => [
      run,
      figure(seconds),
      figure(krows),
      copy ? (copy.seconds / seconds).toFixed(2) : '',
      figure(walMb),
      figure(peakRssMb),
    ]),
  );
}

export function fleetTable(results: readonly FleetResult[]): string {
  return formatTable(
    ['one site', 'ms among 10', 'ms among all', 'x', 'WAL KB among 10', 'WAL KB among all'],
    results.map(({ mode, step, smallMs, bigMs, ratio, smallWalKb, bigWalKb }) => [
      `${mode}, ${step}`,
      figure(smallMs),
      figure(bigMs),
      ratio.toFixed(2),
      figure(smallWalKb),
      figure(bigWalKb),
    ]),
  );
}

export function httpTable(results: readonly HttpResult[]): string {
  return formatTable(
    ['save-integration-data', 'ms over HTTP', 'ms from the library', 'x library', 'body MB'],
    results.map(({ step, httpMs, libraryMs, ratio, bodyMb }) => [
      step,
      figure(httpMs),
      figure(libraryMs),
      ratio.toFixed(2),
      figure(bodyMb),
    ]),
  );
}

export function runsTable(results: readonly RunsResult[]): string {
  return formatTable(
    ['runs', 'figure', ''],
    results.map(({ what, value, unit }) => [what, unit === 'x' ? value.toFixed(2) : figure(value), unit]),
  );
}
