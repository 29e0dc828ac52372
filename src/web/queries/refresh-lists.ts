// Lists are asked for anew after a run began or ended: not more often than every ten seconds, unless this page follows the run.
import type { QueryClient } from '@tanstack/react-query';
import type { Config } from '../api-types.ts';

const gapMs = 10_000;
// All who look on hear of a change at the same moment: they need not all ask at it.
const spreadMs = 1000;

let lastAt = Number.NEGATIVE_INFINITY;
let timer: number | undefined;

/** Some run began or ended: the lists that show runs and how configs fare, soon. */
export function refreshSoon(client: QueryClient): void {
  if (timer !== undefined) return;
  const wait = Math.max(lastAt + gapMs - performance.now(), Math.random() * spreadMs);
  timer = window.setTimeout(() => {
    begin();
    const isDue = ({ state }: { state: { data: unknown; dataUpdatedAt: number } }) =>
      Date.now() - state.dataUpdatedAt >= configsEvery(state.data as Config[] | undefined);
    void client.invalidateQueries({ queryKey: ['configs', 'all'], predicate: isDue });
    for (const queryKey of [
      ['configs', 'one'],
      ['runs', 'page'],
      ['pages', '/runs'],
    ]) {
      void client.invalidateQueries({ queryKey });
    }
  }, wait);
}

/** The run that this page follows has ended: everything that may show it, at once. */
export function refreshNow(client: QueryClient): void {
  begin();
  for (const queryKey of [['runs'], ['pages'], ['configs'], ['sources'], ['answer']]) {
    void client.invalidateQueries({ queryKey });
  }
}

/** Milliseconds between two questions for all configs: a thousand of them are a megabyte. */
export function configsEvery(configs: readonly Config[] | undefined): number {
  return Math.max(gapMs, (configs?.length ?? 0) * 60);
}

function begin(): void {
  clearTimeout(timer);
  timer = undefined;
  lastAt = performance.now();
}
