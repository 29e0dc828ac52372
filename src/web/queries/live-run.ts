// One run as it goes on: by the stream of its events, and by asking every two seconds where the stream breaks off.
import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Run } from '../api-types.ts';
import { callApi, openRunEvents } from '../call-api.ts';
import { isEnded } from './runs.ts';

export type LiveRun = UseQueryResult<Run, Error> & {
  /** The stream broke off; the page asks instead. */
  isPolling: boolean;
};

/** The run with this id; it stays up to date until its end, also after a reload and in a second tab. */
export function useLiveRun(runId: string): LiveRun {
  const client = useQueryClient();
  const [isPolling, setPolling] = useState(false);
  const query = useQuery({
    queryKey: ['run', runId],
    queryFn: ({ signal }) => callApi<Run>(`/runs/${encodeURIComponent(runId)}`, undefined, { signal }),
    refetchInterval: ({ state }) => (isPolling && state.data !== undefined && !isEnded(state.data) ? 2000 : false),
  });
  const isGoing = query.data !== undefined && !isEnded(query.data);
  useEffect(() => {
    if (!isGoing) return;
    const close = openRunEvents(runId, {
      onRun(data) {
        const run = JSON.parse(data) as Run;
        setPolling(false);
        client.setQueryData(['run', runId], run);
        if (isEnded(run)) {
          close();
          for (const queryKey of [['runs'], ['pages'], ['configs'], ['sources'], ['answer']]) {
            void client.invalidateQueries({ queryKey });
          }
        }
      },
      onBreak: () => setPolling(true),
    });
    return close;
  }, [client, isGoing, runId]);
  return { ...query, isPolling };
}
