// What lies around a run: its tries and its neighbours, and the settings that it used.
import type { UseQueryResult } from '@tanstack/react-query';
import type { Run, RunSettings, RunsAround } from '../api-types.ts';
import { useAnswer } from './calls.ts';

export function useAround(run: Run): UseQueryResult<RunsAround, Error> {
  return useAnswer<RunsAround>(`/runs/${run.id}/around`);
}

export function useRunSettings(runId: string): UseQueryResult<{ settings: RunSettings }, Error> {
  return useAnswer<{ settings: RunSettings }>(`/runs/${runId}/settings`);
}
