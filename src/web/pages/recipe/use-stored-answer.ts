// Which stored answer is chosen: unless a person says otherwise, the first page of the newest run that has one.
import { useQuery } from '@tanstack/react-query';
import type { Page, Run, RunPayload } from '../../api-types.ts';
import { callApi } from '../../call-api.ts';

/** What a person chose so far; '' and null = nothing. */
export interface Picked {
  from: 'run' | 'paste';
  configId: string;
  runId: string;
  page: number | null;
  text: string;
  request: string;
}

export interface StoredAnswer {
  runs: readonly Run[] | undefined;
  runId: string;
  pages: readonly RunPayload[] | undefined;
  page: number | null;
  error: Error | null;
}

export function useStoredAnswer({ from, configId, runId: chosenRun, page: chosenPage }: Picked): StoredAnswer {
  const runs = useQuery({
    queryKey: ['runs', 'with answers', configId],
    queryFn: ({ signal }) => callApi<Page<Run>>('/runs', { config_id: configId, limit: 30 }, { signal }),
    enabled: from === 'run' && configId !== '',
  });
  // What never reached the POS has no answer.
  const usable = runs.data?.data.filter((run) => run.finished_at !== null && run.counts !== null);
  const runId = chosenRun === '' ? (usable?.[0]?.id ?? '') : chosenRun;
  const payloads = useQuery({
    queryKey: ['answer', 'payloads', runId],
    queryFn: ({ signal }) => callApi<Page<RunPayload>>(`/runs/${runId}/payloads`, undefined, { signal }),
    enabled: from === 'run' && runId !== '',
  });
  const pages = payloads.data?.data.filter(({ bytes }) => bytes !== null);
  const page = chosenPage ?? pages?.[0]?.page ?? null;
  return { runs: usable, runId, pages, page, error: runs.error ?? payloads.error };
}
