// Sync now for everything of a concept or company.
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLevelSync } from '../../queries/level-runs.ts';
import { useMay } from '../../queries/may.ts';
import { useWords } from '../../words/words.ts';

interface LevelProps {
  level: 'concept' | 'company';
  id: number;
  name: string;
}

export function LevelSync({ level, id, name }: LevelProps): ReactNode {
  const { places } = useWords().edit;
  const sync = useLevelSync();
  const may = useMay();
  if (!may.operate) return null;
  return (
    <>
      {sync.error === null ? null : (
        <span className="row-problem small" role="alert">
          {sync.error.message}
        </span>
      )}
      <Button variant="default" size="compact-sm" loading={sync.isPending} onClick={() => sync.start(level, id)}>
        {places.sync}
        <span className="hidden"> {name}</span>
      </Button>
    </>
  );
}
