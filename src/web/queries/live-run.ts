// One run as it goes on: by the stream of the page, or by a stream of its own, or by asking every two seconds where that breaks off.
import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Run } from '../api-types.ts';
import { callApi, openRunEvents } from '../call-api.ts';
import { useLink } from './link.ts';
import { refreshNow } from './refresh-lists.ts';
import { activeKey, isEnded, useActive } from './runs.ts';

export type LiveRun = UseQueryResult<Run, Error> & {
  /** The stream broke off; the page asks instead. */
  isPolling: boolean;
};

/** The run with this id; it stays up to date until its end, also after a reload and in a second tab. */
export function useLiveRun(runId: string): LiveRun {
  const client = useQueryClient();
  const [isCutOff, setCutOff] = useState(false);
  const link = useLink();
  const active = useActive(useCallback((runs: Run[]) => runs.some(({ id }) => id === runId), [runId]));
  // The stream of the page tells of it: nobody needs to ask, and none but that one is open.
  const isTold = link === 'live' && active.data === true;
  const isPolling = isCutOff && !isTold;
  const query = useQuery({
    queryKey: ['run', runId],
    queryFn: ({ signal }) => callApi<Run>(`/runs/${encodeURIComponent(runId)}`, undefined, { signal }),
    initialData: () => client.getQueryData<Run[]>(activeKey)?.find(({ id }) => id === runId),
    ...(isTold ? { staleTime: Number.POSITIVE_INFINITY } : {}),
    refetchInterval: ({ state }) => (isPolling && state.data !== undefined && !isEnded(state.data) ? 2000 : false),
  });
  const isGoing = query.data !== undefined && !isEnded(query.data);
  const needsOwn = isGoing && !isTold && link !== 'opening';
  useEffect(() => {
    if (!needsOwn) return;
    const close = openRunEvents(runId, {
      onRun(data) {
        const run = JSON.parse(data) as Run;
        setCutOff(false);
        client.setQueryData(['run', runId], run);
        if (isEnded(run)) close();
      },
      onBreak: () => setCutOff(true),
    });
    return () => {
      close();
      setCutOff(false);
    };
  }, [client, needsOwn, runId]);
  const going = useRef<string | null>(null);
  useEffect(() => {
    if (isGoing) going.current = runId;
    else if (query.data !== undefined && going.current === runId) {
      going.current = null;
      refreshNow(client, query.data);
    }
  }, [client, isGoing, query.data, runId]);
  return { ...query, isPolling };
}
