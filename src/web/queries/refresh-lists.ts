// Lists are asked for anew after a run began or ended: not more often than every ten seconds, unless this page follows the run.
import type { Query, QueryClient } from '@tanstack/react-query';
import type { Config, Run, Source } from '../api-types.ts';
import { callApi } from '../call-api.ts';
import { configQuery } from './configs.ts';
import { configsEvery, linkNow } from './link.ts';

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

/**
 * The run that this page follows has ended: what may show it, at once. Of all configs and all sources, which are many, only its
 * own.
 */
export function refreshNow(client: QueryClient, run: Run): void {
  begin();
  for (const queryKey of [['runs'], ['pages'], ['answer'], ['configs', 'one']]) {
    // Of holds the stream tells.
    const isWanted = (query: Query) => query.queryKey[1] !== 'holds' || linkNow() !== 'live';
    void client.invalidateQueries({ queryKey, predicate: isWanted });
  }
  const { config_id, source_id } = run;
  void refreshRow<Config>(
    client,
    ['configs', 'all'],
    config_id === null ? null : () => client.fetchQuery({ ...configQuery(config_id), staleTime: 0 }),
  );
  void refreshRow<Source>(
    client,
    ['sources', 'all'],
    source_id === null ? null : () => callApi(`/sources/${source_id}`),
  );
}

// One row of a list anew; the whole list where that is not to be had.
async function refreshRow<Row extends { id: string }>(
  client: QueryClient,
  queryKey: readonly string[],
  ask: (() => Promise<Row>) | null,
): Promise<void> {
  const state = client.getQueryState<Row[]>(queryKey);
  if (state?.data === undefined) return;
  try {
    const row = await ask?.();
    if (row !== undefined && state.data.some(({ id }) => id === row.id)) {
      const replaced = (rows: Row[] | undefined) => rows?.map((each) => (each.id === row.id ? row : each));
      // The others are as old as they were.
      client.setQueryData<Row[]>(queryKey, replaced, { updatedAt: state.dataUpdatedAt });
      return;
    }
  } catch {
    // The whole list says what is wrong.
  }
  await client.invalidateQueries({ queryKey });
}

/** Gives up what was to be asked for soon; whether there was something. */
export function dropRefresh(): boolean {
  const isPending = timer !== undefined;
  clearTimeout(timer);
  timer = undefined;
  return isPending;
}

function begin(): void {
  clearTimeout(timer);
  timer = undefined;
  lastAt = performance.now();
}
