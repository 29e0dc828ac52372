// Sync now: answers at once, becomes the run that is under way, and never stays disabled.
import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Config, Run } from '../../api-types.ts';
import { Icon } from '../../look/icon.tsx';
import { useMay } from '../../queries/may.ts';
import { useRunCall } from '../../queries/runs.ts';
import { useWords } from '../../words/words.ts';

interface SyncProps {
  config: Config;
  /** The run that is under way for its source. */
  active: Run | undefined;
  primary?: boolean;
  /** On the integration's own page the live panel takes its place. */
  onStarted?: (run: Run) => void;
}

export function SyncButton({ config, active, primary = false, onStarted }: SyncProps): ReactNode {
  const words = useWords();
  const navigate = useNavigate();
  const start = useRunCall();
  const may = useMay();
  if (config.source_id === null || (!may.operate && active === undefined)) return null;
  if (active !== undefined || start.isPending) {
    const runId = active?.id;
    return (
      <Button
        variant="light"
        leftSection={<Icon name="run" size={14} />}
        onClick={() => runId !== undefined && void navigate({ to: '/runs/$runId', params: { runId } })}
      >
        {start.isPending || active?.status === 'queued' ? words.integrations.syncing : words.integrations.watch}
        <span className="hidden"> {config.name}</span>
      </Button>
    );
  }
  return (
    <>
      <Button
        variant={primary ? 'filled' : 'default'}
        onClick={() => start.mutate({ path: `/configs/${config.id}/runs` }, { onSuccess: (run) => onStarted?.(run) })}
      >
        {words.integrations.syncNow}
        <span className="hidden"> {config.name}</span>
      </Button>
      {start.error === null ? null : (
        <span className="row-problem small" role="alert">
          {start.error.message}
        </span>
      )}
    </>
  );
}
