// Sync now for a whole concept or company: one parent run with a run for each source below.
import { useNavigate } from '@tanstack/react-router';
import { useRunCall } from './runs.ts';

interface LevelSync {
  start(level: 'concept' | 'company', id: number): void;
  isPending: boolean;
  error: Error | null;
}

/** Starts it, and goes to the run that stands for all of them. */
export function useLevelSync(): LevelSync {
  const call = useRunCall();
  const navigate = useNavigate();
  return {
    start(level, id) {
      const path = `/${level === 'concept' ? 'concepts' : 'companies'}/${id}/runs`;
      call.mutate({ path }, { onSuccess: (run) => void navigate({ to: '/runs/$runId', params: { runId: run.id } }) });
    },
    isPending: call.isPending,
    error: call.error,
  };
}
