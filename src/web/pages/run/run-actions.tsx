// What can be done with a run that ended: again, in full, from the stored answer, or copied for support.
import { Button, Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Run } from '../../api-types.ts';
import { Icon } from '../../look/icon.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { isEnded, useRunCall } from '../../queries/runs.ts';
import type { Words } from '../../words/en.ts';
import { utc } from '../../words/quantities.ts';
import { resultText } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';

export function RunActions({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const navigate = useNavigate();
  const call = useRunCall();
  const start = (path: string, body?: unknown) =>
    call.mutate(
      { path, body },
      { onSuccess: ({ id }) => void navigate({ to: '/runs/$runId', params: { runId: id } }) },
    );
  const isRedone = ['failed', 'interrupted', 'cancelled'].includes(run.status);
  const { config_id: configId } = run;
  return (
    <>
      {call.error === null ? null : (
        <span className="row-problem small" role="alert">
          {call.error.message}
        </span>
      )}
      <CopyButton text={supportText(run, words)} label={words.run.copy} />
      {!isEnded(run) || configId === null ? null : (
        <>
          <Menu>
            <Menu.Target>
              <Button variant="default" px={9} aria-label={words.integration.more}>
                <Icon name="dots" />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => start(`/configs/${configId}/runs`, { full: true })}>{words.run.full}</Menu.Item>
              <Menu.Item onClick={() => start(`/runs/${run.id}/replay`)}>{words.run.replay}</Menu.Item>
              <Menu.Item onClick={() => void navigate({ to: '/integrations/$configId', params: { configId } })}>
                {words.run.integration}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
          <Button
            variant={isRedone ? 'filled' : 'default'}
            loading={call.isPending}
            onClick={() => start(isRedone ? `/runs/${run.id}/retry` : `/configs/${configId}/runs`)}
          >
            {words.run.retry}
          </Button>
        </>
      )}
    </>
  );
}

/** The run as text to paste into a message; no secret is in any of it. */
function supportText(run: Run, words: Words): string {
  const { error } = run;
  return [
    `tillsync run ${run.id}`,
    `${run.source_name ?? ''} · ${run.status} · ${run.trigger} · attempt ${run.attempt}`,
    `${utc(run.created_at)} – ${run.finished_at === null ? '…' : utc(run.finished_at)}`,
    resultText(run, words),
    ...(error === null ? [] : [`${error.code}: ${error.message}`, error.effect, error.hint]),
    ...run.notes,
  ].join('\n');
}
