// What else can be done with an integration: compare every item, plan only, test, pause.
import { Button, Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { ShownConfig } from '../../api-types.ts';
import { Icon } from '../../look/icon.tsx';
import { useConfigCall } from '../../queries/configs.ts';
import { useMay } from '../../queries/may.ts';
import { useRunCall } from '../../queries/runs.ts';
import { useWords } from '../../words/words.ts';
import { PauseDialog } from './pause-dialog.tsx';
import { ScheduleDialog } from './schedule-dialog.tsx';

export function MoreActions({ config, onTest }: { config: ShownConfig; onTest(): void }): ReactNode {
  const { integration, schedule, edit } = useWords();
  const may = useMay();
  const [isScheduling, setScheduling] = useState(false);
  const [isPausing, setPausing] = useState(false);
  const navigate = useNavigate();
  const start = useRunCall();
  const change = useConfigCall<ShownConfig>(config.id);
  const isPaused = config.schedule.paused_at !== null;
  const run = (body: { full?: boolean; dry_run?: boolean }) =>
    start.mutate(
      { path: `/configs/${config.id}/runs`, body },
      { onSuccess: ({ id }) => void navigate({ to: '/runs/$runId', params: { runId: id } }) },
    );
  const error = start.error ?? change.error;
  if (!may.operate) return null;
  return (
    <>
      {error === null ? null : (
        <span className="row-problem small" role="alert">
          {error.message}
        </span>
      )}
      <PauseDialog configId={config.id} isOpen={isPausing} onClose={() => setPausing(false)} />
      <ScheduleDialog configId={config.id} isOpen={isScheduling} onClose={() => setScheduling(false)} />
      <Menu>
        <Menu.Target>
          <Button variant="default" px={9} aria-label={integration.more}>
            <Icon name="dots" />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={onTest}>{integration.test}</Menu.Item>
          {may.administer ? (
            <>
              <Menu.Item
                onClick={() =>
                  void navigate({ to: '/integrations/$configId/settings', params: { configId: config.id } })
                }
              >
                {edit.settings.edit}
              </Menu.Item>
              <Menu.Item onClick={() => setScheduling(true)}>{schedule.change}</Menu.Item>
            </>
          ) : null}
          {config.source_id === null ? null : (
            <>
              <Menu.Item onClick={() => run({ full: true })}>{integration.full}</Menu.Item>
              <Menu.Item onClick={() => run({ dry_run: true })}>{integration.dryRun}</Menu.Item>
              <Menu.Item onClick={() => (isPaused ? change.mutate({ verb: 'resume' }) : setPausing(true))}>
                {isPaused ? integration.resume : integration.pause}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
