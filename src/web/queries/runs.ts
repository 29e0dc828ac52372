// Runs from the API: lists, one run, what belongs to it, and what a person may do with it.
import {
  keepPreviousData,
  type QueryClient,
  type UseInfiniteQueryResult,
  type UseMutationResult,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { Page, Run, RunHour } from '../api-types.ts';
import { type ApiQuery, callApi } from '../call-api.ts';
import { useEvery, useLink } from './link.ts';

/** Whether nothing more will happen to a run. */
export function isEnded(run: Run): boolean {
  return run.status !== 'queued' && run.status !== 'in_progress';
}

/** Where the runs under way are kept, those of many sources among them. */
export const activeKey = ['runs', 'active'] as const;

/**
 * What `select` makes of the runs under way or waiting. The stream of the page keeps them (now-stream.ts); where that broke off
 * they are asked for every two seconds while there are any.
 */
export function useActive<Value>(select: (runs: Run[]) => Value): UseQueryResult<Value, Error> {
  return useQuery({
    queryKey: activeKey,
    queryFn: async ({ signal }) => (await callApi<Page<Run>>('/runs', { active: 'true', limit: 200 }, { signal })).data,
    select,
    enabled: useLink() === 'broken',
    refetchInterval: ({ state }) => (state.data !== undefined && state.data.length > 0 ? 2000 : 10_000),
  });
}

const ofOneSource = (runs: Run[]) => runs.filter((run) => !run.is_parent);

/** Runs under way or waiting, each of one source. */
export function useActiveRuns(): UseQueryResult<Run[], Error> {
  return useActive(ofOneSource);
}

/** One page of runs. */
export function useRuns(filter: ApiQuery, everyMs = 15_000): UseQueryResult<Page<Run>, Error> {
  return useQuery({
    queryKey: ['runs', 'page', filter],
    queryFn: ({ signal }) => callApi<Page<Run>>('/runs', filter, { signal }),
    refetchInterval: useEvery()(everyMs),
  });
}

/** The last 24 hours, by the hour. */
export function useLastDay(): UseQueryResult<RunHour[], Error> {
  return useQuery({
    queryKey: ['runs', 'hours'],
    queryFn: async ({ signal }) => {
      // Whole hours, the last of which goes on: the axis is easy to read.
      const thisHour = Math.floor(Date.now() / 3_600_000);
      const since = new Date((thisHour - 23) * 3_600_000).toISOString();
      return (await callApi<Page<RunHour>>('/run-hours', { since }, { signal })).data;
    },
    refetchInterval: 60_000,
  });
}

export function useHolds(): UseQueryResult<Page<Run>, Error> {
  return useQuery({
    queryKey: ['runs', 'holds'],
    queryFn: ({ signal }) => callApi<Page<Run>>('/holds', { limit: 100 }, { signal }),
    refetchInterval: useEvery()(15_000),
  });
}

export type Pages<Row> = UseInfiniteQueryResult<{ rows: Row[]; total: number }, Error>;

/** A list that is read page by page, by its cursor. */
export function usePages<Row>(path: string, query: ApiQuery, everyMs?: number): Pages<Row> {
  const every = useEvery();
  return useInfiniteQuery({
    queryKey: ['pages', path, query],
    queryFn: ({ signal, pageParam }) =>
      callApi<Page<Row>>(path, { ...query, cursor: pageParam === '' ? undefined : pageParam }, { signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
    // While a filter is answered the rows stay, and with them what has the focus.
    placeholderData: keepPreviousData,
    select: ({ pages }) => ({ rows: pages.flatMap((page) => page.data), total: pages.length }),
    // Of runs the stream tells; of other things, such as lines of a log, it does not.
    ...(everyMs === undefined ? {} : { refetchInterval: path === '/runs' ? every(everyMs) : everyMs }),
  });
}

// The stream may have told more of the run before its answer came.
function keepAnswer(client: QueryClient, run: Run): void {
  const last = client.getQueryData<Run>(['run', run.id]);
  if (last !== undefined && isEnded(last) && !isEnded(run)) return;
  client.setQueryData(['run', run.id], run);
  if (isEnded(run)) return;
  client.setQueryData<Run[]>(activeKey, (runs = []) => [run, ...runs.filter(({ id }) => id !== run.id)]);
}

/** What a person may ask of a run or a config; each path answers with a run. */
export function useRunCall(): UseMutationResult<Run, Error, { path: string; body?: unknown }> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ path, body = {} }) =>
      callApi<Run>(path, undefined, {
        method: 'POST',
        body,
        // A click whose answer was lost is the same click when it is repeated.
        headers: { 'idempotency-key': crypto.randomUUID() },
      }),
    onSuccess: (run) => {
      keepAnswer(client, run);
      return Promise.all([
        client.invalidateQueries({ queryKey: ['runs'] }),
        client.invalidateQueries({ queryKey: ['pages', '/runs'] }),
        client.invalidateQueries({ queryKey: ['configs'] }),
      ]);
    },
  });
}
