// Pausing a schedule, with the reason that whoever wonders later will read.
import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { ShownConfig } from '../../api-types.ts';
import { Problem } from '../../parts/problem.tsx';
import { useConfigCall } from '../../queries/configs.ts';
import { useWords } from '../../words/words.ts';

interface PauseProps {
  configId: string;
  isOpen: boolean;
  onClose(): void;
}

export function PauseDialog({ configId, isOpen, onClose }: PauseProps): ReactNode {
  const { app, integration } = useWords();
  const { schedule } = useWords().edit;
  const pause = useConfigCall<ShownConfig>(configId);
  const [reason, setReason] = useState('');
  const send = (event: FormEvent) => {
    event.preventDefault();
    const body = reason.trim() === '' ? {} : { reason: reason.trim() };
    pause.mutate({ verb: 'pause', body }, { onSuccess: onClose });
  };
  return (
    <Modal opened={isOpen} onClose={onClose} title={schedule.pauseTitle} closeButtonProps={{ 'aria-label': app.close }}>
      <form className="form" onSubmit={send}>
        <p>{schedule.pauseText}</p>
        <TextInput
          data-autofocus
          label={schedule.pauseReason}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {pause.error === null ? null : <Problem error={pause.error} />}
        <Button type="submit" loading={pause.isPending}>
          {integration.pause}
        </Button>
      </form>
    </Modal>
  );
}
