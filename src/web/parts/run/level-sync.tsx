// Sync now for everything of a concept or company: one parent run with a run for each source below.
import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMay } from '../../queries/may.ts';
import { useRunCall } from '../../queries/runs.ts';
import { useWords } from '../../words/words.ts';

interface LevelProps {
  level: 'concept' | 'company';
  id: number;
  name: string;
}

export function LevelSync({ level, id, name }: LevelProps): ReactNode {
  const { places } = useWords().edit;
  const sync = useRunCall();
  const navigate = useNavigate();
  const may = useMay();
  const path = `/${level === 'concept' ? 'concepts' : 'companies'}/${id}/runs`;
  // To the run that stands for all of them.
  const start = () =>
    sync.mutate({ path }, { onSuccess: (run) => void navigate({ to: '/runs/$runId', params: { runId: run.id } }) });
  if (!may.operate) return null;
  return (
    <>
      {sync.error === null ? null : (
        <span className="row-problem small" role="alert">
          {sync.error.message}
        </span>
      )}
      <Button variant="default" size="compact-sm" loading={sync.isPending} onClick={start}>
        {places.sync}
        <span className="hidden"> {name}</span>
      </Button>
    </>
  );
}
