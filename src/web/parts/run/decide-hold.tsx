// The decision on a plan that waits: approve by typing its number of changes, or discard it.
import { Button, Modal, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Run } from '../../api-types.ts';
import { useMay } from '../../queries/may.ts';
import { useRunCall } from '../../queries/runs.ts';
import { changesOf } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';
import { Problem } from '../problem.tsx';

/** Whether somebody may still decide on the plan of a run. */
function isWaiting(run: Run): boolean {
  return ['held', 'planned'].includes(run.status) && (run.hold?.resolution ?? null) === null;
}

type Question = 'approve' | 'discard' | null;

export function DecideHold({ run }: { run: Run }): ReactNode {
  const { holds } = useWords();
  const [question, setQuestion] = useState<Question>(null);
  const may = useMay();
  if (!isWaiting(run) || !may.operate) return null;
  const close = () => setQuestion(null);
  return (
    <div className="decide">
      <Button onClick={() => setQuestion('approve')}>{holds.approve}</Button>
      <Button variant="default" onClick={() => setQuestion('discard')}>
        {holds.discard}
      </Button>
      <Ask title={holds.approveTitle} isOpen={question === 'approve'} onClose={close}>
        <Approve run={run} onDone={close} />
      </Ask>
      <Ask title={holds.discardTitle} isOpen={question === 'discard'} onClose={close}>
        <Discard run={run} onDone={close} />
      </Ask>
    </div>
  );
}

interface AskProps {
  title: string;
  isOpen: boolean;
  onClose(): void;
  children: ReactNode;
}

function Ask({ title, isOpen, onClose, children }: AskProps): ReactNode {
  const { app } = useWords();
  return (
    <Modal opened={isOpen} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': app.close }}>
      {children}
    </Modal>
  );
}

interface AnswerProps {
  run: Run;
  onDone(): void;
}

function Approve({ run, onDone }: AnswerProps): ReactNode {
  const { holds } = useWords();
  const navigate = useNavigate();
  const approve = useRunCall();
  const [typed, setTyped] = useState('');
  const changes = changesOf(run);
  const isRight = typed.replace(/[.,\s]/g, '') === String(changes);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!isRight) return;
    approve.mutate(
      { path: `/runs/${run.id}/approve`, body: { confirm: changes } },
      {
        onSuccess: ({ id }) => {
          onDone();
          void navigate({ to: '/runs/$runId', params: { runId: id } });
        },
      },
    );
  };
  return (
    <form className="form" onSubmit={send}>
      <p>{holds.approveText(changes)}</p>
      <TextInput
        data-autofocus
        label={holds.typeIt}
        inputMode="numeric"
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {approve.error === null ? null : <Problem error={approve.error} />}
      <Button type="submit" disabled={!isRight} loading={approve.isPending}>
        {holds.approveButton(changes)}
      </Button>
    </form>
  );
}

function Discard({ run, onDone }: AnswerProps): ReactNode {
  const { holds } = useWords();
  const discard = useRunCall();
  return (
    <div className="form">
      <p>{holds.discardText}</p>
      {discard.error === null ? null : <Problem error={discard.error} />}
      <Button
        data-autofocus
        loading={discard.isPending}
        onClick={() => discard.mutate({ path: `/runs/${run.id}/discard` }, { onSuccess: onDone })}
      >
        {holds.discard}
      </Button>
    </div>
  );
}
